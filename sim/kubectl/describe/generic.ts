/** What describe shows of kinds without a describer of their own. Source: k8s.io/kubectl/pkg/describe, genericDescriber */
import { isMap, type JsonMap, printNumber, sortedKeys } from '../../api/meta/go-json.ts'
import { type Describer, findEvents, writeAnnotations, writeEvents, writeLabels } from './common.ts'
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
  w.field(0, 'Name', object.metadata.name)
  w.field(0, 'Namespace', object.metadata.namespace ?? '')
  writeLabels(w, 'Labels', object.metadata.labels)
  writeAnnotations(w, 'Annotations', object.metadata.annotations)
  writeMap(w, 0, object as unknown as JsonMap, '')
  writeEvents(w, context, findEvents(context, object))
}

function writeMap(w: DescribeWriter, level: number, map: JsonMap, path: string): void {
  for (const field of sortedKeys(map)) {
    const at = `${path}.${field}`
    const value = map[field]
    if (skipped.has(at)) continue
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

const printScalar = (value: unknown): string =>
  isMap(value) || Array.isArray(value) ? printGo(value) : printAtom(value)

const printAtom = (value: unknown): string =>
  typeof value === 'number' ? printNumber(value) : value === null ? '<nil>' : String(value)

/** As Go's %v prints what is nested in a list. */
function printGo(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printGo).join(' ')}]`
  if (!isMap(value)) return printAtom(value)
  return `map[${sortedKeys(value)
    .map((key) => `${key}:${printGo(value[key])}`)
    .join(' ')}]`
}

const ACRONYMS = new Set(['API', 'URL', 'UID', 'GUID'])

/** `creationTimestamp` → `Creation Timestamp`; keys that hold more than letters and dashes stay as they are. */
function labelOf(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field
  return mergeAbbreviations(splitWords(field))
    .map((word) => {
      if (ACRONYMS.has(word.toUpperCase())) return word.toUpperCase()
      return word.toLowerCase() === word ? word[0].toUpperCase() + word.slice(1) : word
    })
    .join(' ')
}

/** Small letters, capitals and the rest apart; the last of several capitals belongs to the small letters behind it. */
const splitWords = (field: string): string[] =>
  field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}\p{Ll}+|\p{Ll}+|[^\p{Lu}\p{Ll}]+/gu) ?? [field]

/** `CID`, `Rs` → `CIDRs` */
function mergeAbbreviations(words: readonly string[]): string[] {
  const merged: string[] = []
  for (let at = 0; at < words.length; at++) {
    const isAbbreviation = words[at].length >= 2 && words[at] === words[at].toUpperCase()
    if (isAbbreviation && /^\p{Lu}/u.test(words[at + 1] ?? '')) merged.push(words[at] + words[++at])
    else merged.push(words[at])
  }
  return merged
}
