/** Durations as kubectl and Go print them. Sources: k8s.io/apimachinery/pkg/util/duration, Go's time.Duration. */

/**
 * An age in at most two units, coarser as it grows: `119s`, `5m3s`, `23h`, `3d4h`, `2y35d`.
 * @param ms up to two seconds of clock skew into the past prints as `0s`, more as `<invalid>`
 */
export function printHumanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(ms / 60_000)
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(ms / 3_600_000)
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  if (hours < 192) return pair(Math.trunc(hours / 24), 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24)}d`
  if (hours < 24 * 365 * 8) return pair(Math.trunc(hours / 24 / 365), 'y', Math.trunc(hours / 24) % 365, 'd')
  return `${Math.trunc(hours / 24 / 365)}y`
}

const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`

const UNIT_MS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/**
 * Milliseconds of a Go duration: `1h30m`, `500ms`, `0`, `-1.5h`.
 * @returns undefined when the text is none
 */
export function parseGoDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined
  let total = 0
  for (const [, value, unit] of rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(value) * UNIT_MS[unit]
  return sign * total
}

/** `1h0m0s`, `1m30s`, `1.5s`, `250ms`, `0s`. */
export function printGoDuration(ms: number): string {
  if (ms === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  const size = Math.abs(ms)
  if (size < 0.001) return `${sign}${Math.round(size * 1e6)}ns`
  if (size < 1) return `${sign}${decimal(size * 1000)}µs`
  if (size < 1000) return `${sign}${decimal(size)}ms`
  const hours = Math.trunc(size / 3_600_000)
  const minutes = Math.trunc(size / 60_000) % 60
  const seconds = decimal((size % 60_000) / 1000)
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}

const decimal = (value: number): string => String(Number(value.toFixed(9)))
