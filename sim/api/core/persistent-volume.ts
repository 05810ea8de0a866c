/** PersistentVolume, core/v1. Source: kubernetes/pkg/registry/core/persistentvolume/strategy.go */
import type { Kind } from '../meta/kind.ts'
import { canonicalResources } from '../meta/quantity.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { classOf, printAccessModes, printPhase } from './persistent-volume/access-modes.ts'
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './persistent-volume/validation.ts'
import type { PersistentVolume } from './storage-types.ts'
import { defaultVolumeSources } from './volume-defaults.ts'

export const persistentVolumes: Kind<PersistentVolume> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  categories: [],
  isNamespaced: false,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.PersistentVolume',
  applyDefaults: (volume) => {
    volume.spec ??= {} as PersistentVolume['spec']
    const { spec } = volume
    spec.persistentVolumeReclaimPolicy ||= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    const capacity = spec.capacity && canonicalResources(spec.capacity)
    if (capacity !== spec.capacity) spec.capacity = capacity
    defaultVolumeSources(spec)
  },
  prepareForCreate: (volume, { now }) => {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: now }
  },
  prepareForUpdate: (volume, old) => {
    volume.status = old.status
  },
  prepareForStatusUpdate: (volume, old) => {
    volume.spec = old.spec
  },
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  hasStatus: true,
  columns: [
    nameColumn,
    column('Capacity', 'string', 'How much it holds.', ({ spec }) => spec.capacity?.storage ?? ''),
    column('Access Modes', 'string', 'How it may be used.', ({ spec }) => printAccessModes(spec.accessModes)),
    column('Reclaim Policy', 'string', 'What becomes of it once its claim is gone.', ({ spec }) =>
      String(spec.persistentVolumeReclaimPolicy),
    ),
    column('Status', 'string', 'Available, Bound, Released or Failed.', (volume) =>
      printPhase(volume, volume.status?.phase),
    ),
    column('Claim', 'string', 'The claim it belongs to.', ({ spec }) =>
      spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '',
    ),
    column('StorageClass', 'string', 'Its class.', (volume) => classOf(volume)),
    column(
      'VolumeAttributesClass',
      'string',
      'The class of its attributes.',
      ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    ),
    column('Reason', 'string', 'Why it failed.', ({ status }) => status?.reason ?? ''),
    ageColumn,
    column('VolumeMode', 'string', 'Filesystem or Block.', ({ spec }) => spec.volumeMode ?? '<unset>', 'wide'),
  ],
  selectableFields: ({ metadata }) => ({ name: metadata.name }),
  notSimulated: ['spec.mountOptions', 'spec.volumeAttributesClassName'],
}
