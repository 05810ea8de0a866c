/** The table of protobuf messages against the schemas of the API, which come from elsewhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kinds, virtualKinds } from '../../../sim/api/registry.ts'
import { allMessages, type Field, findKindMessage, getMessage, type Message } from '../../../sim/api/schema/messages.ts'
import { allDefinitions } from '../../../sim/api/schema/schema.ts'
import type { Schema } from '../../../sim/api/schema/types.ts'

function definitionName(message: string): string {
  if (message.startsWith('apiextensions.')) return `io.k8s.apiextensions-apiserver.pkg.apis.${message}`
  if (message.startsWith('meta.v1.')) return `io.k8s.apimachinery.pkg.apis.${message}`
  return message.startsWith('apiregistration.') ? `io.k8s.kube-aggregator.pkg.apis.${message}` : `io.k8s.api.${message}`
}

/** The fields as JSON has them: those of inlined messages among them. */
const jsonFields = (message: Message): Field[] =>
  message.fields.flatMap((field) =>
    field.isInline && field.type.is === 'message' ? jsonFields(getMessage(field.type.message)) : [field],
  )

const messages = allMessages()
const inlined = new Set(
  messages.flatMap(({ fields }) =>
    fields.flatMap(({ isInline, type }) => (isInline && type.is === 'message' ? [type.message] : [])),
  ),
)
/** A form of other objects, which no document tells of. */
const unpublished = 'meta.v1.PartialObjectMetadata'
/** Messages that the schema has as such. */
const defined = messages.filter(
  ({ name, alone, isEither }) =>
    !alone && !isEither && name !== unpublished && (!inlined.has(name) || definitionName(name) in allDefinitions()),
)

test('every message has the fields of its schema, and no other', () => {
  assert.ok(defined.length > 350)
  for (const message of defined) {
    const schema = allDefinitions()[definitionName(message.name)]
    const inSchema = Object.keys(schema.properties ?? {}).filter(
      (name) => !(message.isKind && (name === 'apiVersion' || name === 'kind')),
    )
    const inTable = jsonFields(message).map(({ name }) => name)
    assert.deepEqual(inTable.toSorted(), inSchema.toSorted(), message.name)
  }
})

test('every field has the type of its schema', () => {
  for (const message of defined)
    for (const field of jsonFields(message)) {
      const schema = allDefinitions()[definitionName(message.name)].properties?.[field.name] as Schema
      assert.equal(schemaText(schema), tableText(field), `${message.name}.${field.name}`)
    }
})

/** A schema in the words of the table. */
function schemaText(schema: Schema): string {
  if (schema.items) return `[]${schemaText(schema.items)}`
  if (schema.additionalProperties) return `map ${schemaText(schema.additionalProperties)}`
  if (schema.$ref) {
    const definition = allDefinitions()[schema.$ref]
    return definition.properties ? schema.$ref : schemaText(definition)
  }
  return schema.format ?? (schema.type === 'boolean' ? 'bool' : (schema.type ?? 'object'))
}

const SPECIAL_TEXT = {
  Time: 'date-time',
  MicroTime: 'date-time',
  Quantity: 'quantity',
  IntOrString: 'int-or-string',
  RawExtension: 'object',
  FieldsV1: 'object',
  JSON: 'object',
}

function tableText({ shape, type }: Field): string {
  const sign = shape === 'list' ? '[]' : shape === 'map' ? 'map ' : ''
  if (type.is === 'scalar') return `${sign}${type.scalar === 'bytes' ? 'byte' : type.scalar}`
  if (type.is === 'special') return `${sign}${SPECIAL_TEXT[type.special]}`
  const { alone, fields, isEither } = getMessage(type.message)
  if (isEither) return `${sign}object`
  if (alone) return `${sign}${tableText(alone)}`
  return fields.length === 0 ? `${sign}object` : `${sign}${definitionName(type.message)}`
}

test('a number stands for one field of a message, a name for one field of an object', () => {
  for (const message of messages) {
    assert.equal(message.places.size, message.fields.length, message.name)
    const names = jsonFields(message).map(({ name }) => name)
    assert.equal(new Set(names).size, names.length, message.name)
  }
})

test('no message holds itself but the schemas of custom resources: how deep a body can go is bounded by the table', () => {
  const depthOf = (message: Message, above: readonly string[]): number => {
    if (message.name === 'apiextensions.v1.JSONSchemaProps') return 1
    assert.ok(!above.includes(message.name), [...above, message.name].join(' > '))
    const below = message.fields.flatMap(({ type }) => (type.is === 'message' ? [getMessage(type.message)] : []))
    return 1 + Math.max(0, ...below.map((inner) => depthOf(inner, [...above, message.name])))
  }
  for (const message of messages.filter(({ isKind }) => isKind)) assert.ok(depthOf(message, []) < 20)
})

test('every kind that is served has its message', () => {
  for (const kind of [...kinds, ...virtualKinds]) {
    const message = findKindMessage(kind.apiVersion, kind.kind)
    assert.equal(message && definitionName(message.name), kind.schema)
  }
})

const bodies = [
  { apiVersion: 'autoscaling/v1', kind: 'Scale', message: 'autoscaling.v1.Scale' },
  { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', message: 'autoscaling.v1.HorizontalPodAutoscaler' },
  { apiVersion: 'v1', kind: 'Binding', message: 'core.v1.Binding' },
  { apiVersion: 'events.k8s.io/v1', kind: 'Event', message: 'events.v1.Event' },
  { apiVersion: 'policy/v1', kind: 'Eviction', message: 'policy.v1.Eviction' },
  { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', message: 'authentication.v1.TokenRequest' },
  { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', message: 'authentication.v1.TokenReview' },
  { apiVersion: 'v1', kind: 'DeleteOptions', message: 'meta.v1.DeleteOptions' },
  { apiVersion: 'apps/v1', kind: 'DeleteOptions', message: 'meta.v1.DeleteOptions' },
]
for (const { apiVersion, kind, message } of bodies)
  test(`a body may be a ${kind} of ${apiVersion}`, () => {
    assert.equal(findKindMessage(apiVersion, kind)?.name, message)
  })

const noBodies = [
  { apiVersion: 'v1', kind: 'PodSpec' },
  { apiVersion: 'v1', kind: 'Deployment' },
  { apiVersion: 'rbac.example.com/v1', kind: 'Role' },
  { apiVersion: 'apps/v1', kind: 'toString' },
]
for (const { apiVersion, kind } of noBodies)
  test(`${kind} of ${apiVersion} is no kind`, () => {
    assert.equal(findKindMessage(apiVersion, kind), undefined)
  })
