/** Stored work of an exercise graded again by another version of a challenge, and entered in the journals once it is approved. */
import type { GradeResult } from '../../sim/index.ts'
import type { Challenge } from '../catalog/types.ts'
import type { Journals } from '../journal/journals.ts'
import { gradeOnAll, hiddenSeeds } from '../labs/tasks/hidden-seeds.ts'
import { LabRefusal, type Labs } from '../labs/types.ts'
import { gradedLog, gradingOf, hashLog } from '../storage/evidence.ts'
import type { Attempt, Grading, Sitting, Storage } from '../storage/types.ts'
import { changesOf, type Move, regradeTable, type StoredWork } from './regrade.ts'

export interface RegradingDeps {
  storage: Pick<Storage, 'participants' | 'contentVersions'>
  journals: Journals
  labs: Pick<Labs, 'grade'>
  /** Draws the hidden variants. */
  secret: string
  now(): number
}

/** A table, and the results that it is made of. */
export interface Regraded {
  challenge: Challenge
  moves: readonly Move[]
  /** By seat: of those that could be computed. */
  results: ReadonlyMap<string, GradeResult>
}

/** The grading that counts for somebody: the last one, of whichever attempt. */
function countedOf(
  attempts: readonly Attempt[],
  challengeId: string,
): { attempt: Attempt; grading: Grading } | undefined {
  const all = attempts
    .filter((attempt) => attempt.challengeId === challengeId && !attempt.origin)
    .flatMap((attempt) => attempt.gradings.map((grading) => ({ attempt, grading })))
    .filter(({ grading }) => grading.result.gradable && !grading.origin)
  return all.reduce<(typeof all)[number] | undefined>(
    (last, one) => (last && last.grading.atMs > one.grading.atMs ? last : one),
    undefined,
  )
}

/**
 * What a version of a challenge makes of all that was handed in of it. Nothing is written.
 * @param challenge with the fixed check
 * @param onProgress how many of how many are computed
 * @throws LabRefusal when there is too much to do: to be tried again
 */
export async function regrade(
  deps: RegradingDeps,
  sitting: Sitting,
  challenge: Challenge,
  onProgress: (done: number, of: number) => void = () => undefined,
): Promise<Regraded> {
  const { storage, journals, labs, secret } = deps
  const works: StoredWork[] = []
  for (const { id } of await storage.participants.listOf(sitting.id, () => undefined)) {
    const { attempts, unreadable } = await journals.work({ sittingId: sitting.id, participantId: id })
    // What was handed in is not known: the page says of whom.
    if (unreadable.length > 0) continue
    const counted = countedOf(attempts, challenge.id)
    if (!counted) continue
    const { attempt, grading } = counted
    works.push({
      ...{ seat: id, attempt: attempt.id, seed: grading.proof?.seed ?? attempt.seed, log: gradedLog(attempt, grading) },
      ...{ hiddenSeeds: hiddenSeeds(secret, attempt.id, sitting.rules.hiddenSeeds), result: grading.result },
    })
  }
  const results = new Map<string, GradeResult>()
  onProgress(0, works.length)
  const compute = async ({ seat, seed, log, hiddenSeeds: hidden }: StoredWork) => {
    try {
      const request = { spec: challenge.spec, contentHash: challenge.hash, seed, log: [...log] }
      const result = await gradeOnAll((one) => labs.grade(seat, one), request, hidden)
      results.set(seat, result)
      return result
    } catch (error) {
      if (!(error instanceof LabRefusal) || error.status === 429 || error.status === 503) throw error
      return { refused: error.message }
    }
  }
  const moves = await regradeTable(works, compute, (done) => onProgress(done, works.length))
  return { challenge, moves, results }
}

/**
 * Enters what was approved; whoever has it already is left as they are, so that it can be done again after a crash.
 * @param reason why those are lowered who are; without one they keep what they have
 * @returns how many grades were entered
 */
export async function enterRegrade(
  { storage, journals, now }: RegradingDeps,
  sitting: Sitting,
  { challenge, moves, results }: Regraded,
  reason: string,
): Promise<number> {
  const { id, hash, files } = challenge
  await storage.contentVersions.keep({ hash, item: `challenge:${id}`, files, firstUsedAtMs: now() })
  let entered = 0
  for (const { seat, attempt: attemptId, logSha256 } of changesOf(moves, reason)) {
    const result = results.get(seat)
    if (!result) continue
    let isEntered = false
    await journals.write({ sittingId: sitting.id, participantId: seat }, ({ attempts }) => {
      const counted = countedOf(attempts, id)
      isEntered = false
      if (counted?.attempt.id !== attemptId || counted.grading.proof?.contentHash === hash) return []
      const { attempt, grading } = counted
      const log = gradedLog(attempt, grading)
      // Worked on again since the table was made.
      if (hashLog(log) !== logSha256) return []
      const { atMs: _, ...again } = gradingOf(
        attempt,
        { seed: result.seed, contentHash: hash, log, hintsOpened: grading.hintsOpened },
        result,
        now(),
      )
      isEntered = true
      return [
        {
          ...{ act: 'graded', item: `challenge:${id}`, contentHash: hash },
          ...{ engineVersion: result.engineVersion, virtualMs: attempt.clockMs },
          data: { attempt: attempt.id, ...again },
        },
      ]
    })
    if (isEntered) entered++
  }
  return entered
}
