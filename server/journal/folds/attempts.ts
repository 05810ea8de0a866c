/** The attempts of a learner at challenges, the oldest first. */
import type { SeatId } from '../../seat.ts'
import { applySplices } from '../../storage/document-text.ts'
import { withEarlier } from '../../storage/earlier-drafts.ts'
import { gradedLog } from '../../storage/evidence.ts'
import { givenFault, runBefore } from '../../storage/given-faults.ts'
import type { Attempt } from '../../storage/types.ts'
import type { KnownAct } from '../acts/registry.ts'
import { digestOf } from '../digest.ts'
import { mergeAttempts } from '../merge-attempts.ts'
import type { Fold } from './fold.ts'

interface State {
  seat: SeatId
  byId: Map<string, Attempt>
}

export const attempts: Fold<State, readonly Attempt[]> = {
  // Whoever is in the seat may be said more of.
  begin: ({ sittingId, participantId }) => ({ seat: { sittingId, participantId }, byId: new Map() }),
  apply({ seat, byId }, act) {
    const begun = begunBy(act, seat)
    if (begun) {
      const known = byId.get(begun.id)
      byId.set(begun.id, known ? mergeAttempts(known, begun) : begun)
      return true
    }
    if (!('attempt' in act.data) || typeof act.data.attempt !== 'string') return false
    const attempt = byId.get(act.data.attempt)
    // Its beginning is damaged, so nobody knows what it was about.
    if (!attempt) return false
    byId.set(attempt.id, changed(attempt, act))
    return true
  },
  view: ({ byId }) => [...byId.values()].sort((a, b) => a.createdAtMs - b.createdAtMs),
}

const prefix = 'challenge:'

function begunBy(act: KnownAct, seat: SeatId): Attempt | undefined {
  const { item = '', contentHash = '', engineVersion = '', atMs, origin } = act
  const challengeId = item.slice(prefix.length)
  if (act.act === 'attempt-brought') return { ...act.data.attempt, ...seat, challengeId }
  if (act.act !== 'opened') return undefined
  const { attempt: id, seed, drafts, earlierDrafts, hintsOpened, mock } = act.data
  return {
    ...{ id, ...seat, challengeId, contentHash, engineVersion, seed, createdAtMs: atMs, updatedAtMs: atMs },
    ...{ log: [], clockMs: 0, drafts, earlierDrafts, hintsOpened, gradings: [], state: 'open' },
    ...(mock === undefined ? {} : { mock }),
    ...(origin ? { origin } : {}),
  }
}

/** The attempt after one more act on it. */
export function changed(attempt: Attempt, act: KnownAct): Attempt {
  const { atMs, origin } = act
  const at = (change: Partial<Attempt>): Attempt => ({ ...attempt, ...change, updatedAtMs: atMs })
  switch (act.act) {
    case 'ran': {
      const { logged } = act.data
      return at({ log: logged ? [...attempt.log, logged] : attempt.log, clockMs: act.virtualMs ?? attempt.clockMs })
    }
    case 'edited': {
      const { file, text, splices = [], setsAside } = act.data
      const before = attempt.drafts[file]
      const earlierDrafts =
        setsAside && before !== undefined
          ? withEarlier(attempt.earlierDrafts, [{ file, text: before, atMs }])
          : attempt.earlierDrafts
      return at({
        drafts: { ...attempt.drafts, [file]: text ?? applySplices(before ?? '', splices) },
        earlierDrafts,
      })
    }
    case 'set-aside': {
      const { file, text } = act.data
      // Nothing of the work has changed by it.
      return { ...attempt, earlierDrafts: withEarlier(attempt.earlierDrafts, [{ file, text, atMs }]) }
    }
    case 'undid':
      return withoutLastCommand(attempt, at)
    case 'faulted':
      return at({ log: [...attempt.log, act.data.logged] })
    case 'fault-withdrawn':
      return withRun(attempt, at, {
        log: attempt.log.filter((entry) => givenFault(entry)?.id !== act.data.fault),
        clockMs: attempt.clockMs,
      })
    case 'rewound': {
      const { toMs } = act.data
      const { log, clockMs } = attempt
      const before = { log, clockMs, rewound: { by: act.by ?? '', toMs } }
      return { ...withRun(attempt, at, runBefore(attempt, toMs)), before }
    }
    case 'returned': {
      const { before, log, clockMs } = attempt
      return before ? { ...withRun(attempt, at, before), before: { log, clockMs } } : attempt
    }
    case 'closed':
      return at({ state: 'closed' })
    case 'hinted':
      return at({ hintsOpened: [...new Set([...attempt.hintsOpened, ...act.data.hints])] })
    case 'graded': {
      const { attempt: _, ...grading } = act.data
      return at({ gradings: [...attempt.gradings, { atMs, ...grading, ...(origin ? { origin } : {}) }] })
    }
    case 'verified': {
      const { attempt: _, gradedAtMs, ...grading } = act.data
      const gradings = attempt.gradings.map((one) =>
        one.origin && one.atMs === gradedAtMs && one.commands === grading.commands
          ? { atMs: one.atMs, ...grading, verifiedAtMs: atMs }
          : one,
      )
      return { ...attempt, gradings }
    }
    default:
      return attempt
  }
}

/** The cluster is replayed up to where the last command began. What was graded with it keeps its own commands from here on. */
function withoutLastCommand(attempt: Attempt, at: (change: Partial<Attempt>) => Attempt): Attempt {
  const place = attempt.log.findLastIndex((entry) => !givenFault(entry))
  const last = attempt.log[place]
  if (!last) return attempt
  // Faults that were given since come at their seconds all the same.
  const due = attempt.log.slice(place + 1).map((entry) => ({ ...entry, atMs: last.atMs }))
  return withRun(attempt, at, { log: [...attempt.log.slice(0, place), ...due], clockMs: last.atMs })
}

/** On another run; what was graded keeps its own commands. */
function withRun(
  attempt: Attempt,
  at: (change: Partial<Attempt>) => Attempt,
  { log, clockMs }: Pick<Attempt, 'log' | 'clockMs'>,
): Attempt {
  const gradings = attempt.gradings.map((grading) => {
    const own = gradedLog(attempt, grading)
    return own.every((entry, n) => entry === log[n]) ? grading : { ...grading, log: own }
  })
  return at({ log, gradings, clockMs })
}

/** The act that brings an attempt along as it is; always the same for the same attempt. */
export function actOfAttempt(attempt: Attempt): KnownAct & { act: 'attempt-brought' } {
  const { participantId: _, sittingId: __, challengeId, ...content } = attempt
  const { id, contentHash, engineVersion, updatedAtMs, clockMs, origin } = attempt
  return {
    ...{
      id: `${id}.${digestOf({ challengeId, ...content })}`,
      act: 'attempt-brought',
      atMs: updatedAtMs,
      item: `${prefix}${challengeId}`,
    },
    ...{ contentHash, engineVersion, virtualMs: clockMs, ...(origin ? { origin } : {}) },
    data: { attempt: content },
  }
}
