/**
 * What candidates have left is handed to the grader when they have handed in, their time is over, or the exercise is closed: each task as it was
 * left. It is the server that does so, whoever looks; asked again it does what is missing.
 */
import { contentOf } from '../grading/content-in-force.ts'
import type { Gradings } from '../grading/gradings.ts'
import { type Candidate, type CandidateStanding, candidatesOf, isOver } from '../hiring/candidates.ts'
import type { Exercise, Exercises } from '../hiring/exercises.ts'
import type { Seat } from '../seat.ts'
import { graceMs } from '../sittings/life.ts'
import { type DocumentUnreadable, damageOnce, unlessDamaged } from '../storage/documents.ts'
import type { Attempt } from '../storage/types.ts'
import { answerFilesOf, handInAnswers } from './answer-files.ts'
import { attemptsThatCount, gradingOfHead } from './counted-attempts.ts'
import { countGroups } from './counting-groups.ts'
import type { PracticeDeps } from './deps.ts'
import { isTry, longestTryMs, removeTry } from './trying-out.ts'

export type ClosingDeps = PracticeDeps & {
  exercises: Exercises
  gradings: Pick<Gradings, 'handIn' | 'standing'>
  /** The server's. */
  secret: string
  onError(error: unknown): void
}

/** Hands what is missing to the grader. @returns how many tasks wait for their grades */
export async function handOver(deps: ClosingDeps, exercise: Exercise, candidate: Candidate): Promise<number> {
  const { sittingId, id, seed } = candidate
  // Of whom the link was renewed nobody has the seat just now.
  const learnerId = candidate.learnerId ?? id
  const seat: Seat = { sittingId, participantId: id, learnerId, seed }
  let owed = 0
  for (const { item, attempt } of attemptsThatCount(exercise, await deps.journals.work(seat))) {
    if (gradingOfHead(attempt) && !hasNewAnswers(attempt)) continue
    const present = deps.catalog().challenges.get(item.split(':')[1]!)
    const challenge = present && (await contentOf(deps, present, attempt.contentHash))
    // What cannot be read is told in the report, and waited for by nobody.
    if (!challenge) continue
    const answered = await handInAnswers(deps, learnerId, challenge, attempt)
    if ('refusal' in answered && answered.status !== 422) {
      owed++
      continue
    }
    const { attempt: left } = answered
    if (left.log.length === 0 || gradingOfHead(left)) continue
    const known = await deps.gradings.standing(seat, left)
    if (known?.is === 'refused' && known.of !== 'queue') continue
    const standing = known?.is === 'waiting' ? known : await deps.gradings.handIn(seat, challenge, left, 0)
    if (standing.is === 'waiting' || (standing.is === 'refused' && standing.of === 'queue')) owed++
  }
  return owed
}

/** Whoever has left a task for so long works on another one. */
const leftForMs = 60_000
/** So many are begun at a look: who is at work goes first. */
const mostEarly = 4

/**
 * Grades a task that somebody has left for another one, so that less is owed when the exercise is closed. Nobody is shown it before the end, and
 * what is changed later is graded then.
 * @param done heads that were handed over; added to
 * @returns whether one was
 */
async function gradeEarly(
  deps: ClosingDeps,
  exercise: Exercise,
  { seat: candidate, work }: Pick<CandidateStanding, 'seat' | 'work'>,
  done: Set<string>,
): Promise<boolean> {
  const { sittingId, id, seed, learnerId } = candidate
  const counted = attemptsThatCount(exercise, work)
  const lastMs = Math.max(...counted.map(({ attempt }) => attempt.updatedAtMs), ...work.answers.map(({ atMs }) => atMs))
  for (const { item, attempt } of counted) {
    const head = `${attempt.id} ${attempt.updatedAtMs}`
    const isLeft = attempt.updatedAtMs < lastMs && deps.now() - attempt.updatedAtMs >= leftForMs
    if (!isLeft || attempt.log.length === 0 || done.has(head)) continue
    done.add(head)
    if (gradingOfHead(attempt)) continue
    const present = deps.catalog().challenges.get(item.split(':')[1]!)
    const challenge = present && (await contentOf(deps, present, attempt.contentHash))
    // Answers in files are put into the log at the end.
    if (!challenge || answerFilesOf(challenge.spec).length > 0) continue
    const seat: Seat = { sittingId, participantId: id, learnerId: learnerId ?? id, seed }
    const known = await deps.gradings.standing(seat, attempt)
    if (known && known.is !== 'graded') continue
    await deps.gradings.handIn(seat, challenge, attempt, 0)
    return true
  }
  return false
}

/** Files were changed since it was graded: answers among them are handed in again. */
export const hasNewAnswers = ({ drafts, gradings, updatedAtMs }: Attempt): boolean =>
  Object.keys(drafts).length > 0 && updatedAtMs > (gradings.at(-1)?.atMs ?? 0)

/**
 * Looks once at all exercises that are going on: one that waits for repair is told, and keeps nobody from the others.
 * @param done seats of which nothing is missing any more, and heads that were handed over; added to
 */
export async function closeWhatIsDue(deps: ClosingDeps, done: Set<string>): Promise<void> {
  for (const exercise of await deps.exercises.all()) await unlessDamaged(lookAt(deps, exercise, done), deps.onError)
}

async function lookAt(deps: ClosingDeps, exercise: Exercise, done: Set<string>): Promise<void> {
  const { life } = await deps.exercises.course(exercise.id)
  if (life.state !== 'open' && life.state !== 'paused' && life.state !== 'closing') return
  await forgetTries(deps, exercise, life.state === 'closing')
  let [owed, early] = [0, 0]
  const onUnreadable = (error: DocumentUnreadable): void => {
    // It may be graded when it is repaired: until then, or until they are erased, the exercise is not done.
    owed++
    deps.onError(error)
  }
  for (const { seat, state, endedAtMs, work } of await candidatesOf(deps, exercise, onUnreadable)) {
    if (!isOver(state)) {
      if (state === 'started' && early < mostEarly && (await gradeEarly(deps, exercise, { seat, work }, done))) early++
      // Somebody whose time was over may have been given more.
      done.delete(seat.id)
      continue
    }
    // What was typed in time may come a little later.
    if (deps.now() < (endedAtMs ?? 0) + graceMs && state !== 'handed-in') owed++
    else if (!done.has(seat.id)) {
      const missing = await handOver(deps, exercise, seat)
      if (missing === 0) done.add(seat.id)
      owed += missing
    }
  }
  if (life.state === 'closing' && owed === 0 && deps.now() >= (life.closingAtMs ?? 0) + graceMs) {
    // First, so that it is done again when it is broken off.
    await countGroups(deps, exercise)
    await deps.exercises.act(exercise.id, 'site', (course) =>
      course.life.state === 'closing' ? [{ act: 'settled', data: {} }] : [],
    )
  }
}

/** Workspaces that somebody tried out and left. */
async function forgetTries(deps: ClosingDeps, { id }: Exercise, isClosing: boolean): Promise<void> {
  for (const seat of (await deps.storage.participants.listOf(id, () => undefined)).filter(isTry))
    if (isClosing || deps.now() - seat.joinedAtMs > longestTryMs) await removeTry(deps, seat)
}

const lookEveryMs = 3000

/** Looks for what is due as long as the server runs. @returns ends it */
export function createClosings(options: ClosingDeps): { close(): Promise<void> } {
  const deps = { ...options, onError: damageOnce(options.onError) }
  const done = new Set<string>()
  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    looking ??= closeWhatIsDue(deps, done)
      .catch(deps.onError)
      .finally(() => {
        looking = undefined
      })
  }, lookEveryMs)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await looking
    },
  }
}
