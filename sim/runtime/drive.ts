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
  let isDone = false
  let takeBack: (() => void) | undefined

  const advance = (value: unknown): void => {
    takeBack = undefined
    try {
      // A wait may be over at once, inside its own start: a loop, so that such waits do not pile up on the stack.
      let next = generator.next(value)
      while (!next.done) {
        let isOver = false
        let isStarting = true
        let outcome: unknown
        const stop = next.value.start((given) => {
          if (isOver || isDone) return
          isOver = true
          outcome = given
          if (!isStarting) advance(given)
        })
        isStarting = false
        if (!isOver) {
          takeBack = stop
          return
        }
        next = generator.next(outcome)
      }
      isDone = true
      onDone(next.value)
    } catch (error) {
      isDone = true
      if (!onThrow) throw error
      onThrow(error)
    }
  }
  advance(undefined)
  return {
    get isDone() {
      return isDone
    },
    interrupt() {
      if (isDone) return
      isDone = true
      takeBack?.()
      generator.return(undefined as T)
    },
  }
}
