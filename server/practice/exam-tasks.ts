/** The tasks of a hands-on exam: what each is worked on as, and what it earns as it was left. */
import type { Challenge } from '../catalog/types.ts'
import { contentOf } from '../grading/content-in-force.ts'
import type { Gradings } from '../grading/gradings.ts'
import { msg, t } from '../i18n/translate.ts'
import { HttpProblem } from '../render/problem.ts'
import type { Seat } from '../seat.ts'
import { hashLog } from '../storage/evidence.ts'
import type { Attempt, Grading, Mock, MockTask, TaskResult } from '../storage/types.ts'
import { handInAnswers } from './answer-files.ts'
import { hintCost } from './attempts.ts'
import type { PracticeDeps } from './deps.ts'
import { actOnMock } from './mocks.ts'
import type { Task } from './open-attempt.ts'

type GradingDeps = PracticeDeps & { gradings: Pick<Gradings, 'handIn'> }

const gone = msg('This challenge is no longer part of the content.')

/**
 * The task at a place of an exam, with the challenge as it was when the exam began.
 * @param place from 0 @throws HttpProblem 404 when the content has no such challenge any more
 */
export async function examTask(deps: PracticeDeps, mock: Mock, place: number): Promise<Task> {
  const task = mock.tasks![place]!
  const challenge = await challengeOf(deps, task)
  if (!challenge) throw new HttpProblem(404, t(gone))
  return { challenge, exam: { id: mock.id, seed: task.seed } }
}

async function challengeOf(deps: PracticeDeps, { challengeId, contentHash }: MockTask): Promise<Challenge | undefined> {
  const present = deps.catalog().challenges.get(challengeId)
  return present && ((await contentOf(deps, present, contentHash)) ?? present)
}

/**
 * The attempt at a task that counts: the one that was begun last while the exam was open. What came in from elsewhere counts only for an exam that
 * did, too.
 */
export function attemptThatCounts(
  attempts: readonly Attempt[],
  mock: Mock,
  { challengeId }: Pick<MockTask, 'challengeId'>,
): Attempt | undefined {
  const endMs = mock.handedInAtMs ?? Number.POSITIVE_INFINITY
  return attempts.findLast(
    (attempt) =>
      attempt.mock === mock.id &&
      attempt.challengeId === challengeId &&
      attempt.createdAtMs <= endMs &&
      !attempt.origin === !mock.origin,
  )
}

/** True when there is something in it that can be graded: a command, or a file that was changed. */
export const isWorkedOn = (attempt: Attempt | undefined): boolean =>
  attempt !== undefined && (attempt.log.length > 0 || Object.keys(attempt.drafts).length > 0)

/**
 * Has tasks of an exam that is over graded, one after the other, and enters what they earn.
 * @param options.most so many at once; the rest stays for another time
 * @param options.patienceMs how long each is waited for; its grading goes on all the same
 * @returns the exam with what is known by then
 */
export async function gradeTasks(
  deps: GradingDeps,
  seat: Seat,
  mock: Mock,
  options: { most: number; patienceMs: number },
): Promise<Mock> {
  let graded = mock
  let left = options.most
  for (const [place, task] of (mock.tasks ?? []).entries()) {
    if (task.result !== null || left-- <= 0) continue
    const result = await resultOf(deps, seat, mock, place, options.patienceMs)
    if (!result) break
    graded = await actOnMock(deps, seat, mock, (m) =>
      m.tasks![place]!.result
        ? []
        : [
            {
              ...{ act: 'task-graded', item: `challenge:${m.tasks![place]!.challengeId}` },
              data: { mock: m.id, place, result },
            },
          ],
    )
  }
  return graded
}

/** Undefined while its grading waits. */
async function resultOf(
  deps: GradingDeps,
  seat: Seat,
  mock: Mock,
  place: number,
  patienceMs: number,
): Promise<TaskResult | undefined> {
  const task = mock.tasks![place]!
  const { attempts } = await deps.journals.work(seat)
  const attempt = attemptThatCounts(attempts, mock, task)
  if (!attempt || !isWorkedOn(attempt)) return { verdict: 'none' }
  const challenge = await challengeOf(deps, { ...task, contentHash: attempt.contentHash })
  if (!challenge) return { verdict: 'void', why: gone, values: {} }
  const answered = await handInAnswers(deps, seat.learnerId, challenge, attempt).catch((error: unknown) => {
    // Another tab is doing the same.
    if (error instanceof HttpProblem && error.status === 409) return undefined
    throw error
  })
  // What a busy server did not take is handed in another time; what the log does not take is as an answer that was not given.
  if (!answered || ('refusal' in answered && answered.status !== 422)) return undefined
  const { attempt: handedIn } = answered
  // Only typed, and never applied: no cluster has seen it.
  if (handedIn.log.length === 0) return { verdict: 'none' }
  const known = numberOf(handedIn)
  if (known > 0) return earned(challenge, handedIn, known)
  const standing = await deps.gradings.handIn(seat, challenge, handedIn, patienceMs)
  if (standing.is === 'waiting') return undefined
  if (standing.is === 'refused' && standing.of === 'queue') return undefined
  if (standing.is === 'refused') {
    const { of, text, values } = standing
    return { verdict: of === 'server' ? 'void' : 'refused', why: text, values }
  }
  const now = (await deps.journals.work(seat)).attempts.find(({ id }) => id === handedIn.id)
  return now && earned(challenge, now, standing.number)
}

/** The number of its grading as it stands; 0 when it was not graded since it was changed last. */
function numberOf({ gradings, log }: Attempt): number {
  const sha256 = hashLog(log)
  return gradings.findLastIndex(({ origin, proof }) => !origin && proof?.sha256 === sha256) + 1
}

function earned(challenge: Challenge, attempt: Attempt, number: number): TaskResult {
  const grading = attempt.gradings[number - 1]!
  if (!grading.result.gradable)
    return {
      verdict: 'refused',
      why: msg('It could not be graded: {problem}'),
      values: { problem: grading.result.problem ?? '' },
    }
  const score = shareOf(grading, challenge)
  const verdict = grading.result.passed && score === 1 ? 'right' : score > 0 ? 'partly' : 'wrong'
  return { verdict, score, attempt: attempt.id, grading: number }
}

/** From 0 to 1, of all checks, those that are not shown included. Full marks are for who has passed. */
function shareOf({ result, hintsOpened }: Grading, challenge: Challenge): number {
  const share = Math.min(1, Math.max(0, result.score / Math.max(1, result.maxScore)))
  const less = Math.max(0, share - hintCost(hintsOpened, challenge) / 100)
  return result.passed ? less : Math.min(less, 0.99)
}
