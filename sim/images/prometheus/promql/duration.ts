/** Durations as Prometheus writes them: `1d12h`, `5m`. Source: github.com/prometheus/common/model/time.go */

const units: Readonly<Record<string, number>> = {
  ...{ y: 365 * 86_400_000, w: 7 * 86_400_000, d: 86_400_000 },
  ...{ h: 3_600_000, m: 60_000, s: 1000, ms: 1 },
}

/** Longer ones have no place in 64 bits of nanoseconds. */
const MOST_MS = 2 ** 63 / 1e6

/** In milliseconds; undefined for what is none, has its units in another order, or is out of range. */
export function parsePrometheusDuration(text: string): number | undefined {
  if (text === '0') return 0
  const parts = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text)
  if (!parts || text === '') return undefined
  const sum = Object.values(units).reduce((before, ms, n) => before + ms * Number(parts[n + 1] ?? 0), 0)
  return sum < MOST_MS ? sum : undefined
}

/** The other way round, with the largest units that leave no rest. */
export function printPrometheusDuration(ms: number): string {
  if (ms === 0) return '0s'
  let left = ms
  let text = ''
  for (const [unit, length] of Object.entries(units)) {
    // Years and weeks only where nothing is left over.
    if ((unit === 'y' || unit === 'w') && left % length !== 0) continue
    const count = Math.floor(left / length)
    if (count === 0) continue
    text += `${count}${unit}`
    left -= count * length
  }
  return text
}
