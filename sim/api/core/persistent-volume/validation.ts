/** What a PersistentVolume must be. Source: kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import { dnsSubdomainErrors } from '../../meta/names.ts'
import {
  immutable,
  type MetaRules,
  sortedEntries,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../meta/object-meta.ts'
import { compareQuantities, quantityError } from '../../meta/quantity.ts'
import { validateNodeSelector } from '../pod/placement-validation.ts'
import { validateQuantity } from '../resource-validation.ts'
import type { AccessMode, PersistentVolume, PersistentVolumeSpec } from '../storage-types.ts'
import { ACCESS_MODES } from './access-modes.ts'

const META: MetaRules = { isNamespaced: false, nameErrors: dnsSubdomainErrors }
/** Fields of the spec that say where the volume is. */
const SOURCES = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'glusterfs',
  'hostPath',
  'iscsi',
  'local',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
]
const POLICIES = ['Delete', 'Recycle', 'Retain']
const MODES = ['Block', 'Filesystem']

export const validatePersistentVolume = (volume: PersistentVolume): FieldError[] => [
  ...validateObjectMeta(volume.metadata, META),
  ...validateSpec(volume.spec),
]

export function validatePersistentVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const source = ({ spec }: PersistentVolume): unknown => SOURCES.map((name) => spec[name])
  const errors = [...validateObjectMetaUpdate(volume.metadata, old.metadata), ...validateSpec(volume.spec)]
  if (!equalJson(source(volume), source(old)))
    errors.push(
      forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'),
    )
  errors.push(...immutable('spec.volumeMode', volume.spec.volumeMode, old.spec.volumeMode))
  if (old.spec.nodeAffinity && !equalJson(volume.spec.nodeAffinity, old.spec.nodeAffinity))
    errors.push(
      invalid(
        'spec.nodeAffinity',
        volume.spec.nodeAffinity ?? null,
        'field is immutable, except for updating from beta label to GA',
      ),
    )
  return errors
}

function validateSpec(spec: PersistentVolumeSpec): FieldError[] {
  const errors = validateAccessModes(spec.accessModes, 'spec.accessModes', '')
  const capacity = spec.capacity ?? {}
  if (Object.keys(capacity).length === 0) errors.push(required('spec.capacity'))
  else if (capacity.storage === undefined || Object.keys(capacity).length > 1)
    errors.push(notSupported('spec.capacity', capacity, ['storage']))
  for (const [name, quantity] of sortedEntries(capacity))
    errors.push(...positive(name, quantity, `spec.capacity[${name}]`))
  if (!POLICIES.includes(spec.persistentVolumeReclaimPolicy))
    errors.push(notSupported('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, POLICIES))
  const { nodeAffinity } = spec
  if (nodeAffinity && !nodeAffinity.required)
    errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'))
  if (nodeAffinity?.required) errors.push(...validateNodeSelector(nodeAffinity.required, 'spec.nodeAffinity.required'))
  errors.push(...validateSource(spec))
  if (spec.storageClassName)
    for (const why of dnsSubdomainErrors(spec.storageClassName))
      errors.push(invalid('spec.storageClassName', spec.storageClassName, why))
  if (spec.volumeMode && !MODES.includes(spec.volumeMode))
    errors.push(notSupported('spec.volumeMode', spec.volumeMode, MODES))
  return errors
}

/** @param whenMissing what follows `Required value` */
export function validateAccessModes(
  modes: readonly AccessMode[] | undefined,
  path: string,
  whenMissing: string,
): FieldError[] {
  if (!modes?.length) return [required(path, whenMissing)]
  const errors: FieldError[] = []
  for (const mode of modes)
    if (!ACCESS_MODES.includes(mode)) errors.push(notSupported(path, mode, ACCESS_MODES.toSorted()))
  if (modes.includes('ReadWriteOncePod') && modes.length > 1)
    errors.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'))
  return errors
}

/** A quantity above zero. */
export function positive(name: string, quantity: string, path: string): FieldError[] {
  const errors = validateQuantity(name, quantity, path)
  if (quantityError(String(quantity)) === undefined && compareQuantities(quantity, '0') <= 0)
    errors.push(invalid(path, quantity, 'must be greater than zero'))
  return errors
}

function validateSource(spec: PersistentVolumeSpec): FieldError[] {
  const given = SOURCES.filter((source) => spec[source] !== undefined)
  if (given.length === 0) return [required('spec', 'must specify a volume type')]
  const errors = given
    .slice(1)
    .map((source) => forbiddenField(`spec.${source}`, 'may not specify more than 1 volume type'))
  const { hostPath, local, nfs, csi, persistentVolumeReclaimPolicy } = spec
  if (hostPath) {
    if (!hostPath.path) errors.push(required('spec.hostPath.path'))
    else if (hostPath.path.split('/').includes('..'))
      errors.push(invalid('spec.hostPath.path', hostPath.path, "must not contain '..'"))
    if (persistentVolumeReclaimPolicy === 'Recycle' && /^\/+$/.test(hostPath.path))
      errors.push(
        forbiddenField('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"),
      )
  }
  if (local) {
    if (!local.path) errors.push(required('spec.local.path'))
    if (!spec.nodeAffinity) errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'))
  }
  if (nfs) {
    if (!nfs.server) errors.push(required('spec.nfs.server'))
    if (!nfs.path) errors.push(required('spec.nfs.path'))
    else if (!nfs.path.startsWith('/')) errors.push(invalid('spec.nfs.path', nfs.path, 'must be an absolute path'))
  }
  if (csi) {
    if (!csi.driver) errors.push(required('spec.csi.driver'))
    if (!csi.volumeHandle) errors.push(required('spec.csi.volumeHandle'))
  }
  return errors
}
