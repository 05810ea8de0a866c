/** StorageClass, storage.k8s.io/v1. Source: kubernetes/pkg/apis/storage/validation/validation.go */
import { type FieldError, invalid, notSupported, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors, qualifiedNameErrors } from '../meta/names.ts'
import { immutable, type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { validateAllowedTopologies } from './allowed-topologies.ts'
import type { StorageClass } from './types.ts'

const META: MetaRules = { isNamespaced: false, nameErrors: dnsSubdomainErrors }
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class'
const BETA_DEFAULT_CLASS = 'storageclass.beta.kubernetes.io/is-default-class'

/** Claims that name no class get this one. */
export const isDefaultClass = ({ metadata: { annotations } }: StorageClass): boolean =>
  annotations?.[DEFAULT_CLASS] === 'true' || annotations?.[BETA_DEFAULT_CLASS] === 'true'

export const storageClasses: Kind<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  categories: [],
  isNamespaced: false,
  apiVersion: 'storage.k8s.io/v1',
  schema: 'io.k8s.api.storage.v1.StorageClass',
  applyDefaults: (storageClass) => {
    storageClass.reclaimPolicy ??= 'Delete'
    storageClass.volumeBindingMode ??= 'Immediate'
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: validateStorageClass,
  validateUpdate: (storageClass, old) => [
    ...validateStorageClass(storageClass),
    ...validateObjectMetaUpdate(storageClass.metadata, old.metadata),
    ...immutable('parameters', storageClass.parameters, old.parameters),
    ...immutable('provisioner', storageClass.provisioner, old.provisioner),
    ...immutable('reclaimPolicy', storageClass.reclaimPolicy, old.reclaimPolicy),
    ...immutable('volumeBindingMode', storageClass.volumeBindingMode, old.volumeBindingMode),
  ],
  hasStatus: false,
  columns: [
    { ...nameColumn, cell: (object) => nameOf(object as StorageClass) } as typeof nameColumn,
    column('Provisioner', 'string', 'What makes its volumes.', (storageClass) => storageClass.provisioner),
    column('ReclaimPolicy', 'string', 'What becomes of a volume whose claim is gone.', (storageClass) =>
      String(storageClass.reclaimPolicy ?? 'Delete'),
    ),
    column('VolumeBindingMode', 'string', 'When claims are bound.', (storageClass) =>
      String(storageClass.volumeBindingMode ?? '<unset>'),
    ),
    column(
      'AllowVolumeExpansion',
      'string',
      'Whether claims may ask for more later.',
      (storageClass) => storageClass.allowVolumeExpansion ?? false,
    ),
    ageColumn,
  ],
  notSimulated: ['mountOptions'],
}

const nameOf = (storageClass: StorageClass): string =>
  isDefaultClass(storageClass) ? `${storageClass.metadata.name} (default)` : storageClass.metadata.name

function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const { metadata, provisioner, parameters = {}, reclaimPolicy, volumeBindingMode } = storageClass
  const errors = validateObjectMeta(metadata, META)
  if (!provisioner) errors.push(required('provisioner'))
  else
    for (const why of qualifiedNameErrors(provisioner.toLowerCase()))
      errors.push(invalid('provisioner', provisioner.toLowerCase(), why))
  if (Object.keys(parameters).some((key) => key === ''))
    errors.push(invalid('parameters', '', 'field can not be empty.'))
  if (reclaimPolicy !== 'Delete' && reclaimPolicy !== 'Retain')
    errors.push(notSupported('reclaimPolicy', reclaimPolicy ?? '', ['Delete', 'Retain']))
  if (volumeBindingMode !== 'Immediate' && volumeBindingMode !== 'WaitForFirstConsumer')
    errors.push(notSupported('volumeBindingMode', volumeBindingMode ?? '', ['Immediate', 'WaitForFirstConsumer']))
  errors.push(...validateAllowedTopologies(storageClass))
  return errors
}

/** The default class: the newest of several, and of those as old the first by name. */
export function findDefaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const age = ({ metadata }: StorageClass): string => metadata.creationTimestamp
  return classes
    .filter(isDefaultClass)
    .toSorted((a, b) =>
      age(a) === age(b) ? (a.metadata.name < b.metadata.name ? -1 : 1) : age(a) < age(b) ? 1 : -1,
    )[0]
}
