/** Durations of the Gateway API, `1h30m`, `500ms`. Pure. Source: GEP-2257 */
const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

/** In milliseconds; undefined for none and for zero, which sets no limit. */
export function durationMs(text: string | undefined): number | undefined {
  let total = 0
  for (const [, number, unit] of (text ?? '').matchAll(/(\d{1,5})(h|ms|m|s)/g)) total += Number(number) * UNIT_MS[unit]
  return total === 0 ? undefined : total
}
