/**
 * Equality as the API server and the controllers mean it: `128Mi` and `134217728` are one quantity.
 * Source: apimachinery/pkg/api/equality/semantic.go
 */
import { charge } from '../../engine/work.ts'
import { equalJson } from './json.ts'
import { compareQuantities, quantityError } from './quantity.ts'

/** Maps whose values are quantities, wherever they stand in what Kubernetes defines. */
const quantityMaps: ReadonlySet<string> = new Set([
  ...['limits', 'requests', 'capacity', 'allocatable', 'overhead', 'hard'],
  ...['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'],
])
/** Fields that are quantities. */
const quantityFields: ReadonlySet<string> = new Set(['sizeLimit', 'divisor', 'averageValue'])

/** Maps of texts, and schemas: what stands in them has names that somebody chose. */
const plainMembers: ReadonlySet<string> = new Set([
  ...['labels', 'annotations', 'matchLabels', 'nodeSelector', 'selector', 'data', 'openAPIV3Schema'],
])

/** What a member of that name has to say of what is below it. */
type Below = 'anything' | 'quantities' | 'quantity'

/** Deep equality of two objects or parts of them; an undefined member is one that is not there. */
export const equalSemantically = (a: unknown, b: unknown): boolean => equalJson(a, b) || areEqual(a, b, 'anything')

function areEqual(a: unknown, b: unknown, below: Below): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return below === 'quantity' && areEqualQuantities(a, b)
  charge(2)
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((item, n) => areEqual(item, b[n], 'anything'))
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    charge(1)
    const isEqual = plainMembers.has(key)
      ? equalJson(left[key], right[key])
      : areEqual(left[key], right[key], belowOf(key, below))
    if (!isEqual) return false
  }
  return true
}

function belowOf(key: string, below: Below): Below {
  if (below === 'quantities') return 'quantity'
  if (quantityFields.has(key)) return 'quantity'
  return quantityMaps.has(key) ? 'quantities' : 'anything'
}

function areEqualQuantities(a: unknown, b: unknown): boolean {
  const [one, other] = [textOf(a), textOf(b)]
  return one !== undefined && other !== undefined && compareQuantities(one, other) === 0
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  return text !== undefined && quantityError(text) === undefined ? text : undefined
}
