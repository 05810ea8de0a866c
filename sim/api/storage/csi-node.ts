/** CSINode, storage.k8s.io/v1: the storage drivers of a node. Source: kubernetes/pkg/registry/storage/csinode, pkg/apis/storage/validation */
import { duplicate, type FieldError, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { CSINode } from './types.ts'

const META: MetaRules = { isNamespaced: false, nameErrors: dnsSubdomainErrors }

export const csiNodes: Kind<CSINode> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  singular: 'csinode',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: 'storage.k8s.io/v1',
  schema: 'io.k8s.api.storage.v1.CSINode',
  applyDefaults(object) {
    // In Go the spec is there without a word, and its list is nil.
    object.spec ??= { drivers: null }
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: ({ metadata, spec }) => [...validateObjectMeta(metadata, META), ...validateDrivers(spec)],
  validateUpdate: ({ metadata, spec }, old) => [
    ...validateObjectMetaUpdate(metadata, old.metadata),
    ...validateDrivers(spec),
  ],
  needsResourceVersion: true,
  hasStatus: false,
  columns: [
    nameColumn,
    column('Drivers', 'integer', 'How many drivers the node has.', ({ spec }) => String(spec.drivers?.length ?? 0)),
    ageColumn,
  ],
}

function validateDrivers({ drivers }: CSINode['spec']): FieldError[] {
  const names = new Set<string>()
  return (drivers ?? []).flatMap(({ name, nodeID }, i) => {
    const path = `spec.drivers[${i}]`
    const errors: FieldError[] = []
    if (!name) errors.push(required(`${path}.name`))
    if (!nodeID) errors.push(required(`${path}.nodeID`))
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
    names.add(name)
    return errors
  })
}
