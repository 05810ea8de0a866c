/** get --sort-by. Source: k8s.io/kubectl/pkg/cmd/get/sorter.go */
import { compareQuantities, quantityError } from '../api/meta/quantity.ts'
import { KubectlError } from './errors.ts'
import { goSorted } from './go-sort.ts'
import { findValues, parseRelaxedPath } from './printers/jsonpath.ts'

/**
 * The items in the order of the values at a path.
 * @throws KubectlError for a path that is none, or that leads nowhere in any of them
 */
export function sortByPath<T>(items: readonly T[], path: string, objectOf: (item: T) => unknown): T[] {
  const template = parseRelaxedPath(path)
  const keyed = items.map((item) => ({ item, values: findValues(template, objectOf(item)) }))
  if (items.length > 0 && keyed.every(({ values }) => values.length === 0))
    throw new KubectlError(`couldn't find any field with path "${template.source}" in the list of objects`)
  return goSorted(keyed, (a, b) => isFirst(a.values, b.values)).map(({ item }) => item)
}

/** Those without a value come first. */
function isFirst(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length === 0) return true
  return b.length > 0 && isLess(a[0], b[0])
}

function isLess(a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === null && b !== null
  if (typeof a === 'string' && typeof b === 'string') {
    const areQuantities = quantityError(a) === undefined && quantityError(b) === undefined
    return areQuantities ? compareQuantities(a, b) < 0 : a < b
  }
  return typeof a === 'number' && typeof b === 'number' && a < b
}
