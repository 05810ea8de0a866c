/** CustomResourceDefinition, apiextensions.k8s.io/v1. Source: k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition */
import type { Kind } from '../meta/kind.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { column, nameColumn } from '../meta/table.ts'
import { isKnownFormat } from '../meta/text-formats.ts'
import { setPort } from '../meta/webhook-client.ts'
import { withCondition } from './conditions.ts'
import { definitionNameErrors, validateDefinition } from './definition-validation.ts'
import type { CustomResourceDefinition, JsonSchema } from './types.ts'

/** Stands until the last object of the resource is gone. */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

export const customResourceDefinitions: Kind<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  isNamespaced: false,
  apiVersion: 'apiextensions.k8s.io/v1',
  schema: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  applyDefaults(definition) {
    definition.spec ??= {} as CustomResourceDefinition['spec']
    const { spec } = definition
    spec.group ??= ''
    spec.scope ??= ''
    spec.versions ??= []
    spec.names ??= {}
    const { names } = spec
    if (!names.singular && names.kind) names.singular = names.kind.toLowerCase()
    if (!names.listKind && names.kind) names.listKind = `${names.kind}List`
    spec.conversion ??= { strategy: 'None' }
    setPort(spec.conversion.webhook?.clientConfig)
    definition.status ??= {}
  },
  prepareForCreate(definition) {
    definition.status = {}
    noteStored(definition)
  },
  prepareForUpdate(definition, old) {
    definition.status = { ...old.status }
    noteStored(definition)
  },
  validate: (definition) => [
    ...validateObjectMeta(definition.metadata, {
      hasAnyFinalizers: true,
      isNamespaced: false,
      nameErrors: (name) => definitionNameErrors(definition, name),
    }),
    ...validateDefinition(definition),
  ],
  validateUpdate: (definition, old) => [
    ...validateObjectMetaUpdate(definition.metadata, old.metadata, { hasAnyFinalizers: true }),
    ...validateDefinition(definition, old),
  ],
  validateStatusUpdate: (definition, old) =>
    validateObjectMetaUpdate(definition.metadata, old.metadata, { hasAnyFinalizers: true }),
  needsResourceVersion: true,
  hasStatus: true,
  generationOf: ({ spec }) => spec,
  warnings: (definition, old) => {
    const before = new Set(old ? unknownFormats(old) : [])
    return unknownFormats(definition)
      .filter((format) => !before.has(format))
      .map((format) => `unrecognized format ${JSON.stringify(format)}`)
  },
  // The first request to delete only marks it: its objects go first.
  holdsDeletion: ({ metadata }) => metadata.deletionTimestamp === undefined,
  beginDeletion(definition) {
    const { metadata } = definition
    delete metadata.deletionGracePeriodSeconds
    if (!metadata.finalizers?.includes(CLEANUP)) metadata.finalizers = [...(metadata.finalizers ?? []), CLEANUP]
    definition.status = withCondition(definition.status, {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
      lastTransitionTime: metadata.deletionTimestamp,
    })
  },
  columns: [
    nameColumn,
    column(
      'Created At',
      'date',
      'When it was created, as the server knows it.',
      ({ metadata }) => metadata.creationTimestamp,
    ),
  ],
}

/** Objects may lie in the store in each version that was once the one to store. */
function noteStored({ spec, status }: CustomResourceDefinition): void {
  const storage = spec.versions.find((version) => version.storage)?.name
  const stored = status.storedVersions ?? []
  if (storage !== undefined && !stored.includes(storage)) status.storedVersions = [...stored, storage]
}

const unknownFormats = ({ spec }: CustomResourceDefinition): string[] =>
  spec.versions.flatMap(({ schema }) => (schema?.openAPIV3Schema ? formatsOf(schema.openAPIV3Schema) : []))

function formatsOf({ format, properties = {}, items, additionalProperties }: JsonSchema): string[] {
  const inner = [...Object.values(properties), ...(items ? [items] : [])]
  if (typeof additionalProperties === 'object') inner.push(additionalProperties)
  return [...(format && !isKnownFormat(format) ? [format] : []), ...inner.flatMap(formatsOf)]
}
