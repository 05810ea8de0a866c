/** The challenges: a list, the desk of each, and the result of a grading. */
import type { Request, RequestHandler, Response } from 'express'
import type { Challenge } from '../../catalog/types.ts'
import { isClosed } from '../../exams/mock.ts'
import { contentOf, pinnedContent } from '../../grading/content-in-force.ts'
import { t } from '../../i18n/translate.ts'
import { LabRefusal } from '../../labs/types.ts'
import { actOn, attemptsOf } from '../../practice/act-on-attempt.ts'
import { bestScore, closed, hasCard, hinted } from '../../practice/attempts.ts'
import { scoreOfGrading } from '../../practice/golf.ts'
import { type GradedToday, gradedToday, madeBefore } from '../../practice/graded-today.ts'
import { changeHint, changeLevels, openedLevel, solutionsHint } from '../../practice/hints.ts'
import { locksOf, refuseLocked } from '../../practice/locks.ts'
import { newSeed, openAttempt } from '../../practice/open-attempt.ts'
import { waysOnFrom } from '../../practice/own-track.ts'
import { openRun, sealRun } from '../../practice/shared-runs.ts'
import { inTextsOf } from '../../practice/texts-of-result.ts'
import { verify } from '../../practice/verify.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { isPractice, practiceSeat, type Seat } from '../../seat.ts'
import { may } from '../../sittings/roles.ts'
import { dayOfDaily } from '../../storage/daily-schema.ts'
import { gradedRun } from '../../storage/evidence.ts'
import type { Attempt, Grading, Mock } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'
import { deskPages, type FindDesk, notGraded } from '../desk/desk.ts'
import { doneOf } from '../done.ts'
import { field, query } from '../form.ts'
import { marksOf } from '../marks.ts'
import { timeScripts } from '../scripts.ts'
import { siteOrigin } from '../site-origin.ts'
import { workOf } from '../work.ts'
import { createAftermath, tellEdit } from './aftermath.ts'
import { createCards } from './card.ts'
import { branchNamed, faultedChecks, type RunModel, viewRun, viewThen, type WantedMoment } from './run.ts'
import {
  type ChangeModel,
  isOver,
  otherCommands,
  viewBefore,
  viewIndex,
  viewResult,
  viewShared,
  viewToday,
} from './view.ts'

type Page =
  | 'index'
  | 'show'
  | 'act'
  | 'draft'
  | 'grading'
  | 'result'
  | 'change'
  | 'verify'
  | 'today'
  | 'giveUp'
  | 'card'
  | 'share'
  | 'sharedRun'
  | 'sharedCard'

export function challengePages(deps: AppDeps): Record<Page, RequestHandler> {
  const aftermath = createAftermath(deps)
  const cards = createCards(deps)
  const findDesk: FindDesk = async (req, res) => {
    const { exercise, seat } = contextOf(res)
    const challenge = await pinnedContent(deps, seat, getChallenge(deps, req))
    const desk = { task: { challenge }, href: `/challenges/${challenge.id}`, section: 'challenges' as const }
    if (!exercise) return { ...desk, isOpenBook: true }
    return { ...desk, isOpenBook: false, sat: { showsChecks: exercise.showsChecks } }
  }
  return {
    ...deskPages(deps, findDesk),

    index: async (req, res) => {
      const { attempts } = await workOf(deps, res)
      deps.renderer.send(req, res, {
        template: 'challenges/index',
        title: t('Challenges'),
        section: 'challenges',
        model: viewIndex(req, deps.catalog(), attempts, bestScore),
      })
    },

    grading: async (req, res) => {
      const challenge = getChallenge(deps, req)
      const { seat } = contextOf(res)
      const attempt = (await attemptsOf(deps, seat)).find(({ id }) => id === String(req.params.attempt))
      const standing = attempt?.challengeId === challenge.id ? await deps.gradings.standing(seat, attempt) : undefined
      if (!attempt || !standing) throw notFound(t('This result'))
      if (standing.is === 'graded')
        return redirectTo(req, res, `/challenges/${challenge.id}/results/${attempt.id}/${standing.number}`)
      deps.renderer.send(req, res, {
        template: 'challenges/grading',
        partial: 'challenges/grading-state',
        title: t('Being graded: {title}', { title: challenge.title }),
        section: 'challenges',
        model: {
          id: challenge.id,
          title: challenge.title,
          locale: challenge.locale,
          address: `/challenges/${challenge.id}/grading/${attempt.id}`,
          problem: standing.is === 'refused' ? notGraded(standing) : '',
          hasWaited: standing.is === 'waiting' && standing.tries > 1,
        },
      })
    },

    result: async (req, res) => {
      const { seat } = contextOf(res)
      const { challenge, ...graded } = await findGrading(req, seat)
      if (!isHtmx(req)) return sendResult(req, res, challenge, seat, graded)
      const run = await runOf(req, challenge, seat, graded)
      if (!run) throw notFound(t('This run'))
      if (query(req, 'in') === 'desk')
        return deps.renderer.send(req, res, {
          template: 'desk/cluster',
          partial: 'desk/cluster',
          title: challenge.title,
          section: 'challenges',
          model: { cluster: viewThen(run, graded.desk) },
        })
      deps.renderer.send(req, res, {
        template: 'challenges/run',
        partial: 'challenges/run',
        title: challenge.title,
        section: 'challenges',
        model: { run },
      })
    },

    change: async (req, res) => {
      const { seat } = contextOf(res)
      const { challenge, attempt, grading, number, ...place } = await findGrading(req, seat)
      const check = field(req, 'check')
      const level = Number(field(req, 'level'))
      if (!isOffered(grading, check)) throw notFound(t('This check'))
      if (gradedRun(attempt, grading).proof === 'differs') throw new HttpProblem(409, t(otherCommands))
      if (level !== openedLevel(attempt.hintsOpened, check) + 1 || level > changeLevels.length)
        throw new HttpProblem(422, t('This step is open already, or another one comes first. Reload the page.'))
      // What cannot be told costs nothing.
      const found = await aftermath.changeFor(seat.participantId, challenge, attempt, number, check)
      const opened = found
        ? await actOn(deps, attempt, ({ id }) => [hinted(challenge, id, changeHint(check, level))])
        : attempt
      const address = `/challenges/${challenge.id}/results/${attempt.id}/${number}`
      if (isHtmx(req))
        await sendResult(req, res, challenge, seat, { ...place, attempt: opened, grading, number }, { only: check })
      else res.redirect(303, `${address}${found ? '' : `?none=${encodeURIComponent(check)}`}#test-${check}`)
    },

    verify: async (req, res) => {
      const { learnerId, seat } = contextOf(res)
      const { challenge, ...graded } = await findGrading(req, seat)
      const problem = await verify(deps, learnerId, challenge, graded.attempt, graded.number).catch(
        (error: unknown) => {
          if (error instanceof LabRefusal) return t('Not graded, no try used. {why}', { why: error.message })
          throw error
        },
      )
      if (problem === undefined) redirectTo(req, res, addressOf(challenge, graded.attempt, graded.number))
      else await sendResult(req, res, challenge, seat, graded, { problem: t(problem) })
    },

    today: async (req, res) => {
      const { learnerId, seat } = contextOf(res)
      const { challenge, ...graded } = await findGrading(req, seat)
      const present = getChallenge(deps, req)
      if (!beforeOf(present, seat, graded)) throw notFound(t('This page'))
      try {
        const today = await gradedToday(deps, learnerId, { former: challenge, present }, graded.attempt, graded.grading)
        await sendResult(req, res, challenge, seat, graded, { today })
      } catch (error) {
        if (!(error instanceof LabRefusal)) throw error
        const problem = t('It could not be graded right now, and the result stands. {why}', { why: error.message })
        await sendResult(req, res, challenge, seat, graded, { problem })
      }
    },

    share: async (req, res) => {
      const { seat } = contextOf(res)
      // What is done in a workshop is its people's own affair.
      if (!isPractice(seat)) throw notFound(t('This page'))
      const { challenge, attempt, grading, number } = await findGrading(req, seat)
      const on = field(req, 'on')
      const isOn = on === 'yes' || on === 'golf'
      const run = `${attempt.id}/${number}`
      await deps.journals.write(seat, ({ shared = [] }) =>
        shared.includes(run) === isOn
          ? []
          : [
              {
                act: 'shared',
                item: `challenge:${challenge.id}`,
                data: { attempt: attempt.id, grading: number, isOn },
              },
            ],
      )
      const shown = { learnerId: contextOf(res).learnerId, attempt: attempt.id, grading: number }
      const isInGolf = isOn && (on === 'golf' || field(req, 'golf') === 'yes') && hasCard(attempt, grading)
      if (isInGolf)
        await deps.storage.golf.show(challenge.id, { ...shown, ...scoreOfGrading(challenge, attempt, grading) })
      else await deps.storage.golf.hide(challenge.id, shown)
      redirectTo(req, res, `${addressOf(challenge, attempt, number)}#share`)
    },

    card: async (req, res) => {
      const { seat } = contextOf(res)
      await cards.send(res, seat.participantId, await findGrading(req, seat))
    },

    sharedRun: async (req, res) => {
      const { challenge, attempt, grading, number } = await findShared(req, res)
      const page = `/runs/${String(req.params.run)}`
      const graded = { attempt, grading, number, desk: `/challenges/${challenge.id}` }
      const run = await runOf(req, challenge, contextOf(res).seat, graded, page)
      const isPart = isHtmx(req) && run !== undefined
      deps.renderer.send(req, res, {
        template: 'challenges/shared',
        ...(isPart ? { partial: 'challenges/run' } : {}),
        title: t('A run: {title}', { title: challenge.title }),
        section: 'challenges',
        scripts: timeScripts,
        model: {
          run,
          card: hasCard(attempt, grading) ? `${page}/card.svg` : undefined,
          ...viewShared(challenge, attempt, grading),
        },
      })
    },

    sharedCard: async (req, res) => {
      await cards.send(res, contextOf(res).seat.participantId, await findShared(req, res), true)
    },

    giveUp: async (req, res) => {
      const { seat } = contextOf(res)
      const { challenge, attempt, number } = await findGrading(req, seat)
      await actOn(deps, attempt, ({ id }) => [closed(challenge, id, 'gave-up'), hinted(challenge, id, solutionsHint)])
      // What was shown is no task any more: the next one is another variant.
      if (attempt.state === 'open' && attempt.mock === undefined)
        await openAttempt(
          deps,
          seat,
          { challenge: getChallenge(deps, req) },
          { seed: await newSeed(deps, seat, challenge) },
        )
      redirectTo(req, res, `/challenges/${challenge.id}/results/${attempt.id}/${number}#debrief`)
    },
  }

  /** Read by anybody who has the link, on their own account: what it takes to show it is theirs. */
  async function findShared(req: Request, res: Response) {
    const named = openRun(deps.secret, String(req.params.run))
    const owner = named && practiceSeat(named.learnerId)
    const work = owner && (await deps.journals.work(owner))
    const attempt = work?.attempts.find(({ id }) => id === named!.attempt)
    const grading = attempt?.gradings[named!.grading - 1]
    const present = attempt && deps.catalog().challenges.get(attempt.challengeId)
    const isShared = work?.shared?.includes(`${named!.attempt}/${named!.grading}`)
    if (!isShared || !attempt || !grading || !present) throw notFound(t('This run'))
    refuseLocked(await locksOf(deps, contextOf(res).learnerId), `challenge:${present.id}`)
    const challenge = (await contentOf(deps, present, grading.result.contentHash)) ?? present
    return { challenge, attempt, grading, number: named!.grading }
  }

  /** With the challenge as it was when that was graded. */
  async function findGrading(req: Request, seat: Seat): Promise<Graded & { challenge: Challenge }> {
    const present = getChallenge(deps, req)
    const id = String(req.params.attempt).replace(/[^a-z0-9]/g, '') || 'x'
    const number = Number(req.params.number)
    const { attempts, mocks } = await deps.journals.work(seat)
    const attempt = attempts.find((one) => one.id === id)
    const grading = attempt?.challengeId === present.id ? attempt.gradings[number - 1] : undefined
    if (!attempt || !grading) throw notFound(t('This result'))
    const challenge = (await contentOf(deps, present, grading.result.contentHash)) ?? present
    const mock = mocks.find((one) => one.id === attempt.mock)
    return { challenge, attempt, grading, number, ...whereItWasDone(attempt, mock, deps.now()) }
  }

  async function sendResult(
    req: Request,
    res: Response,
    challenge: Challenge,
    seat: Seat,
    graded: Graded,
    /** `only`, with htmx: the check of which alone is drawn again. `problem`: why it was not verified, or not graded again. */
    { only, problem, today }: { only?: string; problem?: string; today?: GradedToday } = {},
  ): Promise<void> {
    const { attempt, grading, number, desk, exam, daily } = graded
    const isDue = isOver(attempt, grading) || exam?.isClosed === true
    const role = isPractice(seat) ? 'learner' : 'participant'
    const isTold = may(role, 'see-solutions', 'open', isDue ? ['due'] : [])
    const changes = new Map<string, ChangeModel>()
    const failed = isTold ? [] : grading.result.tests.filter(({ id }) => isOffered(grading, id))
    for (const { id } of failed) {
      const level = openedLevel(attempt.hintsOpened, id)
      const isNone = query(req, 'none') === id || (only === id && level === 0)
      const edits =
        level > 0 ? await aftermath.changeFor(seat.participantId, challenge, attempt, number, id) : undefined
      const next = changeLevels[level]
      changes.set(id, {
        lines: isNone ? [] : edits?.map((edit) => tellEdit(edit, level)),
        next: isNone || !next ? undefined : { level: level + 1, ...next },
      })
    }
    const solutions =
      isTold && only === undefined ? await aftermath.solutions(seat.participantId, challenge, attempt, number) : []
    const done = await doneOf(deps, res)
    const item = `challenge:${challenge.id}`
    const address = addressOf(challenge, attempt, number)
    const result = {
      ...viewResult(challenge, attempt, grading, { page: address, changes, solutions, isTold }),
      desk,
      exam,
      daily,
      replay:
        seat.sittingId === practiceSeat(seat.learnerId).sittingId && attempt.mock === undefined
          ? `/challenges/${challenge.id}/replay/${attempt.id}`
          : undefined,
      isFormer: isFormer(deps, challenge) || grading.result.contentHash !== challenge.hash,
    }
    deps.renderer.send(req, res, {
      template: 'challenges/result',
      ...(only === undefined ? {} : { partial: 'challenges/test' }),
      title: t('Result: {title}', { title: challenge.title }),
      status: problem === undefined ? 200 : 422,
      section: 'challenges',
      scripts: timeScripts,
      model:
        only === undefined
          ? {
              result,
              unverified: problem,
              before: viewBefore(beforeOf(getChallenge(deps, req), seat, graded)),
              today: today && viewToday(today),
              card: hasCard(attempt, grading) ? `${address}/card.svg` : undefined,
              share: await shareOf(req, seat, attempt, grading, number),
              run: await runOf(req, challenge, seat, graded),
              address,
              marks: marksOf(done.book, item, req.originalUrl),
              onTracks: isTold ? waysOnFrom(deps.catalog(), item, done, { isFirst: true }) : [],
            }
          : { ...result.tests.find(({ id }) => id === only)!, address },
    })
  }

  /** The link to the run, as it stands in the browser's own address; null while it is not shared. Runs of workshops are not. */
  async function shareOf(
    req: Request,
    { learnerId, ...seat }: Seat,
    attempt: Attempt,
    grading: Grading,
    number: number,
  ) {
    if (!isPractice({ learnerId, ...seat })) return undefined
    const { shared = [] } = await deps.journals.work(seat)
    const isOn = shared.includes(`${attempt.id}/${number}`)
    const name = sealRun(deps.secret, { learnerId, attempt: attempt.id, grading: number })
    const cards = isOn ? await deps.storage.golf.ofLearner(learnerId) : []
    return {
      url: isOn ? `${siteOrigin(req, deps.config)}/runs/${name}` : null,
      canGolf: hasCard(attempt, grading),
      isInGolf: cards.some((card) => card.attempt === attempt.id && card.grading === number),
    }
  }

  /** The moment of the run that the address asks for; undefined when nothing was run. A cluster that is refused leaves the rest to be seen. */
  async function runOf(
    req: Request,
    challenge: Challenge,
    { participantId }: Seat,
    { attempt, grading, number }: Graded,
    address = addressOf(challenge, attempt, number),
  ): Promise<RunModel | undefined> {
    if (!grading.result.gradable) return undefined
    const wanted = wantedMoment(req, challenge, grading)
    const told = { ...grading, result: inTextsOf(challenge, grading.result) }
    const { seed, log, proof } = gradedRun(attempt, grading)
    if (proof === 'differs') return viewRun(address, attempt, told, wanted, { problem: t(otherCommands) })
    const shown = await deps.labs
      .moment(participantId, {
        spec: challenge.spec,
        contentHash: challenge.hash,
        seed,
        log,
        stateHash: grading.result.stateHash,
        after: wanted.after?.id,
        atMs: wanted.atMs ?? wanted.after?.course?.endMs,
      })
      .catch((error: unknown) => {
        if (!(error instanceof LabRefusal)) throw error
        return { problem: error.message }
      })
    return viewRun(address, attempt, told, wanted, shown)
  }
}

/** Undefined as well where others decide what is graded again, and while an exam is on. */
const beforeOf = (present: Challenge, seat: Seat, { attempt, grading, exam }: Graded) =>
  isPractice(seat) && exam?.isClosed !== false ? madeBefore(present, attempt, grading) : undefined

const addressOf = ({ id }: Challenge, attempt: Attempt, number: number): string =>
  `/challenges/${id}/results/${attempt.id}/${number}`

function wantedMoment(req: Request, challenge: Challenge, grading: Grading): WantedMoment {
  const [at, id] = [query(req, 'at'), query(req, 'after')]
  if (at !== '' && !/^\d{1,7}(\.\d{1,3})?$/.test(at))
    throw new HttpProblem(400, t('A moment is a number of seconds since the hand-over, such as ?at=12.5.'))
  const faulted = faultedChecks(challenge)
  const after = id === '' ? undefined : branchNamed(grading, faulted, id)
  if (id !== '' && !after) throw notFound(t('This run'))
  return { faulted, after, atMs: at === '' ? undefined : Math.round(Number(at) * 1000) }
}

interface Graded {
  attempt: Attempt
  grading: Grading
  number: number
  /** The page on which its task is worked on. */
  desk: string
  /** Of the incident of a day: where its squares stand. */
  daily?: string
  /** Of a task of an exam: where that is, and whether everything may be told of it. */
  exam?: { href: string; isClosed: boolean }
}

/** In practice, or in an exam; one that was removed has left its attempts behind. */
function whereItWasDone(
  { challengeId, mock: id }: Attempt,
  mock: Mock | undefined,
  nowMs: number,
): Pick<Graded, 'desk' | 'daily' | 'exam'> {
  const practice = `/challenges/${challengeId}`
  if (id === undefined) return { desk: practice }
  const day = dayOfDaily(id)
  if (day !== undefined) return { desk: `/daily/${day}`, daily: `/daily/${day}/result` }
  const href = mock ? `/study/hands-on/${mock.id}` : '/study/hands-on'
  const isOpen = mock !== undefined && !isClosed(mock, nowMs)
  const place = mock?.tasks?.findIndex((task) => task.challengeId === challengeId) ?? -1
  return { desk: isOpen ? `${href}/tasks/${place + 1}` : practice, exam: { href, isClosed: !isOpen } }
}

/** A change is offered for a failed check that learners see. */
const isOffered = ({ result }: Grading, check: string): boolean =>
  result.gradable && result.tests.some(({ id, status, hidden }) => id === check && status === 'fail' && !hidden)

function getChallenge(deps: AppDeps, req: Request): Challenge {
  const id = String(req.params.id)
  const challenge = deps.catalog().challenges.get(id)
  if (!challenge) throw notFound(t('The challenge "{name}"', { name: id }))
  return challenge
}

/** The challenge was changed since. */
const isFormer = (deps: AppDeps, { id, hash }: Challenge): boolean => deps.catalog().challenges.get(id)?.hash !== hash
