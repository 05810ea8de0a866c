/**
 * Reads manifests as kubectl does: YAML 1.1 with the differences of sigs.k8s.io/yaml, or JSON; several documents; lists of
 * objects; the last of equal keys. Limits keep a hostile manifest from costing anything. Measured against kubectl 1.32 and 1.36.
 */

import { LineCounter, type ParsedNode, parseAllDocuments, type ScalarTag, type Tags } from 'yaml'
import { isMap, type JsonMap } from '../api/meta/go-json.ts'
import { charge, WorkExceeded } from '../engine/work.ts'
import { chargeYaml, countOf, lineTooDeep, MOST_YAML_DEPTH } from '../text/yaml-bounds.ts'
import { KubectlError } from './errors.ts'

export const yamlLimits = { characters: 700_000, documents: 2000, depth: MOST_YAML_DEPTH, aliases: 100 }

const tooDeep = `exceeded max depth of ${yamlLimits.depth}`

export interface ManifestDocument {
  value: unknown
  /** Counted from 1, empty documents included. */
  index: number
  /** Line of its first character, from 1. */
  line: number
}

/** `0o777`, which the 1.1 schema of the library lacks. */
const octalTag: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  format: 'OCT',
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text: string) => {
    const value = Number.parseInt(text.replace(/^[-+]?0o/, ''), 8)
    return text.startsWith('-') ? -value : value
  },
}

const exponent = /^[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)[eE][-+]?[0-9]+$/

const fraction = /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*\.[0-9_]*)$/

const unwanted = new Set(['timestamp', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`))

const kubectlTags = (tags: Tags): Tags => [
  octalTag,
  ...tags
    .filter((tag) => typeof tag === 'string' || (!unwanted.has(tag.tag) && !('format' in tag && tag.format === 'TIME')))
    // The library reads `e0` and `.` as numbers, which have a digit in front or behind the point.
    .map((tag) => {
      if (typeof tag !== 'object' || !('test' in tag)) return tag
      if ('format' in tag && tag.format === 'EXP') return { ...tag, test: exponent } as ScalarTag
      return tag.test?.test('.') ? ({ ...tag, test: fraction } as ScalarTag) : tag
    }),
]

/** How the library `yaml` reads as kubectl does. */
export const kubectlYaml = {
  version: '1.1',
  merge: true,
  uniqueKeys: false,
  customTags: kubectlTags,
  logLevel: 'error',
  prettyErrors: false,
} as const

/**
 * Every document that is not empty, as plain values.
 * @throws KubectlError that names the document and line: `error parsing STDIN: error converting YAML to JSON: yaml: line 3: …`
 */
export function parseManifest(text: string, source: string): ManifestDocument[] {
  const fail = (reason: string): never => {
    throw new KubectlError(`error parsing ${source}: ${reason}`)
  }
  if (text.length > yamlLimits.characters) {
    fail(`the manifest has ${text.length} characters, more than the limit of ${yamlLimits.characters}`)
  }
  const separators = text.match(/^---(?=\s|$)/gm)?.length ?? 0
  if (separators > yamlLimits.documents) fail(`more than ${yamlLimits.documents} documents`)
  const deepLine = lineTooDeep(text)
  if (deepLine) fail(`error converting YAML to JSON: yaml: line ${deepLine}: ${tooDeep}`)
  const json = parseJson(text)
  if (json) return json
  chargeYaml(text)
  const read = readOnce(text)
  return typeof read === 'string' ? fail(read) : read
}

/**
 * What the texts that were read last say: the forks of a graded run, and its other variants, apply the same files again. What that costs
 * is charged each time all the same, so that nothing depends on what was read before. Long texts are not kept, nor those with aliases,
 * which can say far more than they are long.
 */
const lastRead = new Map<string, ManifestDocument[] | string>()
const mostLastRead = 8
const longestKept = yamlLimits.characters / 4

/** @returns the documents, which are the caller's to change, or why there are none */
function readOnce(text: string): ManifestDocument[] | string {
  if (text.length > longestKept || countOf(text, aliases) > 0) return readYaml(text)
  const read = lastRead.get(text) ?? readYaml(text)
  lastRead.delete(text)
  lastRead.set(text, read)
  for (const [oldest] of lastRead) {
    if (lastRead.size <= mostLastRead) break
    lastRead.delete(oldest)
  }
  return structuredClone(read)
}

/** @returns the documents, or why there are none */
function readYaml(text: string): ManifestDocument[] | string {
  const lines = new LineCounter()
  const documents = parseDocuments(text, lines)
  if (typeof documents === 'string') return documents
  // Without aliases there are no more nodes than tokens, which are charged.
  const stepsEach = countOf(text, aliases) > 0 ? stepsOfNode : 0
  const found: ManifestDocument[] = []
  for (const [at, document] of documents.entries()) {
    const contents: ParsedNode | null = document.contents
    const line = lines.linePos(contents?.range?.[0] ?? document.range[0]).line
    const problem = document.errors[0]
    // How deep the parser comes depends on the machine's stack: what is said of it must not.
    const isTooDeep = document.errors.some(({ message }) => /call stack/.test(message))
    if (problem && !isTooDeep) {
      const where = lines.linePos(problem.pos[0]).line
      return `error converting YAML to JSON: yaml: line ${where}: ${yamlProblem(problem.code, problem.message)}`
    }
    try {
      if (isTooDeep) throw new Error(tooDeep)
      const value = plain(document.toJS({ maxAliasCount: yamlLimits.aliases }), stepsEach)
      if (value !== null && value !== undefined) found.push({ value, index: at + 1, line })
    } catch (error) {
      if (error instanceof WorkExceeded) throw error
      const { message } = error as Error
      const reason = /alias/i.test(message) ? 'document contains excessive aliasing' : message
      return `error converting YAML to JSON: yaml: document ${at + 1} (line ${line}): ${reason}`
    }
  }
  return found
}

/** A single value, as `-p` of patch or `--overrides` take it: YAML or JSON. */
export function parseYamlValue(text: string): unknown {
  const documents = parseManifest(text, 'value')
  return documents[0]?.value
}

/** A node as a plain value, once more for each alias of it. */
const stepsOfNode = 20
const aliases = /(?<=^|[\s,[{:(-])\*/g

function parseDocuments(text: string, lineCounter: LineCounter) {
  try {
    const parsed = parseAllDocuments(text, { ...kubectlYaml, lineCounter })
    return Array.isArray(parsed) ? parsed : []
  } catch (error) {
    const reason = error instanceof RangeError ? 'the document is nested too deeply' : (error as Error).message
    return `error converting YAML to JSON: yaml: ${reason}`
  }
}

/** Documents of a JSON text, or undefined when it is none. */
function parseJson(text: string): ManifestDocument[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return [{ value: JSON.parse(text), index: 1, line: 1 }]
  } catch {
    return undefined // flow-style YAML looks the same
  }
}

/** The words go-yaml has for what the library calls a code. */
function yamlProblem(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'found character that cannot start any token'
    case 'BAD_INDENT':
    case 'BLOCK_IN_FLOW':
      return 'did not find expected key'
    case 'MISSING_CHAR':
      return /flow sequence/.test(message)
        ? "did not find expected ',' or ']'"
        : /flow map/.test(message)
          ? "did not find expected ',' or '}'"
          : /quote/.test(message)
            ? 'found unexpected end of stream'
            : "could not find expected ':'"
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return 'mapping values are not allowed in this context'
    default:
      return message.split('\n')[0]
  }
}

/** Keys as text (`1:` is "1", `on:` is "true"), no prototype tricks, no Maps. @throws Error when it is nested too deeply */
function plain(value: unknown, stepsEach: number, depth = 0): unknown {
  charge(stepsEach)
  if (depth > yamlLimits.depth) throw new Error(tooDeep)
  if (value instanceof Map) {
    const out: JsonMap = {}
    for (const [key, item] of value) define(out, String(key), plain(item, stepsEach, depth + 1))
    return out
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, stepsEach, depth + 1))
  if (typeof value === 'bigint') return Number(value)
  if (isMap(value)) {
    const out: JsonMap = {}
    for (const key of Object.keys(value)) define(out, key, plain(value[key], stepsEach, depth + 1))
    return out
  }
  return value
}

const define = (map: JsonMap, key: string, value: unknown): void => {
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
}
