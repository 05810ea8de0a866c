import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { kinds, virtualKinds } from '../../../sim/api/registry.ts'
import { allMessages, type Field, getMessage, type Message } from '../../../sim/api/schema/messages.ts'
import { createCluster } from '../../../sim/index.ts'
import { decodeProtobuf } from '../../../sim/rest/protobuf/decode.ts'
import { encodeProtobuf } from '../../../sim/rest/protobuf/encode.ts'
import { recordedBodies } from './bodies.ts'

type Json = Record<string, unknown>

const encode = (object: Json): Uint8Array => {
  const body = encodeProtobuf(object)
  assert.ok(body, `${object.apiVersion} ${object.kind}`)
  return body
}
const decode = (body: Uint8Array): Json => decodeProtobuf(body, { apiVersion: '', kind: '' })

for (const { args, body, json } of recordedBodies)
  test(`writes what kubectl sends for ${args.join(' ')}, byte for byte`, () => {
    assert.equal(Buffer.from(encode(json)).toString('latin1'), Buffer.from(body).toString('latin1'))
  })

test('a kind that is not in the table is not written', () => {
  assert.equal(encodeProtobuf({ apiVersion: 'example.com/v1', kind: 'Pod' }), undefined)
  assert.equal(encodeProtobuf({ apiVersion: 'v1', kind: 'PodSpec' }), undefined)
})

test('every kind with any fields is read as it was written', () => {
  const messages = allMessages().filter(({ isKind, name }) => isKind && !name.startsWith('meta.'))
  assert.ok(messages.length > 40)
  for (const message of messages)
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(999)), (stream) => {
        const draw = (below: number): number => (stream.next().value as number) % below
        const object = { ...identity(message), ...(anyMessage(message, draw, 0) as Json) }
        assert.deepEqual(decode(encode(object)), object)
      }),
      { numRuns: 20 },
    )
})

/** `rbac.v1` → `rbac.authorization.k8s.io/v1` */
const API_VERSIONS: Readonly<Record<string, string>> = Object.fromEntries(
  [...kinds, ...virtualKinds].map((kind) => [kind.schema.split('.').slice(-3, -1).join('.'), kind.apiVersion]),
)

const OTHERS: Readonly<Record<string, string>> = {
  'autoscaling.v1': 'autoscaling/v1',
  'events.v1': 'events.k8s.io/v1',
}

function identity({ name }: Message): Json {
  const [group, version, kind] = name.split('.')
  return { kind, apiVersion: API_VERSIONS[`${group}.${version}`] ?? OTHERS[`${group}.${version}`] }
}

/** @param draw a number below its argument */
type Draw = (below: number) => number

/** An object as the server keeps it: what is empty is only there where JSON has it. */
function anyMessage(message: Message, draw: Draw, depth: number): unknown {
  if (message.alone) return draw(2) ? ['a', 'b'] : null
  if (message.isEither) {
    const field = message.fields[draw(message.fields.length)]!
    return field.type.is === 'scalar' && field.shape === 'one'
      ? draw(2) === 0
      : anyField({ ...field, shape: field.shape === 'list' ? 'list' : 'one' }, draw, depth)
  }
  const object: Json = {}
  for (const field of message.fields) {
    if (field.isInline) {
      Object.assign(object, anyField(field, draw, depth))
      continue
    }
    // Deep down, and where JSON does without: most fields are missing.
    const isThere = draw(depth > 5 ? 20 : 3) === 0
    if (isThere) object[field.name] = anyField(field, draw, depth)
    else if (field.isAlways || isStruct(field)) object[field.name] = emptyField(field, draw, depth)
  }
  return object
}

/** Without a pointer a struct is there, whatever it holds. */
const isStruct = ({ shape, type, isZeroOmitted }: Field): boolean =>
  shape === 'one' && type.is !== 'scalar' && !isZeroOmitted

const EMPTY = {
  ...{ string: '', bytes: '', bool: false, int32: 0, int64: 0, double: 0 },
  ...{ Time: null, MicroTime: null, Quantity: '0', IntOrString: 0, RawExtension: null, FieldsV1: null, JSON: null },
}

function emptyField({ shape, type }: Field, draw: Draw, depth: number): unknown {
  if (shape !== 'one') return null
  if (type.is === 'message') return anyMessage(getMessage(type.message), draw, depth + 6)
  return EMPTY[type.is === 'scalar' ? type.scalar : type.special]
}

function anyField(field: Field, draw: Draw, depth: number): unknown {
  const any = () => anyValue(field, draw, depth + 1)
  switch (field.shape) {
    case 'list':
      return Array.from({ length: 1 + draw(2) }, any)
    case 'map':
      return Object.fromEntries(['', 'b', 'c/d', 'é'].slice(draw(4)).map((key) => [key, any()]))
    case 'pointer':
      return draw(4) === 0 && field.type.is === 'scalar' ? EMPTY[field.type.scalar] : any()
    case 'one':
      return any()
  }
}

const VALUES = {
  string: ['a', 'ü', '\u{1f600}', 'a\nb', '-', 'x'.repeat(200)],
  bytes: ['AA==', 'AP+AYg==', 'YWJj'],
  bool: [true],
  int32: [1, -1, 127, 128, 70_000, 2 ** 31 - 1, -(2 ** 31)],
  int64: [1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  double: [1.5, -0.25, 1e300, 2 ** 53],
  Time: ['2026-01-02T03:04:05Z', '1970-01-01T00:00:00Z', '1901-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
  MicroTime: ['2026-01-02T03:04:05.000000Z', '2026-01-02T03:04:05.000001Z', '1969-12-31T23:59:59.999999Z'],
  Quantity: ['100m', '1Gi', '-5', '0'],
  IntOrString: [0, 8080, -1, '50%', 'http', ''],
  RawExtension: [{ a: [1, null, 'é'] }, [], 'text', 1.5],
  JSON: [{ a: [1, null, 'é'] }, [], 'text', 1.5, false],
  FieldsV1: [{ 'f:metadata': { 'f:labels': { '.': {} } } }],
}

function anyValue({ type }: Field, draw: Draw, depth: number): unknown {
  if (type.is === 'message') return anyMessage(getMessage(type.message), draw, depth)
  const values = VALUES[type.is === 'scalar' ? type.scalar : type.special]
  return values[draw(values.length)]
}

test('every object of a running cluster is read as it was written', () => {
  const cluster = createCluster({ seed: 'protobuf', shape: { nodes: [{ name: 'n1' }, { name: 'n2' }] } })
  cluster.execute({ op: 'kubectl', line: 'create deployment web --image=nginx:1.27 --replicas=3' })
  cluster.execute({ op: 'kubectl', line: 'expose deployment web --port=80' })
  cluster.execute({ op: 'kubectl', line: 'autoscale deployment web --min=1 --max=3 --cpu=50%' })
  cluster.execute({ op: 'kubectl', line: 'create cronjob tick --image=busybox --schedule="* * * * *" -- date' })
  cluster.advance(150_000)
  const seen = new Set<string>()
  for (const kind of kinds)
    for (const object of cluster.objects(kind.group ? `${kind.plural}.${kind.group}` : kind.plural)) {
      seen.add(kind.kind)
      const read = decode(encode(object as unknown as Json))
      checkSame(object, read, `${kind.kind} ${object.metadata.name}`)
    }
  assert.ok(seen.size > 20, [...seen].join(' '))
})

/** All that was written is there; what came besides is what Go has where JSON may have nothing. */
function checkSame(written: unknown, read: unknown, path: string): void {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    if (Array.isArray(written) && Array.isArray(read)) {
      assert.equal(read.length, written.length, path)
      for (const [place, item] of written.entries()) checkSame(item, read[place], `${path}[${place}]`)
    } else if (!isEmpty(written) || !isEmpty(read)) assert.deepEqual(read, written, path)
    return
  }
  const object = (read ?? {}) as Json
  for (const name of new Set([...Object.keys(written), ...Object.keys(object)])) {
    const before = (written as Json)[name]
    if (before === undefined) assert.ok(isEmpty(object[name]), `${path}.${name}: ${JSON.stringify(object[name])}`)
    else checkSame(before, object[name], `${path}.${name}`)
  }
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).every(isEmpty)
    : [undefined, null, '', 0, false, '0'].includes(value as never)
