/** PersistentVolumeClaim, core/v1. Source: kubernetes/pkg/registry/core/persistentvolumeclaim/strategy.go */
import type { Kind } from '../meta/kind.ts'
import { canonicalQuantity, canonicalResources, quantityError, quantityMillis } from '../meta/quantity.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { classOf, printAccessModes, printPhase } from './persistent-volume/access-modes.ts'
import {
  validatePersistentVolumeClaim,
  validatePersistentVolumeClaimUpdate,
} from './persistent-volume/claim-validation.ts'
import { settleDataSources } from './persistent-volume/data-sources.ts'
import type { PersistentVolumeClaim } from './storage-types.ts'

export const persistentVolumeClaims: Kind<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  categories: [],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.PersistentVolumeClaim',
  applyDefaults: (claim) => {
    claim.spec ??= {} as PersistentVolumeClaim['spec']
    applyClaimSpecDefaults(claim.spec)
  },
  prepareForCreate: (claim) => {
    claim.status = { phase: 'Pending' }
    settleDataSources(claim.spec)
  },
  prepareForUpdate: (claim, old) => {
    claim.status = old.status
    settleDataSources(claim.spec, old.spec)
  },
  prepareForStatusUpdate: (claim, old) => {
    claim.spec = old.spec
  },
  validate: validatePersistentVolumeClaim,
  validateUpdate: validatePersistentVolumeClaimUpdate,
  warnings: ({ spec }) => claimSpecWarnings(spec, 'spec'),
  hasStatus: true,
  columns: [
    nameColumn,
    column('Status', 'string', 'Pending, Bound or Lost.', (claim) => printPhase(claim, claim.status?.phase)),
    column('Volume', 'string', 'The volume it has, or asks for.', ({ spec }) => spec.volumeName ?? ''),
    column('Capacity', 'string', 'How much the volume holds.', ({ spec, status }) =>
      spec.volumeName ? (status?.capacity?.storage ?? '0') : '',
    ),
    column('Access Modes', 'string', 'How the volume may be used.', ({ spec, status }) =>
      spec.volumeName ? printAccessModes(status?.accessModes) : '',
    ),
    column('StorageClass', 'string', 'The class it asks for.', (claim) => classOf(claim)),
    column(
      'VolumeAttributesClass',
      'string',
      'The class of attributes it asks for.',
      ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    ),
    ageColumn,
    column('VolumeMode', 'string', 'Filesystem or Block.', ({ spec }) => spec.volumeMode ?? '<unset>', 'wide'),
  ],
  selectableFields: ({ metadata }) => ({ name: metadata.name }),
  notSimulated: ['spec.dataSource', 'spec.dataSourceRef', 'spec.volumeAttributesClassName'],
}

/** The same for a claim's template. */
function applyClaimSpecDefaults(spec: PersistentVolumeClaim['spec']): void {
  spec.volumeMode ??= 'Filesystem'
  spec.resources ??= {}
  // What is in its canonical form already is left alone: stored objects may be frozen.
  for (const list of ['requests', 'limits'] as const) {
    const given = spec.resources[list]
    const canonical = given && canonicalResources(given)
    if (canonical !== given) spec.resources[list] = canonical
  }
}

/** Bytes come whole. Source: kubernetes/pkg/api/persistentvolumeclaim/util.go */
const claimSpecWarnings = ({ resources }: PersistentVolumeClaim['spec'], path: string): string[] =>
  (['requests', 'limits'] as const).flatMap((field) => {
    const quantity = resources?.[field]?.storage
    if (quantity === undefined || quantityError(String(quantity)) || quantityMillis(quantity) % 1000 === 0) return []
    const shown = canonicalQuantity(quantity)
    return [`${path}.resources.${field}[storage]: fractional byte value "${shown}" is invalid, must be an integer`]
  })
