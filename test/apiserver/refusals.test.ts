/**
 * What a real API server, v1.36.2, answered to objects in which something is wrong: each case is one of the objects beside it with a few
 * fields changed, sent as a dry run. Drawn from thousands that were made at random, one for each kind of fault.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { kinds } from '../../sim/api/registry.ts'
import { createCluster } from '../../sim/index.ts'

interface Case {
  /** `Deployment/web` */
  base: string
  method: 'POST' | 'PUT'
  /** What unknown fields come to; `Strict` unless told. */
  validation?: 'Warn'
  /** A JSON pointer and its new value; without one the field is taken away. */
  changes: [pointer: string, value?: unknown][]
  status: number
  message: string
}

type Json = Record<string, unknown>

const folder = 'test/fixtures/refusals'
const objects = parseAllDocuments(readFileSync(`${folder}/objects.yaml`, 'utf8')).map((document) => document.toJS())
const before = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } },
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 100000 },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard' },
    provisioner: 'example.com/p',
  },
  ...['default', 'other'].map((namespace) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace },
  })),
]
const cases: Case[] = readFileSync(`${folder}/cases.jsonl`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

/** Where objects of its kind and version are made. */
function pathOfKind({
  apiVersion,
  kind,
  metadata,
}: {
  apiVersion: string
  kind: string
  metadata: { namespace?: string }
}) {
  const plural = kinds.find((known) => known.kind === kind)?.plural ?? `${kind.toLowerCase()}s`
  const namespace = metadata.namespace ? `/namespaces/${metadata.namespace}` : ''
  return `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}${namespace}/${plural}`
}

const isCustom = ({ kind }: { kind: string }): boolean => kind === 'Backup'

/** Objects of the built-in kinds, as nobody has touched them. */
const cluster = createCluster({ seed: 'refusals', shape: { nodes: [] } })
/** The definition alone, for as long as it takes to be established. */
const withDefinition = createCluster({ seed: 'refusals', shape: { nodes: [] } })

function send(
  to: ReturnType<typeof createCluster>,
  method: string,
  url: string,
  body: unknown,
): { status: number; message: string } {
  const outcome = to.request({
    method,
    url,
    headers: { 'content-type': 'application/json', 'user-agent': 'kubectl' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  })
  assert.ok('body' in outcome)
  return { status: outcome.status, message: JSON.parse(String(outcome.body)).message }
}

for (const object of [...before, ...objects].filter((object) => !isCustom(object))) {
  const { status, message } = send(cluster, 'POST', pathOfKind(object), object)
  assert.ok(status === 201 || status === 409, `${object.kind}: ${message}`)
}
const definition = objects.find(({ kind }) => kind === 'CustomResourceDefinition')
assert.equal(send(withDefinition, 'POST', pathOfKind(definition), definition).status, 201)
withDefinition.advance(3000)

function changed(object: unknown, changes: Case['changes']): Json {
  const copy = structuredClone(object) as Json
  for (const [pointer, ...value] of changes) {
    const names = pointer
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = names.pop()!
    const holder = names.reduce<Json>((at, name) => at[name] as Json, copy)
    if (value.length > 0) holder[last] = value[0]
    else delete holder[last]
  }
  return copy
}

for (const [number, { base, method, validation = 'Strict', changes, status, message }] of cases.entries())
  test(`${number + 1}: ${method} ${base} with ${changes.map(([pointer]) => pointer).join(', ')}`, () => {
    const object = objects.find(({ kind, metadata }) => `${kind}/${metadata.name}` === base)
    const path = method === 'PUT' ? `${pathOfKind(object)}/${object.metadata.name}` : pathOfKind(object)
    const url = `${path}?dryRun=All&fieldValidation=${validation}`
    const to = isCustom(object) ? withDefinition : cluster
    assert.deepEqual(send(to, method, url, changed(object, changes)), { status, message })
  })
