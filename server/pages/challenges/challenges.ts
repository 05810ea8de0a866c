/** The challenges: a list, the workspace with its cluster, and the result of a grading. */
import type { Request, RequestHandler, Response } from 'express'
import type { Challenge } from '../../catalog/types.ts'
import { contentOf } from '../../grading/content-in-force.ts'
import { msg, t } from '../../i18n/translate.ts'
import type { NewAct } from '../../journal/act.ts'
import type { KnownAct } from '../../journal/acts/registry.ts'
import { LabRefusal, type WorkAction, type WorkResult } from '../../labs/types.ts'
import { lineOf } from '../../labs/views/command-line.ts'
import { actOn, attemptsOf } from '../../practice/act-on-attempt.ts'
import { answerFilesOf, handInAnswers } from '../../practice/answer-files.ts'
import { bestScore, digestOf, draftVersion, editOf, maxDraftLength } from '../../practice/attempts.ts'
import { mayChangeCluster } from '../../practice/changing-command.ts'
import { changeHint, changeLevels, openedLevel, solutionsHint } from '../../practice/hints.ts'
import { openAttempt, openOrUnsaved, work, workOn } from '../../practice/open-attempt.ts'
import { takeSeat } from '../../practice/take-seat.ts'
import { inTextsOf } from '../../practice/texts-of-result.ts'
import { trackStepsOf } from '../../practice/track-steps.ts'
import { verify } from '../../practice/verify.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import type { Seat } from '../../seat.ts'
import { unlessDamaged } from '../../storage/documents.ts'
import { gradedRun } from '../../storage/evidence.ts'
import type { Attempt, EarlierDraft, Grading } from '../../storage/types.ts'
import { echoIn } from '../../terminal/echo.ts'
import { printClock } from '../clock.ts'
import type { AppDeps } from '../deps.ts'
import { doneOf } from '../done.ts'
import { field, query, textField } from '../form.ts'
import { marksOf } from '../marks.ts'
import { deskScript, deskSizesScript, editorScript, terminalScripts } from '../scripts.ts'
import { leftOut } from '../unreadable.ts'
import { workOf } from '../work.ts'
import { createAftermath, tellEdit } from './aftermath.ts'
import { branchNamed, faultedChecks, type RunModel, viewRun, type WantedMoment } from './run.ts'
import { challengeTerminalKey } from './terminal.ts'
import {
  type ChangeModel,
  type DraftConflict,
  isOver,
  otherCommands,
  viewIndex,
  viewResult,
  viewWorkspace,
  type WorkspaceNotice,
} from './view.ts'

export function challengePages(
  deps: AppDeps,
): Record<'index' | 'show' | 'act' | 'draft' | 'grading' | 'result' | 'change' | 'verify' | 'giveUp', RequestHandler> {
  const aftermath = createAftermath(deps)
  return {
    index: async (req, res) => {
      const { attempts } = await workOf(deps, res)
      deps.renderer.send(req, res, {
        template: 'challenges/index',
        title: t('Challenges'),
        section: 'challenges',
        model: viewIndex(req, deps.catalog(), attempts, bestScore),
      })
    },

    show: async (req, res) => {
      const { learnerId, seat } = contextOf(res)
      const { attempts } = await workOf(deps, res)
      const { challenge, attempt } = await openOrUnsaved(deps, seat, getChallenge(deps, req), attempts)
      const { result, problem } = await lookOrFresh(deps, learnerId, challenge, attempt)
      const saysLast = query(req, 'said') === 'last' && !problem
      const told = query(req, 'said') === 'moving' && !result.view.isSettled ? t(stillMoving) : undefined
      const file = query(req, 'file')
      const output = saysLast ? await lastOutput(deps, learnerId, challenge, attempt, file) : undefined
      const isOwed = (await unlessDamaged(deps.gradings.standing(seat, attempt), leftOut(res)))?.is === 'waiting'
      sendWorkspace(deps, req, res, challenge, attempt, result, { file, output, problem, told, isOwed, isLook: true })
    },

    act: async (req, res) => {
      const seat = await takeSeat(deps, contextOf(res).seat)
      const { challenge, attempt } = await openAttempt(deps, seat, getChallenge(deps, req))
      const saved = await saveDraft(deps, req, challenge, attempt)
      await perform(deps, req, res, challenge, seat, saved)
    },

    draft: async (req, res) => {
      const seat = await takeSeat(deps, contextOf(res).seat)
      const { challenge, attempt: opened } = await openAttempt(deps, seat, getChallenge(deps, req))
      const { attempt, conflict } = await saveDraft(deps, req, challenge, opened)
      if (!conflict) {
        // The page goes on from what it has sent, not from what somebody else has saved.
        const file = field(req, 'file')
        if (attempt.drafts[file] === textField(req, 'content'))
          res.setHeader('X-Draft-Version', draftVersion(attempt, file))
        res.status(204).end()
        return
      }
      deps.renderer.send(req, res, {
        template: 'challenges/conflict',
        partial: 'challenges/conflict',
        title: challenge.title,
        section: 'challenges',
        status: 409,
        model: { ...conflict, isInEditor: true },
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
          template: 'challenges/cluster-then',
          partial: 'challenges/cluster-then',
          title: challenge.title,
          section: 'challenges',
          model: { run, back: `/challenges/${challenge.id}` },
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
      const { challenge, attempt, grading, number } = await findGrading(req, seat)
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
        await sendResult(req, res, challenge, seat, { attempt: opened, grading, number }, { only: check })
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

    giveUp: async (req, res) => {
      const { seat } = contextOf(res)
      const { challenge, attempt, number } = await findGrading(req, seat)
      await actOn(deps, attempt, ({ id }) => [closed(challenge, id, 'gave-up'), hinted(challenge, id, solutionsHint)])
      // What was shown is no task any more: the next one is another variant.
      if (attempt.state === 'open')
        await openAttempt(deps, seat, getChallenge(deps, req), { seed: await newSeed(deps, seat, challenge) })
      redirectTo(req, res, `/challenges/${challenge.id}/results/${attempt.id}/${number}#debrief`)
    },
  }

  /** With the challenge as it was when that was graded. */
  async function findGrading(req: Request, seat: Seat): Promise<Graded & { challenge: Challenge }> {
    const present = getChallenge(deps, req)
    const id = String(req.params.attempt).replace(/[^a-z0-9]/g, '') || 'x'
    const number = Number(req.params.number)
    const attempt = (await attemptsOf(deps, seat)).find((one) => one.id === id)
    const grading = attempt?.challengeId === present.id ? attempt.gradings[number - 1] : undefined
    if (!attempt || !grading) throw notFound(t('This result'))
    const challenge = (await contentOf(deps, present, grading.result.contentHash)) ?? present
    return { challenge, attempt, grading, number }
  }

  async function sendResult(
    req: Request,
    res: Response,
    challenge: Challenge,
    seat: Seat,
    { attempt, grading, number }: Graded,
    /** `only`, with htmx: the check of which alone is drawn again. `problem`: why it was not verified. */
    { only, problem }: { only?: string; problem?: string } = {},
  ): Promise<void> {
    const changes = new Map<string, ChangeModel>()
    const failed = isOver(attempt, grading) ? [] : grading.result.tests.filter(({ id }) => isOffered(grading, id))
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
      isOver(attempt, grading) && only === undefined
        ? await aftermath.solutions(seat.participantId, challenge, attempt, number)
        : []
    const done = await doneOf(deps, res)
    const item = `challenge:${challenge.id}`
    const address = addressOf(challenge, attempt, number)
    const result = {
      ...viewResult(challenge, attempt, grading, { page: address, changes, solutions }),
      isFormer: isFormer(deps, challenge) || grading.result.contentHash !== challenge.hash,
    }
    deps.renderer.send(req, res, {
      template: 'challenges/result',
      ...(only === undefined ? {} : { partial: 'challenges/test' }),
      title: t('Result: {title}', { title: challenge.title }),
      status: problem === undefined ? 200 : 422,
      section: 'challenges',
      scripts: ['js/scrubber.js'],
      model:
        only === undefined
          ? {
              result,
              unverified: problem,
              run: await runOf(req, challenge, seat, { attempt, grading, number }),
              address,
              marks: marksOf(done.book, item, req.originalUrl),
              onTracks: isOver(attempt, grading) ? trackStepsOf(deps.catalog(), item, done) : [],
            }
          : { ...result.tests.find(({ id }) => id === only)!, address },
    })
  }

  /** The moment of the run that the address asks for; undefined when nothing was run. A cluster that is refused leaves the rest to be seen. */
  async function runOf(
    req: Request,
    challenge: Challenge,
    { participantId }: Seat,
    { attempt, grading, number }: Graded,
  ): Promise<RunModel | undefined> {
    if (!grading.result.gradable) return undefined
    const wanted = wantedMoment(req, challenge, grading)
    const told = { ...grading, result: inTextsOf(challenge, grading.result) }
    const { seed, log, proof } = gradedRun(attempt, grading)
    const address = addressOf(challenge, attempt, number)
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
}

const hinted = ({ id, hash }: Challenge, attempt: string, hint: string): NewAct<KnownAct> => ({
  ...{ act: 'hinted', item: `challenge:${id}`, contentHash: hash },
  data: { attempt, hints: [hint] },
})

const closed = (
  { id }: Challenge,
  attempt: string,
  why: 'reset' | 'variant' | 'again' | 'gave-up',
): NewAct<KnownAct> => ({ act: 'closed', item: `challenge:${id}`, data: { attempt, why } })

/** A change is offered for a failed check that learners see. */
const isOffered = ({ result }: Grading, check: string): boolean =>
  result.gradable && result.tests.some(({ id, status, hidden }) => id === check && status === 'fail' && !hidden)

/** Of a variant that the learner has not had. */
async function newSeed(deps: AppDeps, seat: Seat, { id }: Challenge): Promise<string> {
  // One that waits for repair may be of this challenge.
  const { attempts, unreadable } = await deps.journals.work(seat)
  const drawn = new Set(attempts.filter(({ challengeId }) => challengeId === id).map(({ seed }) => seed)).size
  return `${seat.seed}/${id}/${drawn + unreadable.length + 1}`
}

const stillMoving = msg(
  'The cluster did not settle in this time: something in it goes on changing, such as a container that is started again and again. Look at its Pods and events.',
)

/** Does what the pressed button says. */
async function perform(
  deps: AppDeps,
  req: Request,
  res: Response,
  challenge: Challenge,
  seat: Seat,
  { attempt, conflict }: { attempt: Attempt; conflict?: DraftConflict },
): Promise<void> {
  const { learnerId } = contextOf(res)
  const line = field(req, 'line').trim()
  const file = fileOf(req, challenge)
  let act = field(req, 'do')
  if (act === 'default') act = line ? 'kubectl' : 'apply'
  // An answer is no manifest: Ctrl+Enter in it keeps it.
  if (act === 'apply' && answerFilesOf(challenge.spec).includes(file)) act = 'save'

  const look = async (at: Attempt, notice: WorkspaceNotice, status = 200) => {
    if (!isHtmx(req) && status === 200) {
      res.redirect(
        303,
        `/challenges/${challenge.id}?file=${encodeURIComponent(notice.file ?? file)}${notice.output ? '&said=last' : ''}#desk`,
      )
      return
    }
    const { result, problem } = await lookOrFresh(deps, learnerId, challenge, at)
    sendWorkspace(deps, req, res, challenge, at, result, { file, problem, ...notice }, status)
  }

  // What somebody meant to do with their own text is not done with another one.
  if (conflict) return look(attempt, { file, line, conflict }, 409)
  if (act.startsWith('take:')) return look(attempt, { file })
  if (act.startsWith('restore:')) {
    const id = act.slice('restore:'.length)
    const isWanted = (draft: EarlierDraft) => draft.file === file && digestOf(draft.text) === id
    if (!attempt.earlierDrafts.some(isWanted)) throw notFound(t('This earlier text'))
    const restored = await actOn(deps, attempt, (a) => {
      const earlier = a.earlierDrafts.find(isWanted)
      return earlier ? editOf(a, file, earlier.text, true) : []
    })
    return look(restored, { file })
  }
  if (act.startsWith('file:')) {
    const wanted = act.slice('file:'.length)
    return look(attempt, { file: Object.hasOwn(challenge.spec.workspace.files, wanted) ? wanted : file })
  }
  if (act === 'save') return look(attempt, { file })
  if (act === 'undo') {
    const undone = await actOn(deps, attempt, ({ id, log }) =>
      log.length === 0 ? [] : [{ act: 'undid', item: `challenge:${challenge.id}`, data: { attempt: id } }],
    )
    return look(undone, { file })
  }
  if (act === 'reset' || act === 'variant' || act === 'again') {
    await actOn(deps, attempt, ({ id }) => [closed(challenge, id, act)])
    const present = getChallenge(deps, req)
    const { attempt: fresh } = await openAttempt(deps, seat, present, {
      seed: act === 'variant' ? await newSeed(deps, seat, challenge) : attempt.seed,
      // Changes that were told stay told, and paid for, as long as the variant is the same; hints stay so in each.
      hintsOpened: act === 'variant' ? [] : attempt.hintsOpened,
      drafts: act === 'again' ? attempt.drafts : {},
      earlierDrafts: attempt.earlierDrafts,
    })
    // On the challenge as it is now, of which this page may show a former version.
    if (present.hash !== challenge.hash) return redirectTo(req, res, `/challenges/${challenge.id}`)
    return look(fresh, { file })
  }
  if (act.startsWith('hint:')) {
    const id = act.slice('hint:'.length)
    if (!challenge.spec.hints.some((hint) => hint.id === id)) throw notFound(t('This hint'))
    const opened = await actOn(deps, attempt, (a) => (a.hintsOpened.includes(id) ? [] : [hinted(challenge, a.id, id)]))
    return look(opened, { file })
  }
  if (act === 'grade') return grade(deps, req, res, challenge, seat, attempt, look)

  if (act === 'play' && !isWorthWatching(attempt)) return void res.status(204).end()
  const action = actionOf(act, {
    line,
    manifest: attempt.drafts[file] ?? challenge.spec.workspace.files[file] ?? '',
    leftMs: challenge.spec.workspace.maxVirtualSeconds * 1000 - attempt.clockMs,
  })
  if (!action) throw new HttpProblem(400, t('This button is not known here. Reload the page and try again.'))
  const worked = await workOn(deps, learnerId, challenge, attempt, action)
  if ('refusal' in worked) return look(attempt, { file, problem: worked.refusal, line }, worked.status)
  const { result } = worked
  const output = outputOf(result, file)
  if (output) await echoIn(deps.storage.bus, challengeTerminalKey(learnerId, challenge.id), output)
  const isMoving = action.do === 'settle' && !result.view.isSettled
  if (action.do === 'play' && isHtmx(req)) {
    const shown = viewWorkspace(challenge, worked.attempt, result, {})
    const frames = (result.frames ?? []).map(({ clockMs, view }) => ({
      work: { ...shown, clock: printClock(clockMs), view, isPlaying: true },
    }))
    deps.renderer.send(req, res, {
      template: 'challenges/played',
      partial: 'challenges/played',
      title: challenge.title,
      section: 'challenges',
      model: { work: shown, frames },
    })
    return
  }
  if (isHtmx(req)) {
    const told = isMoving ? t(stillMoving) : undefined
    sendWorkspace(deps, req, res, challenge, worked.attempt, result, { file, output, told })
    return
  }
  const said = result.output ? '&said=last' : isMoving ? '&said=moving' : ''
  res.redirect(303, `/challenges/${challenge.id}?file=${encodeURIComponent(file)}${said}#desk`)
}

/** A grade that takes longer is waited for on a page of its own. */
const patienceMs = 8000

async function grade(
  deps: AppDeps,
  req: Request,
  res: Response,
  challenge: Challenge,
  seat: Seat,
  attempt: Attempt,
  look: (attempt: Attempt, notice: WorkspaceNotice, status?: number) => Promise<void>,
): Promise<void> {
  const answered = await handInAnswers(deps, contextOf(res).learnerId, challenge, attempt)
  if ('refusal' in answered) return look(answered.attempt, { problem: answered.refusal }, answered.status)
  const standing = await deps.gradings.handIn(seat, challenge, answered.attempt, patienceMs)
  if (standing.is === 'refused') return look(attempt, { problem: notGraded(standing) }, 422)
  const page = `/challenges/${challenge.id}`
  if (standing.is !== 'graded') return redirectTo(req, res, `${page}/grading/${attempt.id}`)
  if (!isHtmx(req)) return redirectTo(req, res, `${page}/results/${attempt.id}/${standing.number}`)
  // Where one works, so that editor, terminal and cluster stay in sight.
  const graded = (await attemptsOf(deps, seat)).find(({ id }) => id === attempt.id) ?? answered.attempt
  const [step] = trackStepsOf(deps.catalog(), `challenge:${challenge.id}`, await doneOf(deps, res))
  await look(graded, { isGraded: true, isLook: true, next: step?.next })
}

const notGraded = ({ text, values }: { text: string; values: Record<string, string | number> }): string =>
  t('Not graded, no try used. {why}', { why: t(text, values) })

/** The last command may have changed something, and that was not played yet. */
function isWorthWatching({ log, clockMs }: Attempt): boolean {
  const last = log.at(-1)
  return last !== undefined && mayChangeCluster(last.command) && clockMs - last.atMs < playedMs
}

/** After a command: as much as somebody watches, in so many pictures. */
const playedMs = 10_000
const playedFrames = 10

function actionOf(act: string, given: { line: string; manifest: string; leftMs: number }): WorkAction | undefined {
  switch (act) {
    case 'apply':
      return { do: 'command', command: { op: 'apply', manifest: given.manifest } }
    case 'kubectl':
      return { do: 'command', command: { op: 'kubectl', line: given.line.replace(/^(?!kubectl\b)/, 'kubectl ') } }
    case 'run10':
      return { do: 'advance', ms: 10_000 }
    case 'run60':
      return { do: 'advance', ms: 60_000 }
    case 'settle':
      return { do: 'settle', maxMs: Math.max(0, Math.min(600_000, given.leftMs)) }
    case 'step':
      return { do: 'step' }
    case 'play':
      return { do: 'play', ms: Math.max(0, Math.min(playedMs, given.leftMs)), frames: playedFrames }
    default:
      return undefined
  }
}

/** The cluster of the attempt; or, when that takes too much to rebuild, the one at the hand-over and why. So a way back is always shown. */
async function lookOrFresh(
  deps: AppDeps,
  who: string,
  challenge: Challenge,
  attempt: Attempt,
): Promise<{ result: WorkResult; problem?: string }> {
  try {
    return { result: await work(deps, who, challenge, attempt, { do: 'look' }) }
  } catch (error) {
    if (!(error instanceof LabRefusal) || error.status !== 422) throw error
    const result = await work(deps, who, challenge, { ...attempt, log: [], clockMs: 0 }, { do: 'look' })
    return {
      result,
      problem: t(
        'Your cluster could not be rebuilt, so this is how it was handed over. Undo the last command or start over. {why}',
        { why: error.message },
      ),
    }
  }
}

/** What the last command said: found by running it again on the cluster before it. */
async function lastOutput(
  deps: AppDeps,
  who: string,
  challenge: Challenge,
  attempt: Attempt,
  file: string,
): Promise<WorkspaceNotice['output']> {
  const last = attempt.log.at(-1)
  if (!last) return undefined
  const before = { ...attempt, log: attempt.log.slice(0, -1), clockMs: last.atMs }
  return outputOf(await work(deps, who, challenge, before, { do: 'command', command: last.command }), file)
}

/** @param file of the editor */
function outputOf(result: WorkResult, file: string): WorkspaceNotice['output'] {
  if (!result.output || !result.logged) return undefined
  const { command } = result.logged
  const line = command.op === 'apply' ? `kubectl apply -f ${file}` : lineOf(command)
  const { exit, stdout, stderr } = result.output
  return { line, exit, stdout, stderr }
}

function sendWorkspace(
  deps: AppDeps,
  req: Request,
  res: Response,
  challenge: Challenge,
  attempt: Attempt,
  result: WorkResult,
  notice: WorkspaceNotice,
  status = 200,
): void {
  deps.renderer.send(req, res, {
    template: 'challenges/page',
    partial: 'challenges/parts',
    title: challenge.title,
    section: 'challenges',
    status,
    wide: true,
    earlyScript: deskSizesScript,
    scripts: [...(challenge.spec.workspace.allowKubectl ? terminalScripts : []), editorScript, deskScript],
    model: { work: viewWorkspace(challenge, attempt, result, { ...notice, isFormer: isFormer(deps, challenge) }) },
  })
}

/** The challenge was changed since. */
const isFormer = (deps: AppDeps, { id, hash }: Challenge): boolean => deps.catalog().challenges.get(id)?.hash !== hash

/**
 * Saves the text of the editor. When another tab has saved another one since this page showed the file, both are kept: the saved one as
 * it is, this one among the earlier texts, until somebody says which is to be.
 */
async function saveDraft(
  deps: AppDeps,
  req: Request,
  challenge: Challenge,
  attempt: Attempt,
): Promise<{ attempt: Attempt; conflict?: DraftConflict }> {
  const file = field(req, 'file')
  const body = req.body as Record<string, unknown>
  const pressed = field(req, 'do')
  const isKnown = Object.hasOwn(challenge.spec.workspace.files, file)
  if (!isKnown || body.content === undefined || pressed === 'take:theirs') return { attempt }
  const isTaken = pressed === 'take:mine'
  const isInEditor = body.mine === undefined
  const text = textField(req, isTaken && !isInEditor ? 'mine' : 'content')
  if (text === (attempt.drafts[file] ?? challenge.spec.workspace.files[file])) return { attempt }
  if (Object.values({ ...attempt.drafts, [file]: text }).join('').length > maxDraftLength)
    throw new HttpProblem(413, t('All files together may have 256 KB at most. Nothing was saved of this change.'))
  const [version = '', shown = ''] = (isTaken ? field(req, 'theirs') : field(req, 'seen')).split('.')
  // A page on which nothing was typed has nothing to say, unless its text is what is to be applied.
  const isUntouched = digestOf(text) === shown && pressed !== 'apply' && pressed !== 'default'
  let conflict: DraftConflict | undefined
  const saved = await actOn(deps, attempt, (a) => {
    const theirs = a.drafts[file]
    const now = draftVersion(a, file)
    conflict = undefined
    if (text === theirs) return []
    if (version !== '' && version !== now) {
      if (isUntouched) return []
      conflict = { file, mine: text, theirs, version: now, isInEditor: false }
      return [{ act: 'set-aside', item: `challenge:${challenge.id}`, data: { attempt: a.id, file, text } }]
    }
    return editOf(a, file, text, isTaken)
  })
  return { attempt: saved, conflict }
}

function fileOf(req: Request, challenge: Challenge): string {
  const names = Object.keys(challenge.spec.workspace.files)
  const wanted = field(req, 'file') || query(req, 'file')
  return names.includes(wanted) ? wanted : (names[0] ?? '')
}

function getChallenge(deps: AppDeps, req: Request): Challenge {
  const id = String(req.params.id)
  const challenge = deps.catalog().challenges.get(id)
  if (!challenge) throw notFound(t('The challenge "{name}"', { name: id }))
  return challenge
}
