/** Work that takes virtual time, written as a generator: it yields what it waits for. */
import type { Engine } from '../engine/engine.ts'
import { charge } from '../engine/work.ts'
import type { Wait } from '../runtime/process.ts'

export type Routine<T> = Generator<Wait, T, unknown>

/** Runs a routine to its end and gives `done` what it returned. The returned function abandons it. */
export function runRoutine<T>(routine: Routine<T>, done: (value: T) => void): () => void {
  let cancelWait: (() => void) | undefined
  let isOver = false

  const advance = (value: unknown): void => {
    let input = value
    while (!isOver) {
      const step = routine.next(input)
      if (step.done) {
        isOver = true
        done(step.value)
        return
      }
      // A wait may end during its own start: then go on here, not deeper in the stack.
      let isStarting = true
      let early: { value: unknown } | undefined
      cancelWait = step.value.start((result) => {
        if (isOver) return
        if (isStarting) early = { value: result }
        else advance(result)
      })
      isStarting = false
      if (!early) return
      input = (early as { value: unknown }).value
    }
  }
  advance(undefined)
  return () => {
    if (isOver) return
    isOver = true
    cancelWait?.()
    routine.return(undefined as never)
  }
}

/** Of computing: what follows a wait, such as a call of the runtime with its processes and files. */
const stepsOfStage = 500

/** Waits that many virtual milliseconds. */
export const pause = (engine: Engine, ms: number, label: string): Wait<void> => ({
  start(resume) {
    const timer = engine.after(ms, label, () => {
      charge(stepsOfStage)
      resume(undefined)
    })
    return () => engine.cancel(timer)
  },
})

/** Runs a routine that may be cut short: `onStart` is given what ends it early, with undefined. */
export const cutShort = <T>(
  routine: Routine<T>,
  onStart: (cut: (() => void) | undefined) => void,
): Wait<T | undefined> => ({
  start(resume) {
    let isOver = false
    const end = (value: T | undefined): void => {
      isOver = true
      onStart(undefined)
      resume(value)
    }
    const cancel = runRoutine(routine, end)
    if (!isOver) {
      onStart(() => {
        cancel()
        end(undefined)
      })
    }
    return () => {
      onStart(undefined)
      cancel()
    }
  },
})

/** Waits until every one of the routines has ended; they run side by side. */
export const all = (routines: readonly Routine<unknown>[]): Wait<void> => ({
  start(resume) {
    let open = routines.length
    if (open === 0) resume(undefined)
    const cancels = routines.map((routine) =>
      runRoutine(routine, () => {
        if (--open === 0) resume(undefined)
      }),
    )
    return () => {
      for (const cancel of cancels) cancel()
    }
  },
})
