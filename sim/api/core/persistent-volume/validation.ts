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
import { canonicalQuantity, compareQuantities, quantityError, quantityValue } from '../../meta/quantity.ts'
import { formDiff, internalForm } from '../../schema/internal-form.ts'
import { validateOtherSource } from '../other-volume-sources.ts'
import { validateNodeSelector } from '../pod/placement-validation.ts'
import { validateQuantity } from '../resource-validation.ts'
import type { AccessMode, PersistentVolume, PersistentVolumeSpec } from '../storage-types.ts'
import { validateHostPath, validateNfs, validateNoBacksteps } from '../volume-source-validation.ts'
import { ACCESS_MODES } from './access-modes.ts'

const META: MetaRules = { isNamespaced: false, nameErrors: dnsSubdomainErrors }
/** Fields of the spec that say where the volume is, in the order in which the server looks for them. */
const SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
]
/** Where the server says that one is too many, this one has another name. */
const SURPLUS_NAMES: Readonly<Record<string, string>> = { cephfs: 'cephFS' }
const POLICIES = ['Delete', 'Recycle', 'Retain']
const MODES = ['Block', 'Filesystem']

export const validatePersistentVolume = (volume: PersistentVolume): FieldError[] => [
  ...validateObjectMeta(volume.metadata, META),
  ...validateSpec(volume.spec),
]

/** Simplified: of a changed source the message does not show what has changed. */
export function validatePersistentVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const { spec } = volume
  const errors = [...validateObjectMetaUpdate(volume.metadata, old.metadata), ...validateSpec(spec)]
  const [before, after] = [old.spec, spec].map((one) => internalForm('PersistentVolumeSource', one))
  if (!equalJson(before, after)) {
    const why = 'spec.persistentvolumesource is immutable after creation'
    errors.push(forbiddenField('spec.persistentvolumesource', `${why}\n${formDiff(before, after)}`))
  }
  errors.push(...immutable('volumeMode', spec.volumeMode, old.spec.volumeMode))
  if (old.spec.nodeAffinity && !equalJson(spec.nodeAffinity, old.spec.nodeAffinity))
    errors.push(
      invalid(
        'nodeAffinity',
        spec.nodeAffinity && internalForm('VolumeNodeAffinity', spec.nodeAffinity),
        'field is immutable, except for updating from beta label to GA',
      ),
    )
  if (old.spec.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined)
    errors.push(forbiddenField('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'))
  return errors
}

function validateSpec(spec: PersistentVolumeSpec): FieldError[] {
  const errors = validateAccessModes(spec.accessModes, 'spec.accessModes', '')
  const { capacity, persistentVolumeReclaimPolicy: policy, nodeAffinity, volumeAttributesClassName } = spec
  const amounts = sortedEntries(capacity)
  if (amounts.length === 0) errors.push(required('spec.capacity'))
  if (capacity?.storage === undefined || amounts.length > 1)
    errors.push(notSupported('spec.capacity', capacity, ['storage']))
  for (const [name, quantity] of amounts) {
    const at = `spec.capacity[${name}]`
    if (quantityError(String(quantity))) continue
    if (compareQuantities(quantity, '0') < 0)
      errors.push(invalid(at, quantityValue(quantity), 'must be a valid resource quantity'))
    if (compareQuantities(quantity, '0') <= 0) errors.push(invalid(at, quantity, 'must be greater than zero'))
  }
  if (!POLICIES.includes(policy)) errors.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, POLICIES))
  if (nodeAffinity && !nodeAffinity.required)
    errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'))
  if (nodeAffinity?.required) errors.push(...validateNodeSelector(nodeAffinity.required, 'spec.nodeAffinity.required'))
  errors.push(...validateSource(spec))
  if (policy === 'Recycle' && spec.hostPath && /^\/+$/.test(spec.hostPath.path))
    errors.push(
      forbiddenField('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"),
    )
  const validateClass = (field: string, name: string): void => {
    for (const why of dnsSubdomainErrors(name)) errors.push(invalid(`spec.${field}`, name, why))
  }
  if (spec.storageClassName) validateClass('storageClassName', spec.storageClassName)
  if (spec.volumeMode !== undefined && !MODES.includes(spec.volumeMode))
    errors.push(notSupported('spec.volumeMode', spec.volumeMode, MODES))
  if (volumeAttributesClassName === undefined) return errors
  if (volumeAttributesClassName === '')
    errors.push(required('spec.volumeAttributesClassName', 'an empty string is disallowed'))
  else validateClass('volumeAttributesClassName', volumeAttributesClassName)
  if (!spec.csi) errors.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'))
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
  const isOther = (mode: AccessMode): boolean => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode)
  if (modes.includes('ReadWriteOncePod') && modes.some(isOther))
    errors.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'))
  return errors
}

/** A quantity above zero. */
export function positive(name: string, quantity: string, path: string): FieldError[] {
  if (quantityError(String(quantity)) === undefined && compareQuantities(quantity, '0') <= 0)
    return [invalid(path, canonicalQuantity(quantity), 'must be greater than zero')]
  return validateQuantity(name, quantity, path)
}

/** The first is looked at, and no other may be there. */
function validateSource(spec: PersistentVolumeSpec): FieldError[] {
  const given = SOURCES.filter((source) => spec[source] !== undefined)
  if (given.length === 0) return [required('spec', 'must specify a volume type')]
  const errors = validateFirst(given[0], spec)
  for (const source of given.slice(1)) {
    // A FlexVolume is looked at wherever it stands.
    if (source === 'flexVolume') errors.push(...validateFirst(source, spec))
    else
      errors.push(forbiddenField(`spec.${SURPLUS_NAMES[source] ?? source}`, 'may not specify more than 1 volume type'))
  }
  return errors
}

function validateFirst(source: string, spec: PersistentVolumeSpec): FieldError[] {
  const { hostPath, local, nfs } = spec
  const path = `spec.${source}`
  if (source === 'hostPath' && hostPath) return validateHostPath(hostPath, path)
  if (source === 'local' && local)
    return [
      ...(local.path ? validateNoBacksteps(local.path, `${path}.path`) : [required(`${path}.path`)]),
      ...(spec.nodeAffinity ? [] : [required('spec.nodeAffinity', 'Local volume requires node affinity')]),
    ]
  if (source === 'nfs' && nfs) return validateNfs(nfs, path)
  return validateOtherSource(source, spec[source], path, true)
}
