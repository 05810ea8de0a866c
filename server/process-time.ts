/**
 * Computing time of a process, as the kernel counts it: what a busy machine does with others is not in it. Linux alone tells; elsewhere the
 * wall clock stands in for it.
 */
import { readFileSync } from 'node:fs'

/** Of /proc/…/stat: sysconf(_SC_CLK_TCK), which is 100 on every Linux that Node runs on. */
const msPerTick = 10

/** Milliseconds of a process's own and by the wall clock. */
export interface ProcessTimes {
  cpuMs: number
  wallMs: number
}

/** Milliseconds of computing that the process of that number has taken so far, in steps of ten; undefined where nobody tells. */
export function processTimeMs(pid: number): number | undefined {
  if (pid === 0) return undefined
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; times are the 14th and 15th field. Source: proc(5)
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * msPerTick
  } catch {
    return undefined
  }
}

/**
 * What a process computes from now on.
 * @returns how to read it: milliseconds of its own and by the wall clock, which stands in for the former where nobody tells
 */
export function processStopwatch(pid: number): () => ProcessTimes {
  const startedMs = performance.now()
  const before = processTimeMs(pid)
  return () => {
    const wallMs = performance.now() - startedMs
    const now = processTimeMs(pid)
    return { cpuMs: now === undefined || before === undefined ? wallMs : now - before, wallMs }
  }
}

/** By which clock a process has taken more than it may: its own computing, or the wall's. */
export type OverdueBy = 'cpu' | 'wall'

/** @returns undefined when it takes no more than it may */
export function overdueBy(taken: ProcessTimes, limits: ProcessTimes): OverdueBy | undefined {
  if (taken.cpuMs >= limits.cpuMs) return 'cpu'
  return taken.wallMs >= limits.wallMs ? 'wall' : undefined
}

/**
 * Calls back once when the process has taken so much time of its own, or so much has passed by the wall clock, whichever is first.
 * @returns how to take it back
 */
export function watchProcessTime(pid: number, limits: ProcessTimes, overdue: (by: OverdueBy) => void): () => void {
  const taken = processStopwatch(pid)
  const timer = setInterval(
    () => {
      const by = overdueBy(taken(), limits)
      if (!by) return
      clearInterval(timer)
      overdue(by)
    },
    Math.max(20, Math.min(250, limits.cpuMs / 4)),
  )
  return () => clearInterval(timer)
}
