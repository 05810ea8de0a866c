/** A learner's daily incident as it is stored: begun, seen, handed in, and the task that is worked on. */
import type { Challenge } from '../catalog/types.ts'
import { contentOf, keepContent } from '../grading/content-in-force.ts'
import { msg, t } from '../i18n/translate.ts'
import { HttpProblem } from '../render/problem.ts'
import type { Seat } from '../seat.ts'
import { type DailyRun, examOfDaily } from '../storage/daily-schema.ts'
import { hashLog } from '../storage/evidence.ts'
import type { Attempt } from '../storage/types.ts'
import { dailyMs, seedOfDay, usedOf } from './daily.ts'
import type { PracticeDeps } from './deps.ts'
import type { Task } from './open-attempt.ts'
import { takeSeat } from './take-seat.ts'

const gone = msg('This challenge is no longer part of the content.')

/** Time that has passed unseen since it was noted last, at most, while the squares can still be green. */
const notedEveryMs = 10_000
/** Of one day; nobody works on one for so long. */
const mostHandIns = 400

/** The challenge as it was when the day was begun; undefined when it is not there any more. */
export async function challengeOfDaily(deps: PracticeDeps, daily: DailyRun): Promise<Challenge | undefined> {
  const present = deps.catalog().challenges.get(daily.challengeId)
  return present && ((await contentOf(deps, present, daily.contentHash)) ?? present)
}

/** @throws HttpProblem 404 */
export async function dailyTask(deps: PracticeDeps, daily: DailyRun): Promise<Task> {
  const challenge = await challengeOfDaily(deps, daily)
  if (!challenge) throw new HttpProblem(404, t(gone))
  return { challenge, exam: { id: examOfDaily(daily.day), seed: daily.seed } }
}

/** Its clock runs from here on. Begun again, in another tab or on another device, it goes on. */
export async function beginDaily(deps: PracticeDeps, visitor: Seat, day: string, challenge: Challenge): Promise<void> {
  const seat = await takeSeat(deps, visitor)
  await keepContent(deps, challenge)
  await deps.journals.write(seat, ({ dailies = [] }) =>
    dailies.some((daily) => daily.day === day)
      ? []
      : [
          {
            ...{ act: 'daily-began', item: `challenge:${challenge.id}`, contentHash: challenge.hash },
            data: { day, seed: seedOfDay(day) },
          },
        ],
  )
}

/** Keeps how far its time has come, so that a clock which is set back gives none back. */
export async function noteSeen(deps: PracticeDeps, seat: Seat, { day }: DailyRun): Promise<void> {
  const nowMs = deps.now()
  await deps.journals.write(seat, ({ dailies = [] }) => {
    const daily = dailies.find((one) => one.day === day)
    const isDue = daily && daily.clock.usedMs <= dailyMs && Math.abs(nowMs - daily.clock.seenAtMs) >= notedEveryMs
    return isDue ? [{ act: 'daily-seen', data: { day, usedMs: usedOf(daily, nowMs) } }] : []
  })
}

/** @param atMs when the request came, however long it took since */
export async function noteHandedIn(
  deps: PracticeDeps,
  seat: Seat,
  { day }: DailyRun,
  { id: of, log }: Attempt,
  atMs: number,
): Promise<void> {
  const sha256 = hashLog(log)
  await deps.journals.write(seat, ({ dailies = [] }) => {
    const daily = dailies.find((one) => one.day === day)
    const isKnown = daily?.handIns.some((one) => one.attempt === of && one.sha256 === sha256)
    if (!daily || isKnown || daily.handIns.length >= mostHandIns) return []
    return [{ act: 'daily-handed-in', data: { day, of, sha256, usedMs: usedOf(daily, atMs) } }]
  })
}
