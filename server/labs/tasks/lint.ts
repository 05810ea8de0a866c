/** What is wrong with a manifest, and where: each document is sent to an API server as a dry run, and its complaints are found in the text. */
import { type Document, isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml'
import { createCluster, type EngineLimits, kubectlYaml, simulated, yamlLimits } from '../../../sim/index.ts'
import type { Diagnostic } from '../types.ts'

/** Documents of one text that are looked at. */
const maxDocuments = 50
/** Requests of one API server; each is kept in its log. */
const maxRequests = 300

let server: { cluster: ReturnType<typeof createCluster>; requests: number } | undefined

const TOO_DEEP = 'It is nested too deeply to be read.'

/** @returns nothing for a text without documents */
export function lint(text: string, limits: Partial<EngineLimits>): Diagnostic[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { ...kubectlYaml, lineCounter: lines })
  if ('empty' in documents) return []
  const at = (from: number, to: number): Pick<Diagnostic, 'from' | 'to'> => {
    const place = (offset: number) => {
      const { line, col } = lines.linePos(Math.min(offset, text.length))
      return { line: Math.max(1, line), column: Math.max(1, col) }
    }
    return { from: place(from), to: place(Math.max(to, from + 1)) }
  }
  return documents.slice(0, maxDocuments).flatMap((document): Diagnostic[] => {
    const [error] = document.errors
    if (error) {
      const first = error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')
      const message = /call stack/i.test(first) ? TOO_DEEP : first
      return [{ severity: 'error', message, ...at(...(error.pos as [number, number])) }]
    }
    if (document.contents === null) return []
    const whole = document.contents.range!
    const firstLine = text.slice(whole[0]).split('\n', 1)[0]!.length
    const top: [number, number] = [whole[0], whole[0] + firstLine]
    return complaintsOf(document, limits).map(({ path, message, severity }) => ({
      severity,
      message,
      ...at(...(rangeOf(document, path) ?? top)),
    }))
  })
}

interface Complaint {
  /** `spec.containers[0].image`; empty for the whole object. */
  path: string
  message: string
  severity: Diagnostic['severity']
}

const complaint = (path: string, message: string, severity: Diagnostic['severity'] = 'error'): Complaint => ({
  path,
  message,
  severity,
})

function complaintsOf(document: Document, limits: Partial<EngineLimits>): Complaint[] {
  const read = plainOf(document)
  return 'problem' in read ? [complaint('', read.problem)] : complaintsOfObject(read.object, limits)
}

/** What the document says. Aliases are followed here: one without its anchor, or a bomb of them, is found only now. */
function plainOf(document: Document): { object: unknown } | { problem: string } {
  let object: unknown
  try {
    object = document.toJS({ maxAliasCount: yamlLimits.aliases })
  } catch (error) {
    return { problem: error instanceof RangeError ? TOO_DEEP : (error as Error).message }
  }
  try {
    JSON.stringify(object)
  } catch {
    return { problem: 'An alias stands inside its own anchor, which has no end.' }
  }
  return { object }
}

function complaintsOfObject(object: unknown, limits: Partial<EngineLimits>): Complaint[] {
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    return [complaint('', 'A document is an object, with apiVersion, kind and metadata.')]
  const { apiVersion, kind, metadata, items } = object as Record<string, unknown>
  if (typeof apiVersion !== 'string')
    return [complaint('', 'apiVersion is missing: which version of the API is it of?')]
  if (typeof kind !== 'string') return [complaint('', 'kind is missing: what is it?')]
  if (kind === 'List' && Array.isArray(items))
    return items.flatMap((item, n) =>
      complaintsOfObject(item, limits).map((one) => ({ ...one, path: `items[${n}]${one.path && `.${one.path}`}` })),
    )
  const known = simulated().kinds.find((one) => one.kind === kind && one.apiVersion === apiVersion)
  if (!known) {
    const others = simulated().kinds.filter((one) => one.kind === kind)
    const hint = others.length > 0 ? `; ${kind} is in ${others.map((one) => one.apiVersion).join(', ')}` : ''
    return [
      complaint(
        others.length > 0 ? 'apiVersion' : 'kind',
        `There is no kind "${kind}" in "${apiVersion}" here${hint}.`,
      ),
    ]
  }
  if (typeof metadata !== 'object' || metadata === null)
    return [complaint('', 'metadata is missing: an object needs a name.')]
  const outcome = ask(`${pathOf(known)}?dryRun=All&fieldValidation=Strict`, object, limits)
  return outcome === undefined ? [] : readStatus(outcome)
}

function pathOf(kind: { apiVersion: string; plural: string; isNamespaced: boolean }): string {
  const root = kind.apiVersion.includes('/') ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`
  return kind.isNamespaced ? `${root}/namespaces/default/${kind.plural}` : `${root}/${kind.plural}`
}

interface Status {
  code: number
  reason?: string
  message?: string
  details?: { causes?: { field?: string; message?: string }[] }
}

/** @returns undefined when it was accepted */
function ask(url: string, object: object, limits: Partial<EngineLimits>): Status | undefined {
  if (!server || server.requests >= maxRequests)
    server = { cluster: createCluster({ seed: 'lint', shape: { nodes: [] }, startEpochMs: 0, limits }), requests: 0 }
  server.requests++
  // The namespace of the manifest may not exist here, and is none of the syntax.
  const { namespace: _, ...metadata } = (object as { metadata: Record<string, unknown> }).metadata
  const answer = server.cluster.request({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: new TextEncoder().encode(JSON.stringify({ ...object, metadata })),
  })
  if (answer.kind !== 'answer' || answer.status < 300) return undefined
  const text = typeof answer.body === 'string' ? answer.body : new TextDecoder().decode(answer.body)
  return JSON.parse(text) as Status
}

/** What depends on a cluster's state, and so is none of the manifest's. */
const ofTheCluster = ['AlreadyExists', 'NotFound', 'Conflict', 'Forbidden']

function readStatus({ reason, message = '', details }: Status): Complaint[] {
  if (reason !== undefined && ofTheCluster.includes(reason)) return []
  const causes = details?.causes ?? []
  if (reason === 'Invalid' && causes.length > 0)
    return causes.map(({ field = '', message: text = message }) => complaint(field, text))
  const strict = /strict decoding error: (.*)$/s.exec(message)?.[1]
  if (strict)
    return strict.split(/, (?=unknown field|duplicate field|json:)/).map((part) => {
      const [, field] = /^(?:unknown|duplicate) field "([^"]+)"/.exec(part) ?? []
      return field
        ? complaint(field, part.replace(` "${field}"`, ` "${field.split('.').at(-1)}"`))
        : complaint('', part)
    })
  const [, words, field] = /json: cannot unmarshal (\S+) into Go struct field \w+\.(\S+) of type/.exec(message) ?? []
  if (field) return [complaint(field, `This must not be a ${words}: ${message.slice(message.indexOf('json:'))}`)]
  return [complaint('', message)]
}

/** Of the innermost thing in the text that is on the path. */
function rangeOf(document: Document, path: string): [number, number] | undefined {
  const names = [...path.matchAll(/[^.[\]]+|\[(?:(\d+)|([^\]]*))\]/g)].map(([text, index, key]) =>
    index === undefined ? (key ?? text) : Number(index),
  )
  let node: unknown = document.contents
  let found: [number, number] | undefined
  for (const name of names) {
    if (!isCollection(node)) break
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(name),
      )
      if (!pair) break
      const key = (pair.key as Node).range!
      found = [key[0], isScalar(pair.value) ? (pair.value as Node).range![1] : key[1]]
      node = pair.value
    } else {
      const item: unknown = node.items[Number(name)]
      if (item === undefined) break
      const range = (item as Node).range
      if (range) found = [range[0], Math.min(range[1], range[0] + 1)]
      node = item
    }
  }
  return found
}
