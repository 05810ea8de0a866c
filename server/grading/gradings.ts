/**
 * Attempts that wait to be graded. What somebody hands in is kept before it is graded, and tried again until it is: how busy the server is, or
 * whether it is started anew meanwhile, decides when a grade comes and never whether.
 */

import type { GradeResult } from '../../sim/index.ts'
import type { Catalog, Challenge } from '../catalog/types.ts'
import { msg } from '../i18n/translate.ts'
import type { NewAct } from '../journal/act.ts'
import type { KnownAct } from '../journal/acts/registry.ts'
import type { Journals } from '../journal/journals.ts'
import { gradeOnAll, hiddenSeeds } from '../labs/tasks/hidden-seeds.ts'
import { LabOutOfMemory, LabRefusal, type Labs, LabTimeout } from '../labs/types.ts'
import type { Seat } from '../seat.ts'
import { markOf, ownMark } from '../sittings/program.ts'
import { DocumentUnreadable } from '../storage/documents.ts'
import { gradingOf, hashLog } from '../storage/evidence.ts'
import type { Job } from '../storage/jobs.ts'
import type { OwedGrading } from '../storage/owed-grading.ts'
import type { Attempt, Storage } from '../storage/types.ts'
import { contentOf, keepContent } from './content-in-force.ts'

/** What became of what was handed in. */
export type GradingStanding =
  /** By its number, from 1. */
  | { is: 'graded'; number: number }
  | { is: 'waiting'; tries: number }
  /**
   * It cannot be graded; no try was used. What stays as it is may be of the work, which takes more than a grading may, or of this server; of the
   * learner's own queue it is so for the moment.
   */
  | { is: 'refused'; of: 'work' | 'server' | 'queue'; text: string; values: Record<string, string | number> }

export interface Gradings {
  /**
   * Has the attempt graded as it is now. Handed in twice it is graded once.
   * @param patienceMs what does not come so soon comes later: `standing` tells; 0 for what nobody waits for, which has its turn
   */
  handIn(seat: Seat, challenge: Challenge, attempt: Attempt, patienceMs: number): Promise<GradingStanding>
  /** Undefined when nothing of it was graded or waits. */
  standing(seat: Seat, attempt: Attempt): Promise<GradingStanding | undefined>
  /** Whether something of theirs waits or is being graded: it must not be moved elsewhere meanwhile. */
  owes(learnerId: string): Promise<boolean>
  /** @throws Error when nobody has looked for what is owed lately */
  healthy(): void
  /** Nothing is begun any more; what is owed stays owed. Resolves when what was begun has ended. */
  close(): Promise<void>
}

export interface GradingsOptions {
  storage: Pick<Storage, 'contentVersions' | 'gradingsOwed' | 'sittings'>
  journals: Journals
  labs: Pick<Labs, 'grade'>
  catalog: () => Catalog
  /** Draws the hidden variants. */
  secret: string
  now: () => number
  /** Engines that other processes of the site have: what belongs to one of them, by its sitting or by who took it in, is theirs to grade. */
  otherEngines: () => readonly string[]
  /** Of those that wait, graded at a time; what is handed in is tried at once besides. */
  together: number
  onError: (error: unknown) => void
  /** A look that has not come to its end for so long hangs. */
  hangsAfterMs?: number
}

const lookEveryMs = 500
const usuallyHangsAfterMs = 15_000
const leaseMs = 20_000
/** What was refused since there was too much to do is tried again after so long, twice as long each time. */
const firstPauseMs = 500
const longestPauseMs = 30_000
/** What ran out of computing time so often does need more than it may. */
const mostTimeouts = 4
/** Others keep clusters in the same process: once that may be what filled its memory. */
const mostOutOfMemory = 2
/** A mistake of ours is not repaired by trying. */
const mostMistakes = 6
/** Of one seat, at a time. */
const mostOwed = 5

const tooMany = msg('{n} of your attempts are waiting to be graded. Hand this one in when one of them is.')
const failing = msg(
  'The grader failed on it again and again, and the error is in the log of this server. Your work is as it was.',
)
const unreadable = msg(
  'Something that this needs cannot be read. Nothing has been overwritten, and it is kept for repair: please tell whoever runs this server.',
)
const gone = msg('The challenge that you began is no longer here.')

/** Reasons for which the work itself can do nothing. */
const ofServer: ReadonlySet<string> = new Set([failing, unreadable, gone])

export function createGradings(options: GradingsOptions): Gradings {
  const { storage, journals, labs, now, onError, otherEngines, hangsAfterMs = usuallyHangsAfterMs } = options
  const { gradingsOwed: jobs } = storage
  const underWay = new Set<Promise<unknown>>()
  /** Of those, how many had waited for their turn. */
  let inTurn = 0
  let isClosed = false

  const attemptOf = async (seat: Seat, id: string): Promise<Attempt | undefined> =>
    (await journals.work(seat)).attempts.find((attempt) => attempt.id === id)

  /** Graded on further variants as well, where the sitting asks for it. */
  const resultOf = async (owed: OwedGrading, challenge: Challenge): Promise<GradeResult> => {
    const { seat, seed, log, attemptId } = owed
    const count = (await storage.sittings.find(seat.sittingId))?.rules.hiddenSeeds ?? 0
    return gradeOnAll(
      (request) => labs.grade(seat.learnerId, request),
      { spec: challenge.spec, contentHash: challenge.hash, seed, log },
      hiddenSeeds(options.secret, attemptId, count),
    )
  }

  const enter = async ({ payload: owed }: Job<OwedGrading>, challenge: Challenge, result: GradeResult) => {
    const sha256 = hashLog(owed.log)
    await journals.write(owed.seat, ({ attempts }): NewAct<KnownAct>[] => {
      const attempt = attempts.find(({ id }) => id === owed.attemptId)
      // Deleted meanwhile, with all that its learner had.
      if (!attempt) return []
      // Entered before the process ended, which did not come to say that it is done.
      if (attempt.gradings.slice(owed.before).some(({ proof }) => proof?.sha256 === sha256)) return []
      const { atMs: _, ...grading } = gradingOf(attempt, { ...owed, contentHash: challenge.hash }, result, 0)
      return [
        {
          ...{ act: 'graded', item: `challenge:${challenge.id}`, contentHash: challenge.hash },
          ...{ engineVersion: result.engineVersion, virtualMs: attempt.clockMs },
          data: { attempt: attempt.id, ...grading },
        },
      ]
    })
  }

  /** @throws whatever is a mistake of ours; the job stays owed */
  const perform = async (job: Job<OwedGrading>): Promise<void> => {
    const { payload: owed, tries } = job
    const renewing = setInterval(() => void jobs.renew(job, now() + leaseMs).catch(onError), leaseMs / 3)
    renewing.unref()
    try {
      const present = options.catalog().challenges.get(owed.challengeId)
      const challenge = present && (await contentOf(options, present, owed.contentHash))
      if (!challenge) return await jobs.fail(job, { text: gone, values: {} })
      await enter(job, challenge, await resultOf(owed, challenge))
      await jobs.done(job)
    } catch (error) {
      if (error instanceof DocumentUnreadable) return await jobs.fail(job, { text: unreadable, values: {} })
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1))
      const isLoad = error instanceof LabRefusal && (error.status === 503 || error.status === 429)
      const mayDoOnceMore =
        (error instanceof LabTimeout && tries < mostTimeouts) ||
        (error instanceof LabOutOfMemory && tries < mostOutOfMemory)
      if (error instanceof LabRefusal && !isLoad && !mayDoOnceMore)
        return await jobs.fail(job, { text: error.text, values: error.values })
      const isMistake = !(error instanceof LabRefusal)
      await jobs.fail(
        job,
        isMistake && tries >= mostMistakes ? { text: failing, values: {} } : { runAtMs: now() + pauseMs },
      )
      if (isMistake) throw error
    } finally {
      clearInterval(renewing)
    }
  }
  const begin = (job: Job<OwedGrading>): Promise<void> => {
    const done = perform(job)
      .catch(onError)
      .finally(() => underWay.delete(done))
    underWay.add(done)
    return done
  }

  const seatKey = ({ sittingId, participantId }: Seat): string => `${sittingId}/${participantId}`
  const keyOf = (seat: Seat, attemptId: string): string => `${seatKey(seat)}/${attemptId}`
  const standing = async (seat: Seat, { id, gradings }: Attempt): Promise<GradingStanding | undefined> => {
    const job = await jobs.find(keyOf(seat, id))
    if (job?.failed) return { is: 'refused', of: ofServer.has(job.failed.text) ? 'server' : 'work', ...job.failed }
    if (job) return { is: 'waiting', tries: job.tries }
    const number = ((await attemptOf(seat, id))?.gradings ?? gradings).length
    return number > 0 ? { is: 'graded', number } : undefined
  }

  // Not begun by a request: what runs here is on nobody's behalf.
  let isLooking = false
  let lookedMs = performance.now()
  const look = async (): Promise<void> => {
    while (!isClosed && inTurn < options.together) {
      const job = await jobs.take(now(), leaseMs, { leaveTo: otherEngines() })
      if (!job) return
      inTurn++
      void begin(job).finally(() => {
        inTurn--
        lookNow()
      })
    }
  }
  const lookNow = (): void => {
    if (isLooking || isClosed) return
    isLooking = true
    void look()
      .catch(onError)
      .finally(() => {
        isLooking = false
        lookedMs = performance.now()
      })
  }
  const timer = setInterval(lookNow, lookEveryMs)
  timer.unref()

  return {
    async handIn(seat, challenge, attempt, patienceMs) {
      const { id: attemptId, seed, log, clockMs, hintsOpened } = attempt
      const key = keyOf(seat, attemptId)
      const own = (await jobs.list(seatKey(seat))).filter((job) => !job.failed && job.key !== key)
      if (own.length >= mostOwed) return { is: 'refused', of: 'queue', text: tooMany, values: { n: own.length } }
      const payload = {
        ...{ seat, challengeId: challenge.id, contentHash: challenge.hash, attemptId, seed, log, clockMs },
        hintsOpened: [...hintsOpened],
        before: attempt.gradings.length,
      }
      await keepContent(options, challenge)
      // One's own practice belongs to no engine: who took it in grades it, while there is such a process.
      const engine = markOf((await storage.sittings.find(seat.sittingId)) ?? {}) || ownMark
      await jobs.add({ key, who: seat.learnerId, payload, engine }, now())
      // Begun all at once, those of an exercise that is closed would be refused, and wait longer each time.
      if (patienceMs === 0) lookNow()
      const job = patienceMs > 0 && (await jobs.take(now(), leaseMs, { key, leaveTo: otherEngines() }))
      if (job) {
        let patience: NodeJS.Timeout | undefined
        await Promise.race([
          begin(job),
          new Promise<void>((done) => {
            patience = setTimeout(done, patienceMs)
          }),
        ])
        clearTimeout(patience)
      }
      return (await standing(seat, attempt)) ?? { is: 'waiting', tries: 0 }
    },
    standing,
    owes: async (learnerId) => (await jobs.list()).some(({ who, failed }) => who === learnerId && !failed),
    healthy() {
      if (isClosed) throw new Error('nobody looks for gradings any more')
      const agoMs = performance.now() - lookedMs
      if (agoMs > hangsAfterMs) throw new Error(`the last look for gradings was ${Math.round(agoMs / 1000)} s ago`)
    },
    async close() {
      isClosed = true
      clearInterval(timer)
      await Promise.all(underWay)
    },
  }
}
