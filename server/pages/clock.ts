/** Virtual time as pages print it. Pure. */

/** `2:05.4`, and `1:02:05.4` from an hour on: since the hand-over. Rounded before it is split, so that 59.97 s is a minute. */
export function printClock(ms: number): string {
  const tenths = Math.round(ms / 100)
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0')
  const minutes = Math.floor(tenths / 600)
  if (minutes < 60) return `${minutes}:${seconds}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${seconds}`
}

/** How far an arrow key moves in a history: some two hundred steps from its start to its end. */
export const scrubStepMs = (endMs: number): number =>
  [100, 500, 1000, 5000, 10_000, 60_000].find((step) => endMs / step <= 250) ?? 600_000
