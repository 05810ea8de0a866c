/** CSIStorageCapacity, storage.k8s.io/v1. Source: kubernetes/pkg/apis/storage/validation/validation.go */
import { type FieldError, invalid } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { immutable, type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { canonicalQuantity, quantityValue } from '../meta/quantity.ts'
import { validateLabelSelector } from '../meta/selector-validation.ts'
import { column, nameColumn } from '../meta/table.ts'
import type { CSIStorageCapacity } from './types.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }

export const csiStorageCapacities: Kind<CSIStorageCapacity> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  apiVersion: 'storage.k8s.io/v1',
  schema: 'io.k8s.api.storage.v1.CSIStorageCapacity',
  applyDefaults(object) {
    object.storageClassName ??= ''
    if (object.capacity !== undefined) object.capacity = canonicalQuantity(object.capacity)
    if (object.maximumVolumeSize !== undefined) object.maximumVolumeSize = canonicalQuantity(object.maximumVolumeSize)
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: validateCapacity,
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object.metadata, old.metadata),
    ...immutable('nodeTopology', object.nodeTopology, old.nodeTopology),
    ...immutable('storageClassName', object.storageClassName, old.storageClassName),
  ],
  needsResourceVersion: true,
  hasStatus: false,
  columns: [
    nameColumn,
    column('StorageClassName', 'string', 'The class of the volumes.', ({ storageClassName }) => storageClassName),
    column('Capacity', 'string', 'What there is room for.', ({ capacity }) => capacity ?? '<unset>'),
  ],
}

function validateCapacity({ metadata, nodeTopology, storageClassName, capacity }: CSIStorageCapacity): FieldError[] {
  return [
    ...validateObjectMeta(metadata, META),
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...dnsSubdomainErrors(storageClassName).map((why) => invalid('storageClassName', storageClassName, why)),
    ...(capacity !== undefined && quantityValue(capacity) < 0
      ? [invalid('capacity', capacity, 'must be greater than or equal to 0')]
      : []),
  ]
}
