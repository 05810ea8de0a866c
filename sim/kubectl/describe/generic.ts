/** What describe shows of kinds without a describer of their own. Source: k8s.io/kubectl/pkg/describe, genericDescriber */
import { isMap, type JsonMap, printNumber, sortedKeys } from '../printers/json.ts'
import { type Describer, findEvents, writeEvents, writeHeader } from './common.ts'
import type { DescribeWriter } from './writer.ts'

const skipped = new Set([
  '.metadata.managedFields',
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
  '.metadata.selfLink',
])

export const describeGeneric: Describer = (object, w, context) => {
  writeHeader(w, object)
  if (object.metadata.namespace === undefined) w.field(0, 'Namespace', '')
  writeMap(w, 0, object as unknown as JsonMap, '')
  writeEvents(w, context, findEvents(context, object))
}

function writeMap(w: DescribeWriter, level: number, map: JsonMap, path: string): void {
  for (const field of sortedKeys(map)) {
    const at = `${path}.${field}`
    const value = map[field]
    if (skipped.has(at) || value === null) continue
    const label = labelOf(field)
    if (isMap(value)) {
      w.line(level, `${label}:`)
      writeMap(w, level + 1, value, at)
    } else if (Array.isArray(value)) {
      w.line(level, `${label}:`)
      for (const item of value) {
        if (isMap(item)) writeMap(w, level + 1, item, at)
        else w.line(level + 1, printScalar(item))
      }
    } else w.field(level, label, printScalar(value))
  }
}

const printScalar = (value: unknown): string => (typeof value === 'number' ? printNumber(value) : String(value))

const INITIALISMS = new Set(['API', 'URL', 'UID', 'OSB', 'GUID', 'ID', 'IP', 'IPs', 'CIDR'])

/** `creationTimestamp` → `Creation Timestamp`; keys that are no field names stay as they are. */
function labelOf(field: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(field)) return field
  const words = field.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g) ?? [field]
  return words
    .map((word) => (INITIALISMS.has(word.toUpperCase()) ? word.toUpperCase() : word[0].toUpperCase() + word.slice(1)))
    .join(' ')
}
