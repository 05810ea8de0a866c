/** Drives a generator that waits in virtual time: a program of the outside world, such as a kubectl line. */
import type { Wait } from './process.ts'

export interface Driven {
  readonly isDone: boolean
  /** Takes back what it waits for and ends it, as Ctrl-C does; `onDone` is not called. */
  interrupt(): void
}

/**
 * Runs the generator until it waits, and each time what it waited for arrives.
 * @param onDone given what it returned
 * @param onThrow given what it threw; without it, the error goes to whoever runs the engine
 */
export function drive<T>(
  generator: Generator<Wait, T, unknown>,
  onDone: (value: T) => void,
  onThrow?: (error: unknown) => void,
): Driven {
  const driven = { isDone: false, interrupt }
  let takeBack: (() => void) | undefined

  const advance = (step: () => IteratorResult<Wait, T>): void => {
    takeBack = undefined
    try {
      // A wait may be over at once, inside its own start: a loop, so that such waits do not pile up on the stack.
      let next = step()
      while (!next.done) {
        let isOver = false
        let isStarting = true
        let outcome: unknown
        let stop: () => void
        try {
          stop = next.value.start((given) => {
            if (isOver || driven.isDone) return
            isOver = true
            outcome = given
            if (!isStarting) advance(() => generator.next(given))
          })
        } catch (error) {
          // A wait that can't begin is the program's to deal with.
          next = generator.throw(error)
          continue
        }
        isStarting = false
        if (!isOver) {
          takeBack = stop
          return
        }
        next = generator.next(outcome)
      }
      driven.isDone = true
      onDone(next.value)
    } catch (error) {
      driven.isDone = true
      if (!onThrow) throw error
      onThrow(error)
    }
  }
  function interrupt(): void {
    if (driven.isDone) return
    driven.isDone = true
    takeBack?.()
    generator.return(undefined as T)
  }
  advance(() => generator.next())
  return driven
}
