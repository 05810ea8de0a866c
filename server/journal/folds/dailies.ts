/** The daily incidents that a learner has begun, by their day. The first beginning of a day counts, wherever it was. */
import type { DailyRun } from '../../storage/daily-schema.ts'
import type { KnownAct } from '../acts/registry.ts'
import { digestOf } from '../digest.ts'
import { joined, later } from '../merging.ts'
import type { Fold } from './fold.ts'

type State = Map<string, DailyRun>

const prefix = 'challenge:'

export const dailies: Fold<State, readonly DailyRun[]> = {
  begin: () => new Map(),
  apply(state, act) {
    const begun = begunBy(act)
    if (begun) {
      const known = state.get(begun.day)
      state.set(begun.day, known ? mergeDailies(known, begun) : begun)
      return true
    }
    if (act.act !== 'daily-seen' && act.act !== 'daily-handed-in') return false
    const daily = state.get(act.data.day)
    if (!daily) return false
    state.set(daily.day, changed(daily, act))
    return true
  },
  view: (state) => [...state.values()].sort((a, b) => (a.day < b.day ? -1 : 1)),
}

function begunBy(act: KnownAct): DailyRun | undefined {
  const { item = '', contentHash = '', atMs } = act
  const challengeId = item.slice(prefix.length)
  if (act.act === 'daily-brought') return { ...act.data.daily, challengeId }
  if (act.act !== 'daily-began') return undefined
  const { day, seed } = act.data
  return {
    ...{ day, challengeId, contentHash, seed, startedAtMs: atMs },
    ...{ clock: { seenAtMs: atMs, usedMs: 0 }, handIns: [] },
  }
}

function changed(daily: DailyRun, act: KnownAct & { act: 'daily-seen' | 'daily-handed-in' }): DailyRun {
  const clock = { seenAtMs: act.atMs, usedMs: Math.max(daily.clock.usedMs, act.data.usedMs) }
  if (act.act === 'daily-seen') return { ...daily, clock }
  const { of: attempt, sha256, usedMs } = act.data
  // Handed in again as it was, it came when it came first.
  const isKnown = daily.handIns.some((one) => one.attempt === attempt && one.sha256 === sha256)
  return { ...daily, clock, handIns: isKnown ? daily.handIns : [...daily.handIns, { attempt, sha256, usedMs }] }
}

/** Of two beginnings of one day the earlier counts; of one beginning all that was handed in does. */
export function mergeDailies(a: DailyRun, b: DailyRun): DailyRun {
  if (a.startedAtMs !== b.startedAtMs || a.challengeId !== b.challengeId || a.seed !== b.seed)
    return later<DailyRun>(({ startedAtMs }) => [-startedAtMs])(a, b)
  const first = later<DailyRun['handIns'][number]>(({ usedMs }) => [-usedMs])
  const handIns = joined(
    a.handIns,
    b.handIns,
    ({ attempt, sha256 }) => `${attempt}/${sha256}`,
    first,
    (one) => one.usedMs,
  )
  return { ...a, clock: later<DailyRun['clock']>(({ usedMs }) => [usedMs])(a.clock, b.clock), handIns }
}

/** The act that brings one along as it is; always the same for the same one. */
export function actOfDaily(daily: DailyRun): KnownAct & { act: 'daily-brought' } {
  const { day, challengeId, contentHash, clock } = daily
  return {
    ...{ id: `${day}.${digestOf(daily)}`, act: 'daily-brought', atMs: clock.seenAtMs },
    ...{ item: `${prefix}${challengeId}`, contentHash, data: { daily } },
  }
}
