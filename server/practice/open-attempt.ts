/** The attempt that a learner works on, and what may be done to its cluster: by a button, or by a line in the terminal. */
import { mostOf } from '../belongings/limits.ts'
import type { Challenge } from '../catalog/types.ts'
import { contentOf, keepContent } from '../grading/content-in-force.ts'
import { t } from '../i18n/translate.ts'
import { LabRefusal, type WorkAction, type WorkResult } from '../labs/types.ts'
import { HttpProblem } from '../render/problem.ts'
import type { Seat } from '../seat.ts'
import { canonical } from '../storage/canonical.ts'
import { ownCommands } from '../storage/given-faults.ts'
import type { Attempt } from '../storage/types.ts'
import { actOn, attemptsOf } from './act-on-attempt.ts'
import { digestOf, maxLineLength, newAttempt } from './attempts.ts'
import type { PracticeDeps } from './deps.ts'

const tooLong = (endMs: number) =>
  t(
    "This command waits past the end of this challenge's clock, {n} s, so it was not run. Nobody here can stop a watch (-w) or a log that is followed (-f): run the cluster for some seconds and look again.",
    { n: endMs / 1000 },
  )

export type Worked = { attempt: Attempt; result: WorkResult } | { refusal: string; status: 422 | 429 | 503 }

/**
 * Acts on the attempt's cluster and keeps what was done. What is refused is not kept: the cluster stays as it was before it.
 * @throws HttpProblem 409 when the attempt was worked on elsewhere meanwhile
 */
export async function workOn(
  deps: PracticeDeps,
  who: string,
  challenge: Challenge,
  attempt: Attempt,
  action: WorkAction,
): Promise<Worked> {
  const refusal = refusalOf(challenge, attempt, action)
  if (refusal) return { refusal, status: 422 }
  let result: WorkResult
  try {
    result = await work(deps, who, challenge, attempt, action)
  } catch (error) {
    if (error instanceof LabRefusal) {
      const { message, status } = error
      return { refusal: message, status: status === 429 || status === 503 ? status : 422 }
    }
    throw error
  }
  const endMs = challenge.spec.workspace.maxVirtualSeconds * 1000
  if (action.do === 'command' && result.clockMs > endMs) return { refusal: tooLong(endMs), status: 422 }
  const before = attempt.log.length
  let faulted: Attempt | undefined
  const worked = await actOn(deps, attempt, (a) => {
    faulted = a.log.length !== before && isOnlyFaulted(attempt, a) ? a : undefined
    if (faulted) return []
    if (a.log.length !== before || a.clockMs !== attempt.clockMs)
      throw new HttpProblem(
        409,
        t('This cluster was changed in another tab meanwhile. Reload the page to see it as it is now.'),
      )
    const { logged, output, clockMs } = result
    if (!logged && clockMs === a.clockMs) return []
    return [
      {
        act: 'ran',
        ...{ item: `challenge:${challenge.id}`, contentHash: challenge.hash, engineVersion: result.engineVersion },
        virtualMs: clockMs,
        data: {
          attempt: a.id,
          ...(logged ? { logged } : {}),
          ...(output ? { exit: output.exit, output: digestOf(`${output.stdout}${output.stderr}`) } : {}),
        },
      },
    ]
  })
  // A fault has come meanwhile: the same is done again, in the cluster that has it.
  return faulted ? workOn(deps, who, challenge, faulted, action) : { attempt: worked, result }
}

/** Whether all that has changed since are faults that it was given. */
const isOnlyFaulted = (attempt: Attempt, now: Attempt): boolean =>
  now.clockMs === attempt.clockMs && canonical(ownCommands(now.log)) === canonical(ownCommands(attempt.log))

function refusalOf(challenge: Challenge, attempt: Attempt, action: WorkAction): string | undefined {
  const { maxApplies, maxVirtualSeconds, allowKubectl } = challenge.spec.workspace
  if (action.do === 'command') {
    const { command } = action
    const isLine = command.op === 'kubectl' || command.op === 'helm'
    if (isLine && !allowKubectl) return t('This challenge is solved with manifests alone: kubectl is switched off.')
    if (command.op === 'kubectl' && command.line === 'kubectl ')
      return t('Type a kubectl line first, for example: get pods')
    if (isLine && command.line.length > maxLineLength)
      return t('A kubectl line may have {most} characters at most. Put longer input into a file and apply it.', {
        most: maxLineLength,
      })
    if (command.op === 'apply' && command.manifest.trim() === '') return t('The file is empty. Write a manifest first.')
    const applies = attempt.log.filter((entry) => entry.command.op === 'apply').length
    if (command.op === 'apply' && applies >= maxApplies)
      return t('This challenge allows {n} applies, and they are used up. Undo one, or reset the cluster.', {
        n: maxApplies,
      })
  }
  // Settling takes the time that is left, so there has to be some.
  const ms = action.do === 'advance' ? action.ms : action.do === 'settle' ? 1 : 0
  if (action.do !== 'look' && attempt.clockMs + ms > maxVirtualSeconds * 1000)
    return t('The clock of this challenge ends at {n} s. Undo a command, reset the cluster, or have it graded.', {
      n: maxVirtualSeconds,
    })
  return undefined
}

export async function work(
  deps: PracticeDeps,
  who: string,
  challenge: Challenge,
  attempt: Attempt,
  action: WorkAction,
): Promise<WorkResult> {
  return deps.labs.work(who, {
    spec: challenge.spec,
    contentHash: challenge.hash,
    seed: attempt.seed,
    log: attempt.log,
    clockMs: attempt.clockMs,
    action,
  })
}

/** What is worked on: a challenge, in practice or as a task of a hands-on exam. */
export interface Task {
  /** As it is now; of an exam, as it was when that began. */
  challenge: Challenge
  /** The exam, and the variant that it has drawn. */
  exam?: { id: string; seed: string }
}

/** The attempts at that task, the oldest first: practice and each exam have their own. */
const attemptsAt = (attempts: readonly Attempt[], { challenge, exam }: Task): Attempt[] =>
  attempts.filter(({ challengeId, mock }) => challengeId === challenge.id && mock === exam?.id)

/** An attempt, and the challenge as it was when it was begun. */
export interface OpenWork {
  challenge: Challenge
  attempt: Attempt
}

/** The attempt that is gone on with, or as it would begin; it is not stored by that. */
export async function openOrUnsaved(
  deps: PracticeDeps,
  seat: Seat,
  task: Task,
  attempts: readonly Attempt[],
): Promise<OpenWork> {
  return (
    (await goneOnWith(deps, task, attempts)) ?? {
      challenge: task.challenge,
      attempt: await unsavedAttempt(deps, seat, task, attempts),
    }
  )
}

/** Of content that was not kept another cluster would be made: such an attempt is looked back at, not gone on with. */
async function goneOnWith(deps: PracticeDeps, task: Task, attempts: readonly Attempt[]): Promise<OpenWork | undefined> {
  for (const attempt of attemptsAt(attempts, task).reverse()) {
    if (attempt.state !== 'open') continue
    const challenge = await contentOf(deps, task.challenge, attempt.contentHash)
    if (challenge) return { challenge, attempt }
  }
  return undefined
}

const findOpen = (attempts: readonly Attempt[], task: Task): Attempt | undefined =>
  attemptsAt(attempts, task).findLast(
    ({ state, contentHash }) => state === 'open' && contentHash === task.challenge.hash,
  )

/** What a new attempt has from the one before it. */
type Over = Partial<Pick<Attempt, 'seed' | 'hintsOpened' | 'drafts' | 'earlierDrafts'>>

async function unsavedAttempt(
  deps: PracticeDeps,
  seat: Seat,
  task: Task,
  attempts: readonly Attempt[],
  over: Over = {},
): Promise<Attempt> {
  const { engineVersion } = await deps.labs.about()
  const { challenge, exam } = task
  const before = openedHints(challenge, attemptsAt(attempts, task))
  return {
    ...newAttempt(challenge, seat, {
      id: deps.newId(),
      nowMs: deps.now(),
      seed: exam?.seed ?? `${seat.seed}/${challenge.id}/1`,
      engineVersion,
    }),
    ...over,
    ...(exam ? { mock: exam.id } : {}),
    hintsOpened: [...new Set([...(over.hintsOpened ?? []), ...before])],
  }
}

/**
 * The challenge's own hints that a learner has opened in any of these attempts: their texts are the same in every variant, so they stay open, and
 * paid for. What a smallest change or a solution told was about one variant alone.
 */
function openedHints({ spec }: Challenge, attempts: readonly Attempt[]): string[] {
  const own = attempts.filter(({ origin }) => !origin)
  const opened = new Set(own.flatMap(({ hintsOpened }) => hintsOpened))
  return spec.hints.map((hint) => hint.id).filter((hint) => opened.has(hint))
}

/**
 * The open attempt, made unless there is one. Requests that come at once share it.
 * @param over of one that begins anew, on the challenge as it is now @throws HttpProblem 422 when there are too many
 */
export async function openAttempt(deps: PracticeDeps, seat: Seat, task: Task, over?: Over): Promise<OpenWork> {
  const { challenge, exam } = task
  const before = await attemptsOf(deps, seat)
  const known = over ? undefined : await goneOnWith(deps, task, before)
  if (known) return known
  await keepContent(deps, challenge)
  const made = await unsavedAttempt(deps, seat, task, before, over)
  const { attempts } = await deps.journals.write(seat, (work) => {
    if (findOpen(work.attempts, task)) return []
    if (work.attempts.length >= mostOf.attempts)
      throw new HttpProblem(
        422,
        t(
          'You have {n} attempts at challenges here, the most that one learner may have. Download your data and delete it here to go on.',
          { n: mostOf.attempts },
        ),
      )
    const { id, seed, drafts, earlierDrafts, hintsOpened, contentHash, engineVersion } = made
    return [
      {
        ...{ act: 'opened', item: `challenge:${challenge.id}`, contentHash, engineVersion, virtualMs: 0 },
        data: { attempt: id, seed, drafts, earlierDrafts, hintsOpened, ...(exam ? { mock: exam.id } : {}) },
      },
      ...(seat.given ?? []).map(({ by, logged }) => ({
        ...{ act: 'faulted' as const, item: `challenge:${challenge.id}`, by },
        data: { attempt: id, logged },
      })),
    ]
  })
  return { challenge, attempt: findOpen(attempts, task)! }
}

/** Of a variant that the learner has not had. */
export async function newSeed(deps: PracticeDeps, seat: Seat, { id }: Challenge): Promise<string> {
  // One that waits for repair may be of this challenge.
  const { attempts, unreadable } = await deps.journals.work(seat)
  const drawn = new Set(attempts.filter(({ challengeId }) => challengeId === id).map(({ seed }) => seed)).size
  return `${seat.seed}/${id}/${drawn + unreadable.length + 1}`
}
