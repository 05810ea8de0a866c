/**
 * What a body's text tells and its value does not: the order of its fields, and which of them stand twice.
 * Sources: sigs.k8s.io/json UnmarshalStrict, sigs.k8s.io/yaml UnmarshalStrict
 */
import { isScalar, LineCounter, parseDocument, type Scalar, visit } from 'yaml'
import type { WrittenFields } from '../client/client.ts'

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

interface Frame {
  path: string
  /** Of an object: its keys so far. */
  keys?: Set<string>
  key: string
  index: number
}

interface Field {
  path: string
  key: string
  offset: number
  isRepeated: boolean
}

/** Every field of a JSON text that can be read, in its order. */
function fieldsOfJson(text: string): Field[] {
  const fields: Field[] = []
  const frames: Frame[] = []
  let isKey = false
  for (const { 0: token, index: offset } of text.matchAll(TOKEN)) {
    const frame = frames.at(-1)
    if (token === '{' || token === '[') {
      const path = !frame ? '' : frame.keys ? fieldPath(frame.path, frame.key) : `${frame.path}[${frame.index}]`
      frames.push({ path, key: '', index: 0, ...(token === '{' ? { keys: new Set<string>() } : {}) })
      isKey = token === '{'
    } else if (token === '}' || token === ']') {
      frames.pop()
      isKey = false
    } else if (token === ',') {
      if (frame) frame.index++
      isKey = frame?.keys !== undefined
    } else if (isKey && frame?.keys) {
      const key: string = token.includes('\\') ? JSON.parse(token) : token.slice(1, -1)
      fields.push({ path: fieldPath(frame.path, key), key, offset, isRepeated: frame.keys.has(key) })
      frame.keys.add(key)
      frame.key = key
      isKey = false
    }
  }
  return fields
}

const fieldPath = (path: string, key: string): string => (path ? `${path}.${key}` : key)

/** @param text of a JSON value */
export function writtenInJson(text: string): WrittenFields {
  const fields = fieldsOfJson(text)
  const told = new Set<string>()
  const duplicates = fields.flatMap(({ path, isRepeated }, position) => {
    if (!isRepeated || told.has(path)) return []
    told.add(path)
    return [{ text: `duplicate field ${JSON.stringify(path)}`, path, position }]
  })
  return { duplicates, order: fields.map(({ path }) => path) }
}

/** @param text of a YAML document that can be read. Its fields are sorted before anything is said of them. */
export function writtenInYaml(text: string): WrittenFields {
  const repeated = repeatedKeys(text).map(({ key, line }) => `\n  line ${line}: key ${key} already set in map`)
  if (repeated.length === 0) return { duplicates: [] }
  return { duplicates: [{ text: `yaml: unmarshal errors:${repeated.join('')}`, position: 0 }] }
}

interface RepeatedKey {
  /** As Go shows the value. */
  key: string
  line: number
}

function repeatedKeys(text: string): RepeatedKey[] {
  if (text.trimStart().startsWith('{')) return repeatedInJson(text)
  const lines = new LineCounter()
  const repeated: { key: string; offset: number }[] = []
  // The library's own search for them compares each key with all others.
  const document = parseDocument(text, {
    version: '1.1',
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
    uniqueKeys: false,
  })
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key) || key.source === '<<') continue
        if (seen.has(key.value)) repeated.push({ key: shownKey(key), offset: key.range?.[0] ?? 0 })
        seen.add(key.value)
      }
    },
  })
  return repeated
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ key, offset }) => ({ key, line: lines.linePos(offset).line }))
}

function repeatedInJson(text: string): RepeatedKey[] {
  let line = 1
  let counted = 0
  return fieldsOfJson(text)
    .filter(({ isRepeated }) => isRepeated)
    .map(({ key, offset }) => {
      for (; counted < offset; counted++) if (text[counted] === '\n') line++
      return { key: JSON.stringify(key), line }
    })
}

const shownKey = ({ value }: Scalar): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))
