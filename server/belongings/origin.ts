/**
 * What a file is believed. One that this server signed for the same learner is their own. Of any other the work comes along with its
 * origin, and grades wait until they are computed again here. Pure.
 */
import type { KnownAct } from '../journal/acts/registry.ts'
import { workOfActs } from '../journal/work.ts'
import type { Seat } from '../seat.ts'
import type { Origin } from '../storage/origin.ts'
import type { Belongings } from './belongings.ts'
import type { Maker } from './signature.ts'

/**
 * Whose a file is: the learner's `own`; of somebody who is `gone` from this server, which may be the same person under an earlier name;
 * of another `learner` of this server; or from `elsewhere`: another server's, or changed since it was made.
 */
export type Standing = 'own' | 'gone' | 'learner' | 'elsewhere'

/** @param isThere whether the learner that the file was made for is still known here */
export function standingOf(maker: Maker | null, owner: Seat, isThere: boolean): Standing {
  if (!maker) return 'elsewhere'
  if (maker.learner === owner.learnerId) return 'own'
  return isThere ? 'learner' : 'gone'
}

/** What was read, with marks on what is not the learner's own. */
export function received({ acts, sandboxes }: Belongings, standing: Standing, owner: Seat, nowMs: number): Belongings {
  if (standing === 'own') return { acts, sandboxes }
  const origin: Origin = { from: standing === 'elsewhere' ? 'elsewhere' : 'learner', atMs: nowMs }
  // What a file says of its origins is believed if this server signed it: anybody may have written the others.
  const originOf = (one: { origin?: Origin }): Origin => (standing === 'elsewhere' ? origin : (one.origin ?? origin))
  // What this server graded is graded, whoever it was that has gone since.
  const isGraded = standing === 'gone'
  const marked = acts.flatMap((act): KnownAct[] => {
    // Its own acts may come one day, with their own ids.
    const envelope = { id: `${act.id}.${origin.from}`, origin: originOf(act) }
    switch (act.act) {
      case 'verified':
        return isGraded ? [{ ...act, id: envelope.id }] : []
      case 'graded':
        return [isGraded ? { ...act, id: envelope.id } : { ...act, ...envelope }]
      case 'attempt-brought': {
        const { attempt } = act.data
        const gradings = isGraded
          ? attempt.gradings
          : attempt.gradings.map(({ verifiedAtMs: _, ...one }) => ({ ...one, origin: originOf(one) }))
        return [{ ...act, ...envelope, data: { attempt: { ...attempt, origin: originOf(attempt), gradings } } }]
      }
      case 'mock-began':
      case 'mock-brought': {
        const { mock } = act.data
        return [{ ...act, ...envelope, data: { mock: { ...mock, origin: originOf(mock) } } }]
      }
      default:
        return [{ ...act, ...envelope }]
    }
  })
  return { acts: isGraded ? marked : [...marked, ...endsOf(marked, owner, nowMs)], sandboxes }
}

/** Time that another clock gave is over: what ran there is handed in. */
const endsOf = (acts: readonly KnownAct[], owner: Seat, nowMs: number): KnownAct[] =>
  workOfActs(owner, acts)
    .mocks.filter(({ endsAtMs, handedInAtMs }) => endsAtMs !== null && handedInAtMs === null && endsAtMs > nowMs)
    .map(({ id }) => ({ id: `${id}.over`, act: 'mock-handed-in', atMs: nowMs, data: { mock: id } }))
