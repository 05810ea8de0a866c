/** A budget of computing for a generator that waits in virtual time: each of its turns is charged to it. */
import { Allowance } from '../engine/work.ts'
import type { Wait } from './process.ts'

/**
 * Runs the generator until it returns, or has used up its steps of computing: then it is ended, where it stands, as by `return`.
 * @returns what it returned; undefined when it was ended
 */
export function* withAllowance<T>(
  steps: number,
  generator: Generator<Wait, T, unknown>,
): Generator<Wait, T | undefined> {
  const allowance = new Allowance(steps)
  const ended: IteratorResult<Wait, T | undefined> = { done: true, value: undefined }
  const turn = (act: () => IteratorResult<Wait, T>): IteratorResult<Wait, T | undefined> =>
    allowance.spend<IteratorResult<Wait, T | undefined>>(act, () => ended)
  let isOver = false
  try {
    let next = turn(() => generator.next())
    while (!next.done) {
      let given: unknown
      let thrown: { error: unknown } | undefined
      try {
        given = yield next.value
      } catch (error) {
        thrown = { error }
      }
      const failed = thrown
      next = turn(() => (failed ? generator.throw(failed.error) : generator.next(given)))
    }
    isOver = true
    return next.value
  } finally {
    if (!isOver) generator.return(undefined as T)
  }
}
