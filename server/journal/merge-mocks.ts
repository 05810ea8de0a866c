/** One mock exam or interview as two journals tell of it. Pure. */
import { canonical } from '../storage/canonical.ts'
import type { Mock, MockItem, MockTask } from '../storage/types.ts'
import { later, mergeOrigins } from './merging.ts'

/**
 * Question by question, and task by task, what got furthest; handed in when it was in either, and the earlier end counts. One that was sat here is not
 * changed by one that was not.
 */
export function mergeMocks(a: Mock, b: Mock): Mock {
  if (canonical(a) === canonical(b)) return a
  if (!a.origin !== !b.origin) return a.origin ? b : a
  const frame = ({ items, tasks, handedInAtMs, endsAtMs, clock, origin, ...rest }: Mock) => rest
  const asked = ({ items, tasks = [] }: Mock) =>
    [
      ...items.map(({ questionId, seed }) => `${questionId} ${seed}`),
      ...tasks.map(({ challengeId, seed }) => `${challengeId} ${seed}`),
    ].join('\n')
  const parts = ({ items, tasks = [] }: Mock) => [...items, ...tasks]
  // Not of one drawing: none is made of both.
  if (asked(a) !== asked(b))
    return later<Mock>((mock) => [parts(mock).filter(({ result }) => result !== null).length, parts(mock).length])(a, b)
  return {
    ...later<ReturnType<typeof frame>>(({ current }) => [current])(frame(a), frame(b)),
    endsAtMs: earliest(a.endsAtMs, b.endsAtMs),
    handedInAtMs: earliest(a.handedInAtMs, b.handedInAtMs),
    ...furtherClock(a, b),
    ...mergeOrigins(a, b),
    items: a.items.map((item, place) => furthest(item, b.items[place]!)),
    ...(a.tasks && { tasks: a.tasks.map((task, place) => furtherTask(task, b.tasks![place]!)) }),
  }
}

/** Of two clocks the one by which more time is used. */
function furtherClock({ clock: a }: Mock, { clock: b }: Mock): Pick<Mock, 'clock'> {
  const clock =
    a && b ? later<NonNullable<Mock['clock']>>(({ usedMs, seenAtMs }) => [usedMs, seenAtMs])(a, b) : (a ?? b)
  return clock ? { clock } : {}
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

const furthest = later<MockItem>(({ result, given, spentMs }) => [
  result === null ? 0 : 1,
  given.length > 0 ? 1 : 0,
  spentMs,
])

const furtherTask = later<MockTask>(({ result, isFlagged }) => [result === null ? 0 : 1, isFlagged ? 1 : 0])
