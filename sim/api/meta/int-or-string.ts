/** Counts that may be a percentage. Source: k8s.io/apimachinery/pkg/util/intstr */
import type { IntOrString } from './object.ts'

/**
 * The count that `value` means of `total`: 2 → 2; `25%` of 10 → 3 rounding up, 2 rounding down.
 * @throws Error when the text is no percentage
 */
export function scaledValue(value: IntOrString, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const percent = parsePercent(value)
  if (percent === undefined) throw new Error(`invalid value for IntOrString: invalid type: string is not a percentage`)
  return rounding === 'up' ? Math.ceil((percent * total) / 100) : Math.floor((percent * total) / 100)
}

/** The number before `%`, or undefined. */
function parsePercent(value: IntOrString): number | undefined {
  if (typeof value === 'number') return undefined
  const match = /^([+-]?\d+)%$/.exec(value)
  return match ? Number(match[1]) : undefined
}
