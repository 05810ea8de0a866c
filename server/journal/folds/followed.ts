/** The track that a learner has made their own: the one they chose last, unless they left it since. */
import type { FollowedTrack } from '../../storage/types.ts'
import type { KnownAct } from '../acts/registry.ts'
import { digestOf } from '../digest.ts'
import type { Fold } from './fold.ts'

type Followed = Extract<KnownAct, { act: 'followed' }>

interface State {
  last?: Followed
}

export const followed: Fold<State, FollowedTrack | undefined> = {
  begin: () => ({}),
  apply(state, act) {
    if (act.act !== 'followed' || act.item === undefined) return false
    // Of acts of one moment the one that came in last.
    if (state.last && act.atMs < state.last.atMs) return false
    state.last = act
    return true
  },
  view: ({ last }) => (last?.data.isOn ? { item: last.item!, until: last.data.until, sinceMs: last.atMs } : undefined),
}

/** The track that they left last, and have not taken up since. */
export const leftTrack = ({ last }: State): string | undefined => (last?.data.isOn === false ? last.item : undefined)

/** The act that brings it along as it is. */
export function actOfFollowed({ item, until, sinceMs }: FollowedTrack): KnownAct {
  const act: KnownAct = { act: 'followed', item, atMs: sinceMs, data: { isOn: true, until }, id: '' }
  return { ...act, id: digestOf(act) }
}
