/** Mock interviews: open questions one after the other, answered in one's own words or aloud, and marked by oneself. */
import type { Request, RequestHandler, Response } from 'express'
import { interviewGroups } from '../../exams/pools.ts'
import { contentOfMock } from '../../grading/question-in-force.ts'
import { t } from '../../i18n/translate.ts'
import type { NewAct } from '../../journal/act.ts'
import type { KnownAct } from '../../journal/acts/registry.ts'
import { judge, recordAnswers } from '../../practice/mock-answers.ts'
import { actOnMock, judgedOf, removeMock, saidOf, startMock } from '../../practice/mocks.ts'
import { questionType } from '../../questions/registry.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import type { Mock } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'
import { field, fields, query } from '../form.ts'
import { getMock, mocksOf, placeOf, readSeed, seedProblem } from '../mocks.ts'
import { readConfidence, tookMs } from '../question-view.ts'
import { sectionChoices } from '../sections.ts'
import { printTime } from '../time.ts'
import { workOf } from '../work.ts'
import { askedOf, poolTitle, viewFrame, viewRow, viewStage, viewSummary } from './view.ts'

type Page = 'index' | 'create' | 'open' | 'show' | 'act' | 'summary' | 'remove'

const lengths = [5, 8]

const scripts = ['js/interview.js']

interface SetupForm {
  section: string
  count: string
  seed: string
}

type Problems = Partial<Record<keyof SetupForm, string>>

export function interviewPages(deps: AppDeps): Record<Page, RequestHandler> {
  return {
    index: async (req, res) => {
      const asked = {
        section: query(req, 'section'),
        count: query(req, 'count'),
        seed: query(req, 'seed').slice(0, 40),
      }
      const form = {
        section: sectionsOf(deps).some(({ value }) => value === asked.section) ? asked.section : 'all',
        count: lengths.includes(Number(asked.count)) ? asked.count : String(lengths[0]),
        seed: asked.seed,
      }
      await sendIndex(deps, req, res, form)
    },

    create: async (req, res) => {
      const form = {
        section: field(req, 'section'),
        count: field(req, 'count'),
        seed: field(req, 'seed').slice(0, 100),
      }
      const problems: Problems = {}
      if (!sectionsOf(deps).some(({ value }) => value === form.section))
        problems.section = t('Choose what you are asked about.')
      if (!lengths.some((length) => String(length) === form.count))
        problems.count = t('Choose how many questions you are asked.')
      const seed = readSeed(form.seed)
      if (seed === undefined) problems.seed = t(seedProblem)
      if (seed === undefined || Object.keys(problems).length > 0) {
        await sendIndex(deps, req, res, form, problems)
        return
      }
      const mock = await startMock(deps, contextOf(res).seat, field(req, 'once'), {
        kind: 'interview',
        pool: form.section,
        mode: 'training',
        groups: interviewGroups(deps.catalog(), form.section),
        count: Number(form.count),
        minutes: null,
        seed,
      })
      if (!mock) throw new Error(`section ${form.section} was offered, and has no interview question`)
      redirectTo(req, res, hrefOf(mock))
    },

    open: async (req, res) => {
      const mock = await getMock(deps, req, res, 'interview')
      res.redirect(303, mock.handedInAtMs === null ? hrefOf(mock, mock.current) : `${hrefOf(mock)}/summary`)
    },

    show: async (req, res) => {
      const mock = await getMock(deps, req, res, 'interview')
      await sendQuestion(deps, req, res, mock, placeOf(req, mock))
    },

    act: async (req, res) => {
      const mock = await getMock(deps, req, res, 'interview')
      const place = placeOf(req, mock)
      if (mock.handedInAtMs !== null) {
        sendOver(deps, req, res, mock, mock.handedInAtMs)
        return
      }
      await act(deps, req, res, mock, place)
    },

    summary: async (req, res) => {
      const mock = await getMock(deps, req, res, 'interview')
      if (mock.handedInAtMs === null) {
        res.redirect(303, hrefOf(mock, mock.current))
        return
      }
      // A server that was stopped between marking and entering has left that to be done.
      await recordAnswers(deps, contextOf(res).seat, mock)
      const { answers } = await workOf(deps, res)
      deps.renderer.send(req, res, {
        template: 'interviews/summary',
        title: t('Mock interview: {pool}', { pool: poolTitle(mock.pool) }),
        section: 'study',
        model: { summary: viewSummary(await contentOfMock(deps, mock), mock, answers, deps.catalog()) },
      })
    },

    remove: async (req, res) => {
      const mock = await getMock(deps, req, res, 'interview')
      await removeMock(deps, contextOf(res).seat, mock)
      redirectTo(req, res, '/study/interview')
    },
  }
}

const hrefOf = ({ id }: Mock, place?: number): string =>
  `/study/interview/${id}${place === undefined ? '' : `/questions/${place + 1}`}`

function sectionsOf(deps: AppDeps) {
  const groups = interviewGroups(deps.catalog(), 'all')
  const sections = sectionChoices().flatMap(([value, title]) => {
    const available = groups.find(({ id }) => id === value)?.ids.length ?? 0
    return available > 0 ? [{ value, title, available }] : []
  })
  const all = sections.reduce((sum, { available }) => sum + available, 0)
  return all > 0 ? [{ value: 'all', title: t('All sections'), available: all }, ...sections] : []
}

async function sendIndex(
  deps: AppDeps,
  req: Request,
  res: Response,
  form: SetupForm,
  problems: Problems = {},
): Promise<void> {
  const rows = await mocksOf(deps, res, 'interview')
  deps.renderer.send(req, res, {
    template: 'interviews/index',
    title: t('Mock interview'),
    section: 'study',
    status: Object.keys(problems).length > 0 ? 422 : 200,
    model: { form, problems, formId: deps.newId(), sections: sectionsOf(deps), lengths, rows: rows.map(viewRow) },
  })
}

async function sendQuestion(
  deps: AppDeps,
  req: Request,
  res: Response,
  mock: Mock,
  place: number,
  notice: { problem?: string; given?: string[] } = {},
): Promise<void> {
  const catalog = await contentOfMock(deps, mock)
  const item = mock.items[place]!
  const question = askedOf(catalog, item)
  deps.renderer.send(req, res, {
    template: 'interviews/sitting',
    partial: 'interviews/question',
    namesPage: true,
    title: t('Question {n} of {count}', { n: place + 1, count: mock.items.length }),
    section: 'study',
    status: notice.problem ? 422 : 200,
    scripts,
    model: {
      interview: viewFrame(mock, place),
      ...(question && viewStage(catalog, mock, place, question, notice.given ?? item.given, deps.catalog())),
      spentMs: item.spentMs,
      shown: deps.now(),
      isOver: mock.handedInAtMs !== null,
      problem: notice.problem,
    },
  })
}

async function act(deps: AppDeps, req: Request, res: Response, mock: Mock, place: number): Promise<void> {
  const item = mock.items[place]!
  const content = await contentOfMock(deps, mock)
  const question = askedOf(content, item)
  const pressed = field(req, 'do')
  const sent = fields(req, 'answer')
  // What was read may be older than what another tab has sent: an interview that is over stays as it was.
  const change = (by: (mock: Mock) => readonly NewAct<KnownAct>[]) =>
    actOnMock(deps, contextOf(res).seat, mock, (m) => (m.handedInAtMs === null ? by(m) : []))

  if (pressed === 'finish') {
    const nowMs = deps.now()
    await change(({ id }) => [{ act: 'mock-handed-in', atMs: nowMs, data: { mock: id } }])
    redirectTo(req, res, `${hrefOf(mock)}/summary`)
    return
  }
  if (pressed === 'show' && question && !item.result && item.given.length === 0) {
    const type = questionType(question.type)
    if (sent.length !== 1 || type.isBlank(question.data, sent)) {
      await sendQuestion(deps, req, res, mock, place, {
        problem: t('Not kept. {problem}', { problem: t(type.blank) }),
        given: sent.slice(0, 1),
      })
      return
    }
    const said = { given: sent, spentMs: tookMs(field(req, 'shown'), deps.now()) ?? 0 }
    const shown = await change((m) => (m.items[place]!.given.length > 0 ? [] : saidOf(m, place, said, place)))
    await goTo(deps, req, res, shown, place)
    return
  }
  if (pressed === 'mark' && question && !item.result && item.given.length > 0) {
    const type = questionType(question.type)
    // The words stay as they were when the model answer was shown.
    const given = [item.given[0]!, ...sent.slice(1)]
    if (type.isBlank(question.data, given)) {
      await sendQuestion(deps, req, res, mock, place, { problem: t('Not marked. Tick only what is in the list.') })
      return
    }
    const confidence = readConfidence(field(req, 'confidence'))
    const result = await judge(deps, content, contextOf(res).learnerId, mock, { ...item, given })
    const marked = await change((m) => judgedOf(m, place, { given, confidence }, result))
    await recordAnswers(deps, contextOf(res).seat, marked)
    await goOn(deps, req, res, marked, place)
    return
  }
  // Whatever was done already leads on.
  await goOn(deps, req, res, mock, place, pressed === 'skip')
}

/** To the next question; behind the last one the interview ends. */
async function goOn(
  deps: AppDeps,
  req: Request,
  res: Response,
  mock: Mock,
  place: number,
  isSkipped = false,
): Promise<void> {
  const isStay = mock.items[place]!.result === null && !isSkipped
  const next = isStay ? place : place + 1
  if (next < mock.items.length) {
    const moved = await actOnMock(deps, contextOf(res).seat, mock, (m) => saidOf(m, place, {}, next))
    await goTo(deps, req, res, moved, next)
    return
  }
  const nowMs = deps.now()
  await actOnMock(deps, contextOf(res).seat, mock, (m) =>
    m.handedInAtMs === null ? [{ act: 'mock-handed-in', atMs: nowMs, data: { mock: m.id } }] : [],
  )
  redirectTo(req, res, `${hrefOf(mock)}/summary`)
}

async function goTo(deps: AppDeps, req: Request, res: Response, mock: Mock, place: number): Promise<void> {
  if (!isHtmx(req)) {
    res.redirect(303, hrefOf(mock, place))
    return
  }
  res.setHeader('HX-Push-Url', hrefOf(mock, place))
  await sendQuestion(deps, req, res, mock, place)
}

function sendOver(deps: AppDeps, req: Request, res: Response, mock: Mock, atMs: number): void {
  deps.renderer.send(req, res, {
    template: 'exams/over',
    partial: 'exams/over',
    namesPage: true,
    title: t('The interview is over'),
    section: 'study',
    status: 422,
    model: {
      title: t('The interview is over'),
      problem: t('This interview ended at {at} UTC. What you sent came after it and was not kept.', {
        at: printTime(atMs),
      }),
      href: `${hrefOf(mock)}/summary`,
      action: t('See the summary'),
    },
  })
}
