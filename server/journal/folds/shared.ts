/** The runs that a learner has opened to whoever has the link, as `ATTEMPT/NUMBER` of their gradings. */
import type { KnownAct } from '../acts/registry.ts'
import { digestOf } from '../digest.ts'
import type { Fold } from './fold.ts'

type Shared = Extract<KnownAct, { act: 'shared' }>

/** The last word on each. */
type State = Map<string, Shared>

export const shared: Fold<State, readonly string[]> = {
  begin: () => new Map(),
  apply(state, act) {
    if (act.act !== 'shared') return false
    const run = `${act.data.attempt}/${act.data.grading}`
    const last = state.get(run)
    // Of acts of one moment the one that came in last.
    if (last && act.atMs < last.atMs) return false
    state.set(run, act)
    return true
  },
  view: (state) => [...state].filter(([, { data }]) => data.isOn).map(([run]) => run),
}

/** The act that brings one along. */
export function actOfShared(run: string): KnownAct {
  const [attempt = '', grading] = run.split('/')
  const act: KnownAct = { act: 'shared', atMs: 0, data: { attempt, grading: Number(grading), isOn: true }, id: '' }
  return { ...act, id: digestOf(act) }
}
