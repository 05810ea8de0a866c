/** Mock exams: set up, sat by the server's clock, handed in, judged, and looked back at. */
import type { Request, RequestHandler, Response } from 'express'
import type { Question } from '../../catalog/types.ts'
import { changedSince, isAnswered, isClosed, isJudged, markOf, type Said } from '../../exams/mock.ts'
import { examGroups, examPools } from '../../exams/pools.ts'
import { contentOfMock } from '../../grading/question-in-force.ts'
import { t } from '../../i18n/translate.ts'
import { LabRefusal } from '../../labs/types.ts'
import { isSimulated, judge, recordAnswers, whyMisfit, whyVoid } from '../../practice/mock-answers.ts'
import { actOnMock, judgedOf, removeMock, saidOf, seenAt, startMock } from '../../practice/mocks.ts'
import { whyNoAnswer } from '../../practice/no-answer.ts'
import { chanceOf } from '../../questions/chance.ts'
import { questionType } from '../../questions/registry.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import type { Seat } from '../../seat.ts'
import type { Mock, MockItem } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'
import { field, fields, query } from '../form.ts'
import { getMock, mocksOf, placeOf } from '../mocks.ts'
import { movedBy, readConfidence, tookMs } from '../question-view.ts'
import { scriptsOf } from '../scripts.ts'
import { printTime } from '../time.ts'
import {
  firstForm,
  maxMinutes,
  maxQuestions,
  modes,
  type Problems,
  poolTitles,
  readForm,
  readSetup,
  type SetupForm,
  sizes,
} from './setup.ts'
import { poolTitle, viewAsked, viewFrame, viewJudged, viewResults, viewRow } from './view.ts'

type Page = 'index' | 'create' | 'open' | 'show' | 'act' | 'finish' | 'handIn' | 'judge' | 'results' | 'remove'

/** Questions that are simulated before somebody who waits with script hears how far it is. */
const simulatedAtOnce = 4

const scripts = ['js/exam.js']

export function examPages(deps: AppDeps): Record<Page, RequestHandler> {
  return {
    index: async (req, res) => {
      const form = { ...firstForm, ...readAgain(req) }
      sendIndex(deps, req, res, { form, rows: await mocksOf(deps, res, 'exam') })
    },

    create: async (req, res) => {
      const form = readForm(req)
      const read = readSetup(form)
      if ('problems' in read) {
        const rows = await mocksOf(deps, res, 'exam')
        sendIndex(deps, req, res, { form, problems: read.problems, rows })
        return
      }
      const { pool, count, minutes, mode, seed } = read.setup
      const mock = await startMock(deps, contextOf(res).seat, field(req, 'once'), {
        kind: 'exam',
        pool,
        mode,
        groups: examGroups(deps.catalog(), pool),
        count,
        minutes: mode === 'training' ? null : minutes,
        seed,
      })
      if (!mock) {
        const rows = await mocksOf(deps, res, 'exam')
        const problems = { pool: t('There are no questions to draw from here. Choose another exam.') }
        sendIndex(deps, req, res, { form, problems, rows })
        return
      }
      redirectTo(req, res, hrefOf(mock))
    },

    open: async (req, res) => {
      const mock = await getMock(deps, req, res, 'exam')
      res.redirect(303, isClosed(mock, deps.now()) ? `${hrefOf(mock)}/results` : hrefOf(mock, mock.current))
    },

    show: async (req, res) => {
      const mock = await getMock(deps, req, res, 'exam')
      const place = placeOf(req, mock)
      if (isClosed(mock, deps.now())) {
        res.redirect(303, `${hrefOf(mock)}/results`)
        return
      }
      await sendQuestion(deps, req, res, mock, place, { startOver: query(req, 'fresh') === 'yes' })
    },

    act: async (req, res) => {
      const mock = await getMock(deps, req, res, 'exam')
      const place = placeOf(req, mock)
      if (isClosed(mock, deps.now())) {
        sendOver(deps, req, res, mock)
        return
      }
      await act(deps, req, res, mock, place)
    },

    finish: async (req, res) => {
      const mock = await getMock(deps, req, res, 'exam')
      if (isClosed(mock, deps.now())) {
        res.redirect(303, `${hrefOf(mock)}/results`)
        return
      }
      deps.renderer.send(req, res, {
        template: 'exams/finish',
        title: t('Hand in?'),
        section: 'study',
        scripts,
        model: { exam: viewFrame(await contentOfMock(deps, mock), mock, mock.current, deps.now()) },
      })
    },

    handIn: async (req, res) => {
      const mock = await getMock(deps, req, res, 'exam')
      const nowMs = deps.now()
      const handedIn = await actOnMock(deps, contextOf(res).seat, mock, (m) =>
        isClosed(m, nowMs) ? [] : [{ act: 'mock-handed-in', atMs: nowMs, data: { mock: m.id } }],
      )
      redirectTo(req, res, `${hrefOf(handedIn)}/results`)
    },

    judge: async (req, res) => {
      const mock = await getMock(deps, req, res, 'exam')
      if (!isClosed(mock, deps.now())) {
        redirectTo(req, res, hrefOf(mock))
        return
      }
      let problem: LabRefusal | undefined
      const judged = await judgeSome(deps, contextOf(res).seat, mock, {
        simulated: isHtmx(req) ? simulatedAtOnce : Number.POSITIVE_INFINITY,
        onRefusal: (refusal) => {
          problem = refusal
        },
      })
      if (isJudged(judged)) redirectTo(req, res, `${hrefOf(mock)}/results`)
      else sendJudging(deps, req, res, judged, problem)
    },

    results: async (req, res) => {
      const mock = await getMock(deps, req, res, 'exam')
      if (!isClosed(mock, deps.now())) {
        res.redirect(303, hrefOf(mock, mock.current))
        return
      }
      if (!isJudged(mock)) {
        sendJudging(deps, req, res, mock, undefined)
        return
      }
      // A server that was stopped between judging and entering has left that to be done.
      await recordAnswers(deps, contextOf(res).seat, mock)
      deps.renderer.send(req, res, {
        template: 'exams/results',
        title: t('Mock exam: {pool}', { pool: poolTitle(mock) }),
        section: 'study',
        model: {
          results: viewResults(await contentOfMock(deps, mock), mock, deps.now(), deps.catalog()),
          isUnfolded: query(req, 'show') === 'all',
        },
      })
    },

    remove: async (req, res) => {
      const mock = await getMock(deps, req, res, 'exam')
      await removeMock(deps, contextOf(res).seat, mock)
      redirectTo(req, res, '/study/exams')
    },
  }
}

const hrefOf = ({ id }: Mock, place?: number): string =>
  `/study/exams/${id}${place === undefined ? '' : `/questions/${place + 1}`}`

/** What an address names of the form, so that results can lead to the same exam again. */
function readAgain(req: Request): Partial<SetupForm> {
  const named = {
    seed: query(req, 'seed').slice(0, 40),
    pool: examPools.find((name) => name === query(req, 'pool')),
    mode: Object.keys(modes).find((name) => name === query(req, 'mode')),
    count: query(req, 'count').slice(0, 4),
    minutes: query(req, 'minutes').slice(0, 4),
  }
  const preset = Object.entries(sizes).find(
    ([, { count, minutes }]) =>
      String(count) === named.count && (named.minutes === '' || String(minutes) === named.minutes),
  )
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value))
  return named.count === '' ? given : { ...given, size: preset?.[0] ?? 'own' }
}

function sendIndex(
  deps: AppDeps,
  req: Request,
  res: Response,
  { form, problems, rows }: { form: SetupForm; problems?: Problems; rows: Mock[] },
): void {
  const catalog = deps.catalog()
  deps.renderer.send(req, res, {
    template: 'exams/index',
    title: t('Mock exams'),
    section: 'study',
    status: problems ? 422 : 200,
    model: {
      form,
      problems: problems ?? {},
      formId: deps.newId(),
      pools: examPools.map((pool) => ({
        value: pool,
        title: t(poolTitles[pool]),
        available: examGroups(catalog, pool).reduce((sum, { ids }) => sum + ids.length, 0),
      })),
      sizes,
      modes,
      maxQuestions,
      maxMinutes,
      rows: rows.map((mock) => viewRow(mock, deps.now())),
    },
  })
}

interface QuestionNotice {
  problem?: string
  /** Where the learner wanted to go with what was not saved. */
  onwards?: string
  /** What was sent and not saved. */
  given?: string[]
  /** Where the focus goes; nowhere: it stays on what was pressed. */
  focus?: 'title' | 'verdict' | 'nowhere'
  startOver?: boolean
}

async function sendQuestion(
  deps: AppDeps,
  req: Request,
  res: Response,
  mock: Mock,
  place: number,
  notice: QuestionNotice = {},
): Promise<void> {
  const catalog = await contentOfMock(deps, mock)
  const item = mock.items[place]!
  const question = catalog.questions.get(item.questionId)
  const given = notice.startOver ? [] : notice.given
  const asked = question && viewAsked(catalog, mock, given ? { ...item, given } : item, question)
  const misfit = question && whyMisfit(question, item)
  const isJudgedAlready = item.result !== null && item.result.verdict !== 'void' && !misfit
  deps.renderer.send(req, res, {
    template: 'exams/sitting',
    partial: 'exams/question',
    namesPage: true,
    title: t('Question {n} of {count}', { n: place + 1, count: mock.items.length }),
    section: 'study',
    status: notice.problem ? 422 : 200,
    scripts: [...scripts, ...scriptsOf(asked?.view.control)],
    model: {
      exam: viewFrame(catalog, mock, place, deps.now()),
      q: asked && {
        ...asked,
        place: `${mock.id}.${place + 1}`,
        startOver: `${hrefOf(mock, place)}?fresh=yes`,
      },
      judged: question && isJudgedAlready ? viewJudged(catalog, mock, item, question, deps.catalog()) : undefined,
      isVoid: whyVoid(item),
      misfit,
      isFlagged: item.isFlagged,
      isSaved: isAnswered(item, question),
      saved: markOf(item),
      shown: deps.now(),
      before: item.spentMs,
      problem: notice.problem,
      onwards: notice.onwards,
      focus: notice.problem ? 'nowhere' : (notice.focus ?? 'title'),
    },
  })
}

/** What the buttons of a question's page do, all of them with what was chosen so far. */
async function act(deps: AppDeps, req: Request, res: Response, mock: Mock, place: number): Promise<void> {
  const item = mock.items[place]!
  const content = await contentOfMock(deps, mock)
  const question = content.questions.get(item.questionId)
  const pressed = field(req, 'do')
  const sent = fields(req, 'answer')
  const order = movedBy(pressed, sent)
  const isExplicit = ['save', 'answer'].includes(pressed) || order !== undefined
  const shown = field(req, 'saved')
  const chosen = order ?? sent
  const given = pressed === 'clear' || isNothing(item, question, chosen) ? [] : chosen
  const whole = { given, confidence: readConfidence(field(req, 'confidence')) }
  const changed = !question ? {} : isExplicit || pressed === 'clear' ? whole : changedSince(shown, whole)
  const target = targetOf(pressed, mock, place)

  if (question && !item.result && changed.given) {
    const isBlank = !isAnswered({ given }, question)
    const isRefused = isBlank && (given.length > 0 || (isExplicit && !order))
    if (isRefused) {
      const onwards = target !== place ? hrefAt(mock, target) : undefined
      const why = whyNoAnswer(question, item.seed, sent) ?? questionType(question.type).blank
      const problem = t('Not saved. {problem}', { problem: t(why) })
      // A question is flagged because its answer is not finished.
      const flagged = pressed === 'flag' ? await toggleFlag(deps, contextOf(res).seat, mock, place) : mock
      if (pressed === 'keep') res.status(422).type('text').send(problem)
      else await sendQuestion(deps, req, res, flagged, place, { problem, onwards, given: sent })
      return
    }
  }

  const said: Said = {
    ...changed,
    flag: pressed === 'flag' ? !item.isFlagged : undefined,
    spentMs: spentMs(req, mock, deps.now()),
  }
  const nowMs = deps.now()
  const next = typeof target === 'number' ? target : place
  let saved = await actOnMock(deps, contextOf(res).seat, mock, (m) =>
    isClosed(m, nowMs) ? seenAt(m, nowMs) : saidOf(m, place, said, next),
  )
  if (isClosed(saved, nowMs)) {
    sendOver(deps, req, res, saved)
    return
  }
  const answered = saved.items[place]!
  if (pressed === 'keep') {
    res.type('text').send(markOf(answered))
    return
  }
  if (pressed === 'answer' && mock.mode === 'training' && answered.result === null) {
    const result = await judge(deps, content, contextOf(res).learnerId, saved, answered)
    saved = await actOnMock(deps, contextOf(res).seat, mock, (m) => judgedOf(m, place, answered, result))
    await recordAnswers(deps, contextOf(res).seat, saved)
  }
  if (target === 'finish') {
    redirectTo(req, res, `${hrefOf(mock)}/finish`)
    return
  }
  if (!isHtmx(req)) {
    res.redirect(303, `${hrefOf(mock, next)}${order ? '#question' : ''}`)
    return
  }
  if (next !== place) res.setHeader('HX-Push-Url', hrefOf(mock, next))
  const isPressedOn = pressed === 'flag' || order !== undefined
  await sendQuestion(deps, req, res, saved, next, {
    focus: pressed === 'answer' ? 'verdict' : isPressedOn ? 'nowhere' : 'title',
  })
}

function toggleFlag(deps: AppDeps, seat: Seat, mock: Mock, place: number): Promise<Mock> {
  const flag = !mock.items[place]!.isFlagged
  return actOnMock(deps, seat, mock, (m) => saidOf(m, place, { flag }))
}

/** Where a button leads: a question's place, the page where it is handed in, or nowhere else. */
function targetOf(pressed: string, { mode, items }: Mock, place: number): number | 'finish' {
  const last = items.length - 1
  const [, number] = /^go:(\d{1,3})$/.exec(pressed) ?? []
  if (number !== undefined) return Math.min(last, Math.max(0, Number(number) - 1))
  if (pressed === 'finish') return 'finish'
  if (pressed === 'prev') return Math.max(0, place - 1)
  const isOnward = pressed === 'next' || (pressed === 'save' && mode !== 'training')
  if (!isOnward) return place
  return place === last ? 'finish' : place + 1
}

const hrefAt = (mock: Mock, target: number | 'finish'): string =>
  target === 'finish' ? `${hrefOf(mock)}/finish` : hrefOf(mock, target)

/** True when nothing was said: no field is filled, or an order or manifest is sent as it was handed out. */
function isNothing({ seed }: MockItem, question: Question | undefined, sent: readonly string[]): boolean {
  if (sent.every((text) => text.trim() === '')) return true
  return (
    question?.type !== undefined &&
    questionType(question.type).untouched?.is(question.data, chanceOf(seed), sent) === true
  )
}

/** The time that was spent before the page was shown, and since: the form says both, and no more is believed than has passed. */
function spentMs(req: Request, { startedAtMs }: Mock, nowMs: number): number {
  const before = field(req, 'before')
  const spent = (/^\d{1,12}$/.test(before) ? Number(before) : 0) + (tookMs(field(req, 'shown'), nowMs) ?? 0)
  return Math.min(spent, Math.max(0, nowMs - startedAtMs))
}

function sendOver(deps: AppDeps, req: Request, res: Response, mock: Mock): void {
  const when = mock.endsAtMs !== null && mock.handedInAtMs === null ? mock.endsAtMs : (mock.handedInAtMs ?? 0)
  const at = printTime(when)
  const problem =
    mock.handedInAtMs === null
      ? t('The time was over at {at} UTC. What you sent came after it and does not count.', { at })
      : t('This exam was handed in at {at} UTC. What you sent came after it and does not count.', { at })
  if (field(req, 'do') === 'keep') {
    res.status(410).type('text').send(problem)
    return
  }
  deps.renderer.send(req, res, {
    template: 'exams/over',
    partial: 'exams/over',
    namesPage: true,
    title: t('The exam is closed'),
    section: 'study',
    status: 422,
    model: {
      title: t('The exam is closed'),
      problem,
      href: `${hrefOf(mock)}/results`,
      action: t('See the result'),
    },
  })
}

/** Judges what is not judged yet, one after the other, until as many were simulated as are wanted at once. */
async function judgeSome(
  deps: AppDeps,
  seat: Seat,
  mock: Mock,
  options: { simulated: number; onRefusal(refusal: LabRefusal): void },
): Promise<Mock> {
  const content = await contentOfMock(deps, mock)
  let judged = mock
  let simulated = 0
  for (const [place, item] of mock.items.entries()) {
    if (item.result) continue
    if (isSimulated(content, item) && simulated++ >= options.simulated) break
    try {
      const result = await judge(deps, content, seat.learnerId, mock, item)
      judged = await actOnMock(deps, seat, mock, (m) => judgedOf(m, place, item, result))
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      options.onRefusal(error)
      break
    }
  }
  await recordAnswers(deps, seat, judged)
  return judged
}

function sendJudging(deps: AppDeps, req: Request, res: Response, mock: Mock, problem: LabRefusal | undefined): void {
  deps.renderer.send(req, res, {
    template: 'exams/judging',
    partial: 'exams/judging-part',
    title: t('Judging your answers'),
    section: 'study',
    status: problem?.status ?? 200,
    model: {
      href: hrefOf(mock),
      done: mock.items.filter(({ result }) => result !== null).length,
      count: mock.items.length,
      problem: problem?.message,
    },
  })
}
