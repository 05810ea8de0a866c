/**
 * Computing time of one thread of this process, as the kernel counts it: what a busy machine does with others is not in it. Linux alone
 * tells; elsewhere the wall clock stands in for it.
 */
import { readFileSync, readlinkSync } from 'node:fs'

/** Of /proc/…/stat: sysconf(_SC_CLK_TCK), which is 100 on every Linux that Node runs on. */
const msPerTick = 10

/** The kernel's number of the thread that calls; 0 where nobody tells. */
export function ownThreadNumber(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? 0)
  } catch {
    return 0
  }
}

/** Milliseconds of computing that the thread of that number has taken so far, in steps of ten; undefined where nobody tells. */
export function threadTimeMs(number: number): number | undefined {
  if (number === 0) return undefined
  try {
    const stat = readFileSync(`/proc/self/task/${number}/stat`, 'utf8')
    // The name in parentheses may hold anything; times are the 14th and 15th field. Source: proc(5)
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * msPerTick
  } catch {
    return undefined
  }
}

/**
 * Calls back once when the thread has taken so much time of its own, or so much has passed by the wall clock, whichever is first.
 * @returns how to take it back
 */
export function watchThreadTime(
  number: number,
  limits: { cpuMs: number; wallMs: number },
  overdue: () => void,
): () => void {
  const startedMs = performance.now()
  const before = threadTimeMs(number)
  const timer = setInterval(
    () => {
      const passedMs = performance.now() - startedMs
      const now = threadTimeMs(number)
      const computedMs = now === undefined || before === undefined ? passedMs : now - before
      if (computedMs < limits.cpuMs && passedMs < limits.wallMs) return
      clearInterval(timer)
      overdue()
    },
    Math.max(20, Math.min(250, limits.cpuMs / 4)),
  )
  return () => clearInterval(timer)
}
