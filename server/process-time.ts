/**
 * Computing time of a process, as the kernel counts it: what a busy machine does with others is not in it. Linux alone tells; elsewhere the
 * wall clock stands in for it.
 */
import { readFileSync } from 'node:fs'

/** Of /proc/…/stat: sysconf(_SC_CLK_TCK), which is 100 on every Linux that Node runs on. */
const msPerTick = 10

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
 * Calls back once when the process has taken so much time of its own, or so much has passed by the wall clock, whichever is first.
 * @returns how to take it back
 */
export function watchProcessTime(
  pid: number,
  limits: { cpuMs: number; wallMs: number },
  overdue: () => void,
): () => void {
  const startedMs = performance.now()
  const before = processTimeMs(pid)
  const timer = setInterval(
    () => {
      const passedMs = performance.now() - startedMs
      const now = processTimeMs(pid)
      const computedMs = now === undefined || before === undefined ? passedMs : now - before
      if (computedMs < limits.cpuMs && passedMs < limits.wallMs) return
      clearInterval(timer)
      overdue()
    },
    Math.max(20, Math.min(250, limits.cpuMs / 4)),
  )
  return () => clearInterval(timer)
}
