/** What the server says of a CustomResourceDefinition, field by field. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definitionNameErrors, validateDefinition } from '../../../sim/api/apiextensions/definition-validation.ts'
import type { CustomResourceDefinition } from '../../../sim/api/apiextensions/types.ts'
import { messageOf } from '../../../sim/api/meta/field-error.ts'

// biome-ignore lint/suspicious/noExplicitAny: definitions that are wrong on purpose
type Json = Record<string, any>

const schema = {
  openAPIV3Schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          size: { type: 'integer' },
          tier: { type: 'string' },
          on: { type: 'boolean' },
          list: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
}
const version = (part: Json = {}): Json => ({ name: 'v1', served: true, storage: true, schema, ...part })
const names = { plural: 'shops', singular: 'shop', kind: 'Shop', listKind: 'ShopList' }
const definition = (spec: Json = {}, status: Json = {}, metadata: Json = {}): CustomResourceDefinition =>
  ({
    metadata: { name: 'shops.example.com', ...metadata },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version()], ...spec },
    status: { storedVersions: ['v1'], ...status },
  }) as unknown as CustomResourceDefinition
const errorsOf = (spec: Json, status?: Json, old?: CustomResourceDefinition): string[] =>
  validateDefinition(definition(spec, status), old).map(messageOf)

const LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const MIXED = `may have mixed case, but should otherwise match: ${LABEL}`
const column = (part: Json) => ({ name: 'Size', type: 'integer', jsonPath: '.spec.size', ...part })
const TYPES = 'must be one of boolean,date,integer,number,string'
const hook = (part: Json = {}) => ({
  strategy: 'Webhook',
  webhook: {
    clientConfig: { service: { namespace: 'shop', name: 'convert', path: '/', port: 443 } },
    conversionReviewVersions: ['v1'],
    ...part,
  },
})

test('a definition with all that it may say is taken', () => {
  assert.deepEqual(errorsOf({}), [])
  assert.deepEqual(errorsOf({ scope: 'Cluster' }), [])
  const full = version({
    deprecated: true,
    deprecationWarning: 'use v2',
    additionalPrinterColumns: [column({}), column({ name: 'Since', type: 'date', format: 'date-time' })],
    selectableFields: [{ jsonPath: '.spec.tier' }, { jsonPath: '.spec.size' }, { jsonPath: '.spec.on' }],
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size', labelSelectorPath: '.status.at' },
    },
  })
  assert.deepEqual(
    errorsOf({ names: { ...names, shortNames: ['sh'], categories: ['all'] }, versions: [full], conversion: hook() }),
    [],
  )
  assert.deepEqual(errorsOf({ conversion: { strategy: 'None' } }), [])
})

const wrong: [what: string, spec: Json, errors: string[]][] = [
  ['no group', { group: '' }, ['spec.group: Required value']],
  [
    'a group that is no domain',
    { group: 'shop' },
    ['spec.group: Invalid value: "shop": should be a domain with at least one dot'],
  ],
  ['a group in capitals', { group: 'Example.com' }, [`spec.group: Invalid value: "Example.com": ${SUBDOMAIN}`]],
  ['no scope', { scope: '' }, ['spec.scope: Required value']],
  [
    'another scope',
    { scope: 'Node' },
    ['spec.scope: Unsupported value: "Node": supported values: "Cluster", "Namespaced"'],
  ],
  [
    'a version without a schema',
    { versions: [version({ schema: undefined })] },
    ['spec.versions[0].schema.openAPIV3Schema: Required value'],
  ],
  [
    'names left out',
    { names: { plural: '', singular: '', kind: '', listKind: '' } },
    ['plural', 'singular', 'kind', 'listKind'].map((name) => `spec.names.${name}: Required value`),
  ],
  [
    'names that are none',
    { names: { plural: 'Shops', singular: 'a b', kind: 'My_Shop', listKind: '1List', shortNames: ['ok', 'S'] } },
    [
      `spec.names.plural: Invalid value: "Shops": ${LABEL}`,
      `spec.names.singular: Invalid value: "a b": ${LABEL}`,
      `spec.names.kind: Invalid value: "My_Shop": ${MIXED}`,
      `spec.names.listKind: Invalid value: "1List": ${MIXED}`,
      `spec.names.shortNames[1]: Invalid value: "S": ${LABEL}`,
    ],
  ],
  [
    'one name for one and for a list of them, and a category that is none',
    { names: { ...names, listKind: 'Shop', categories: ['all', 'All'] } },
    [
      'spec.names.listKind: Invalid value: "Shop": kind and listKind may not be the same',
      `spec.names.categories[1]: Invalid value: "All": ${LABEL}`,
    ],
  ],
  [
    'a warning of a version that is not deprecated',
    { versions: [version({ deprecationWarning: 'use v2' })] },
    ['spec.versions[0].deprecationWarning: Invalid value: "use v2": can only be set for deprecated versions'],
  ],
  [
    'a warning without words, too long a one, and one with a bell',
    {
      versions: ['', 'x'.repeat(257), 'a\u0007b'].map((deprecationWarning, n) =>
        version({ name: `v${n + 1}`, storage: n === 0, deprecated: true, deprecationWarning }),
      ),
    },
    [
      'spec.versions[0].deprecationWarning: Invalid value: "": must not be an empty string',
      `spec.versions[1].deprecationWarning: Invalid value: "${'x'.repeat(257)}": must be <= 256 characters long`,
      'spec.versions[2].deprecationWarning: Invalid value: "a\\u0007b": must only contain printable UTF-8 characters; non-printable character found at index 1',
    ],
  ],
  [
    'columns that all versions share',
    {
      versions: [
        version({
          additionalPrinterColumns: [
            { name: '', type: '', jsonPath: '' },
            column({ type: 'int', format: 'int16', jsonPath: 'spec.size' }),
          ],
        }),
      ],
    },
    [
      'spec.additionalPrinterColumns[0].name: Required value',
      `spec.additionalPrinterColumns[0].type: Required value: ${TYPES}`,
      'spec.additionalPrinterColumns[0].JSONPath: Required value',
      `spec.additionalPrinterColumns[1].type: Invalid value: "int": ${TYPES}`,
      'spec.additionalPrinterColumns[1].format: Invalid value: "int16": must be one of byte,date,date-time,double,float,int32,int64,password',
      'spec.additionalPrinterColumns[1].JSONPath: Invalid value: "spec.size": must be a simple json path starting with .',
    ],
  ],
  [
    'columns of one version',
    {
      versions: [
        version({ additionalPrinterColumns: [column({ name: '' })] }),
        version({ name: 'v2', storage: false, additionalPrinterColumns: [column({ type: 'text' })] }),
      ],
    },
    [
      'spec.versions[0].additionalPrinterColumns[0].name: Required value',
      `spec.versions[1].additionalPrinterColumns[0].type: Invalid value: "text": ${TYPES}`,
    ],
  ],
  [
    'paths of a scale',
    {
      versions: [
        version({
          subresources: {
            scale: { specReplicasPath: '.status.size', statusReplicasPath: '', labelSelectorPath: '.metadata.x' },
          },
        }),
      ],
    },
    [
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.size": should be a json path under .spec',
      'spec.subresources.scale.statusReplicasPath: Required value',
      'spec.subresources.scale.labelSelectorPath: Invalid value: ".metadata.x": should be a json path under either .spec or .status',
    ],
  ],
  [
    'paths of a scale that are none, of one version of two',
    {
      versions: [
        version({ subresources: { scale: { specReplicasPath: 'size', statusReplicasPath: '.spec.size' } } }),
        version({ name: 'v2', storage: false }),
      ],
    },
    [
      'spec.versions[0].subresources.scale.specReplicasPath: Invalid value: "size": must be a simple json path starting with .',
      'spec.versions[0].subresources.scale.statusReplicasPath: Invalid value: ".spec.size": should be a json path under .status',
    ],
  ],
  [
    'fields to select by that are none',
    {
      versions: [
        version({
          selectableFields: ['', '.spec.nothing', '.spec.list', '.metadata.name', '.spec.tier', '.spec.tier'].map(
            (jsonPath) => ({ jsonPath }),
          ),
        }),
      ],
    },
    [
      'spec.selectableFields[0].jsonPath: Required value',
      'spec.selectableFields[1].jsonPath: Invalid value: ".spec.nothing": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[2].jsonPath: Invalid value: ".spec.list": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[3].jsonPath: Invalid value: ".metadata.name": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[5].jsonPath: Duplicate value: ".spec.tier"',
    ],
  ],
  [
    'a field of the metadata to select by, and more than eight',
    {
      versions: [
        version({
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                metadata: { type: 'object', properties: { name: { type: 'string' } } },
                ...Object.fromEntries('abcdefgh'.split('').map((name) => [name, { type: 'string' }])),
              },
            },
          },
          selectableFields: ['metadata.name', ...'abcdefgh'].map((name) => ({ jsonPath: `.${name}` })),
        }),
      ],
    },
    [
      'spec.selectableFields[0].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata',
      'spec.selectableFields: Too many: 9: must have at most 8 items',
    ],
  ],
  [
    'a conversion without a strategy, and one of another',
    { conversion: {} },
    ['spec.conversion.strategy: Required value'],
  ],
  [
    'a webhook where none is asked',
    { conversion: { ...hook(), strategy: 'Other' } },
    [
      'spec.conversion.strategy: Unsupported value: "Other": supported values: "None", "Webhook"',
      'spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
      'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
    ],
  ],
  [
    'a webhook that is not told where',
    { conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'] } } },
    ['spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook'],
  ],
]
for (const [what, spec, errors] of wrong)
  test(`refused of a definition: ${what}`, () => assert.deepEqual(errorsOf(spec), errors))

test('there is one version to store, and none has the name of another', () => {
  const told = (...versions: [string, boolean][]): string =>
    JSON.stringify(
      versions.map(([Name, Storage]) => ({
        ...{ Name, Served: true, Storage, Deprecated: false, DeprecationWarning: null, Schema: null },
        ...{ Subresources: null, AdditionalPrinterColumns: null, SelectableFields: null },
      })),
    )
  const two = (...versions: [string, boolean][]) =>
    errorsOf({ versions: versions.map(([name, storage]) => version({ name, storage })) })
  assert.deepEqual(two(['v1', true], ['v2', true]), [
    `spec.versions: Invalid value: ${told(['v1', true], ['v2', true])}: must have exactly one version marked as storage version`,
    'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
  ])
  assert.deepEqual(two(['v1', true], ['v1', false]), [
    `spec.versions: Invalid value: ${told(['v1', true], ['v1', false])}: must contain unique version names`,
  ])
  assert.deepEqual(two(['1', true]).slice(0, 2), [
    `spec.versions[0].name: Invalid value: "1": ${LABEL}`,
    `spec.version: Invalid value: "1": ${LABEL}`,
  ])
})

test('what has been stored stays among the versions', () => {
  assert.deepEqual(errorsOf({}, { storedVersions: [] }), [
    'status.storedVersions: Invalid value: null: must have at least one stored version',
  ])
  assert.deepEqual(errorsOf({}, { storedVersions: ['v1', 'v0'] }), [
    'status.storedVersions[1]: Invalid value: "v0": missing from spec.versions; v0 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v0 and removes v0 from status.storedVersions',
  ])
  assert.deepEqual(errorsOf({}, { storedVersions: ['v1'], acceptedNames: { kind: 'A B' } }), [
    `status.acceptedNames.kind: Invalid value: "A B": ${MIXED}`,
  ])
})

test('once it is served its scope and its kind stay, and its group and its resource at any time', () => {
  const other = { group: 'example.org', scope: 'Cluster', names: { ...names, plural: 'stores', kind: 'Store' } }
  const fields = (old: CustomResourceDefinition) =>
    errorsOf(other, undefined, old).map((error) => [error.split(':')[0], /field is immutable$/.test(error)])
  const established = { conditions: [{ type: 'Established', status: 'True' }] }
  assert.deepEqual(fields(definition({}, established)), [
    ['spec.scope', true],
    ['spec.names.kind', true],
    ['spec.group', true],
    ['spec.names.plural', true],
  ])
  assert.deepEqual(fields(definition()), [
    ['spec.group', true],
    ['spec.names.plural', true],
  ])
  assert.deepEqual(errorsOf({}, undefined, definition({}, established)), [])
})

test('unknown fields are kept by the schema, and not by the definition, but where they were before', () => {
  const kept = { preserveUnknownFields: true }
  const told = [
    'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
  ]
  assert.deepEqual(errorsOf(kept), told)
  assert.deepEqual(errorsOf(kept, undefined, definition()), told)
  assert.deepEqual(errorsOf(kept, undefined, definition(kept)), [])
})

test('a group of the project itself needs its approval', () => {
  const approved = (approval?: string, old?: CustomResourceDefinition) =>
    validateDefinition(
      definition(
        { group: 'shop.k8s.io' },
        {},
        approval === undefined ? {} : { annotations: { 'api-approved.kubernetes.io': approval } },
      ),
      old,
    ).map(messageOf)
  const at = 'metadata.annotations[api-approved.kubernetes.io]'
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111'
  assert.deepEqual(approved(), [
    `${at}: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", ${see}`,
  ])
  assert.deepEqual(approved('yes'), [
    `${at}: Invalid value: "yes": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", ${see}`,
  ])
  assert.deepEqual(approved('unapproved, a trial'), [])
  assert.deepEqual(approved('https://github.com/kubernetes/kubernetes/pull/1'), [])
  assert.deepEqual(approved(undefined, definition({ group: 'shop.k8s.io' })), [])
})

test('a definition has the name of its resource', () => {
  const named = (name: string) => definitionNameErrors(definition(), name)
  assert.deepEqual(named('shops.example.com'), [])
  assert.deepEqual(named('shop.example.com'), ['must be spec.names.plural+"."+spec.group'])
  assert.deepEqual(named('Shops.example.com'), [SUBDOMAIN, 'must be spec.names.plural+"."+spec.group'])
})
