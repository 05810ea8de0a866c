/** `-o custom-columns=NAME:.metadata.name,IMAGES:.spec.containers[*].image`. Source: k8s.io/kubectl/pkg/cmd/get/customcolumn.go */

import { isMap, printNumber } from '../../api/meta/go-json.ts'
import { charge } from '../../engine/work.ts'
import { KubectlError } from '../errors.ts'
import { findValues, parseRelaxedPath } from './jsonpath.ts'
import { layOut, tableTabs } from './tab-writer.ts'

/** @throws KubectlError for a column without a name or path */
export function printCustomColumns(spec: string, hasHeaders: boolean): { print(value: unknown): string } {
  const columns = spec.split(',').map((part) => {
    const colon = part.indexOf(':')
    if (colon < 0) {
      throw new KubectlError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`)
    }
    return { header: part.slice(0, colon), path: parseRelaxedPath(part.slice(colon + 1)) }
  })
  return {
    print(value) {
      const items = isMap(value) && Array.isArray(value.items) ? value.items : [value]
      const lines = items.map((item) => columns.map(({ path }) => printValues(findValues(path, item))).join('\t'))
      if (hasHeaders) lines.unshift(columns.map(({ header }) => header).join('\t'))
      return layOut(`${lines.join('\n')}\n`, tableTabs)
    },
  }
}

const printValues = (values: readonly unknown[]): string =>
  values.length === 0 ? '<none>' : values.map(printValue).join(',')

/** A value as Go's %v shows it. */
function printValue(value: unknown): string {
  charge(2)
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`
  if (isMap(value)) {
    return `map[${Object.keys(value)
      .sort()
      .map((key) => `${key}:${printValue(value[key])}`)
      .join(' ')}]`
  }
  if (typeof value === 'number') return printNumber(value)
  return value === null || value === undefined ? '<none>' : String(value)
}
