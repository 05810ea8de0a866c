/** What others did in a seat, each with who it was: typed in its clusters with its owner's consent, or done to all by who leads the workshop. */
import type { KnownAct } from '../acts/registry.ts'
import { actKind } from '../acts/registry.ts'
import type { Fold } from './fold.ts'

export interface Helped {
  atMs: number
  by: string
  act: KnownAct['act']
  item: string
  /** A text for `t`, and its values. */
  text: string
  values: Readonly<Record<string, string | number>>
}

export const helped: Fold<Helped[], readonly Helped[]> = {
  begin: () => [],
  apply(state, act) {
    if (act.by === undefined) return false
    const { text, values = {} } = actKind(act.act)!.words(act as never)
    state.push({ atMs: act.atMs, by: act.by, act: act.act, item: act.item ?? '', text, values })
    return true
  },
  view: (state) => [...state],
}
