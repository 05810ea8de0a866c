/**
 * When this process itself computed and read no answers: who sends hostile inputs puts megabytes together in the process that measures. What of a
 * wait is the client's own is no wait for the server.
 */
const tickMs = 5
/** Shorter ones are within what is measured anyhow. */
const shortestMs = 10
const keptMs = 120_000

export interface Stretch {
  startMs: number
  endMs: number
  /** Of it, what this process computed; the rest it waited for a processor, and others as well. */
  busyMs: number
}

/** Watches the event loop from now on. @returns the stretches so far, and how to stop */
export function watchOwnWork(): { stretches(): readonly Stretch[]; stop(): void } {
  let kept: Stretch[] = []
  let startMs = performance.now()
  let used = process.cpuUsage()
  const timer = setInterval(() => {
    const endMs = performance.now()
    const { user, system } = process.cpuUsage(used)
    const busyMs = Math.min(endMs - startMs, (user + system) / 1000)
    if (endMs - startMs > tickMs + shortestMs) kept.push({ startMs, endMs, busyMs })
    if (kept.length > 0 && kept[0]!.endMs < endMs - keptMs) kept = kept.filter((each) => each.endMs >= endMs - keptMs)
    startMs = performance.now()
    used = process.cpuUsage()
  }, tickMs).unref()
  return { stretches: () => kept, stop: () => clearInterval(timer) }
}

/** How much of the time between two moments this process computed by itself, at most. Pure. */
export function ownMsBetween(startMs: number, endMs: number, stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, stretch) => {
    const sharedMs = Math.min(endMs, stretch.endMs) - Math.max(startMs, stretch.startMs)
    return sharedMs > 0 ? sum + Math.min(sharedMs, stretch.busyMs) : sum
  }, 0)
}
