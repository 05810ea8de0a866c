/** What a candidate did with the exercise itself: agreed, started, took breaks, handed in; and the time that they were given. */
import type { SeatChange } from '../../seats/candidate-life.ts'
import type { KnownAct } from '../acts/registry.ts'
import type { Fold } from './fold.ts'

export interface Candidacy {
  isAny: boolean
  /** What happened to the seat, in the order in which it came in: `seatOfCandidate` says how it stands. */
  changes: readonly SeatChange[]
  /** The last one; undefined without, and when they declined since. */
  consent: { purposes: readonly string[]; atMs: number } | undefined
  declinedAtMs: number | undefined
  /** What they asked for last. */
  asked: { says: string; atMs: number } | undefined
  hasPractised: boolean
  credits: readonly { ms: number; why: 'outage' | 'given'; atMs: number; by: string | undefined }[]
}

const nothing: Candidacy = {
  ...{ isAny: false, changes: [], consent: undefined, declinedAtMs: undefined, asked: undefined },
  ...{ hasPractised: false, credits: [] },
}

/** The event of the seat's life that an act is; undefined for those that are none. */
export function eventOfAct({ act, data }: Pick<KnownAct, 'act' | 'data'>): SeatChange['event'] | undefined {
  switch (act) {
    case 'consented':
      return { event: 'consent' }
    case 'practised':
      return { event: 'practise' }
    case 'started':
      return { event: 'start' }
    case 'on-break':
      return { event: 'break' }
    case 'back':
      return { event: 'return' }
    case 'handed-in':
      return { event: 'submit' }
    case 'credited':
      return { event: 'credit', ms: (data as { ms: number }).ms }
    case 'multiplied':
      return { event: 'multiply', by: (data as { by: number }).by }
    default:
      return undefined
  }
}

interface State {
  now: Candidacy
}

export const candidacy: Fold<State, Candidacy> = {
  begin: () => ({ now: nothing }),
  apply(state, act) {
    const { atMs } = act
    const event = eventOfAct(act)
    if (!event && act.act !== 'declined' && act.act !== 'time-asked') return false
    const changes = event ? [...state.now.changes, { event, atMs }] : state.now.changes
    const now = { ...state.now, isAny: true, changes }
    switch (act.act) {
      case 'consented':
        state.now = { ...now, consent: { purposes: act.data.purposes, atMs }, declinedAtMs: undefined }
        break
      case 'declined':
        state.now = { ...now, consent: undefined, declinedAtMs: atMs }
        break
      case 'practised':
        state.now = { ...now, hasPractised: true }
        break
      case 'time-asked':
        state.now = { ...now, asked: { says: act.data.says, atMs } }
        break
      case 'credited':
        state.now = { ...now, credits: [...now.credits, { ...act.data, atMs, by: act.by }] }
        break
      default:
        state.now = now
    }
    return true
  },
  view: ({ now }) => now,
}
