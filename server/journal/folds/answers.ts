/** The answers of a learner, in the order in which they were given. */
import type { Answer } from '../../storage/types.ts'
import type { KnownAct } from '../acts/registry.ts'
import { digestOf } from '../digest.ts'
import { later } from '../merging.ts'
import type { Fold } from './fold.ts'

interface State {
  byId: Map<string, Answer>
  /** As shown last. An answer that comes behind the others is put there, since there may be thousands. */
  list: Answer[] | undefined
}

export const answers: Fold<State, readonly Answer[]> = {
  begin: () => ({ byId: new Map(), list: [] }),
  apply(state, act) {
    if (act.act !== 'answered' || !act.item?.startsWith(prefix)) return false
    const answer = answerOf(act)
    const known = state.byId.get(answer.id)
    if (known && chosen(known, answer) === known) return false
    state.byId.set(answer.id, answer)
    const last = state.list?.at(-1)
    if (!known && state.list && (!last || compare(last, answer) <= 0)) state.list.push(answer)
    else state.list = undefined
    return true
  },
  view(state) {
    state.list ??= [...state.byId.values()].sort(compare)
    return [...state.list]
  },
}

const prefix = 'question:'

function answerOf({ item = '', contentHash = '', atMs, origin, data }: KnownAct & { act: 'answered' }): Answer {
  const { answer, key: _, ...rest } = data
  return {
    id: answer,
    questionId: item.slice(prefix.length),
    contentHash,
    atMs,
    ...rest,
    ...(origin ? { origin } : {}),
  }
}

/** One's own, if it is; of one that was read in twice the first stays: then reading a file again changes nothing. */
export const chosen = later<Answer>(({ atMs, origin }) => [origin ? 0 : 1, atMs, -(origin?.atMs ?? 0)])

/** Those of one moment in the order in which they came in. */
const compare = (a: Answer, b: Answer): number => a.atMs - b.atMs

/**
 * The act that makes the answer.
 * @param isOther there is one of that name, and this is to stand in its place
 */
export function actOfAnswer(answer: Answer, isOther = false): KnownAct & { act: 'answered' } {
  const { id, questionId, contentHash, atMs, origin, ...data } = answer
  // One of somewhere else does not stand in the way of one's own.
  const kind = isOther ? `.${digestOf(answer)}` : origin ? `.${origin.from}` : ''
  return {
    ...{ id: `${id}${kind}`, act: 'answered', atMs, item: `${prefix}${questionId}`, contentHash },
    ...(origin ? { origin } : {}),
    data: { answer: id, ...data },
  }
}
