/** What a PersistentVolumeClaim must be. Source: kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import { dnsSubdomainErrors } from '../../meta/names.ts'
import { immutable, type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import { compareQuantities } from '../../meta/quantity.ts'
import { validateLabelSelector } from '../../meta/selector-validation.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../storage-types.ts'
import { validateDataSources } from './data-sources.ts'
import { positive, validateAccessModes } from './validation.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }
const MODES = ['Block', 'Filesystem']

export const validatePersistentVolumeClaim = (claim: PersistentVolumeClaim): FieldError[] => [
  ...validateObjectMeta(claim.metadata, META),
  ...validateClaimSpec(claim.spec, 'spec'),
]

/** @param path of the spec: a StatefulSet's claim templates have one too */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors = validateAccessModes(spec.accessModes, `${path}.accessModes`, 'at least 1 access mode is required')
  if (spec.selector) errors.push(...validateLabelSelector(spec.selector, `${path}.selector`))
  const storage = spec.resources?.requests?.storage
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`))
  else errors.push(...positive('storage', storage, `${path}.resources[storage]`))
  if (spec.storageClassName)
    for (const why of dnsSubdomainErrors(spec.storageClassName))
      errors.push(invalid(`${path}.storageClassName`, spec.storageClassName, why))
  if (spec.volumeMode && !MODES.includes(spec.volumeMode))
    errors.push(notSupported(`${path}.volumeMode`, spec.volumeMode, MODES))
  return [...errors, ...validateDataSources(spec, path)]
}

export function validatePersistentVolumeClaimUpdate(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): FieldError[] {
  const errors = [...validateObjectMetaUpdate(claim.metadata, old.metadata), ...validatePersistentVolumeClaim(claim)]
  const isBound = old.status?.phase === 'Bound'
  if (!equalJson(unchangeable(claim.spec, old.spec, isBound), unchangeable(old.spec, old.spec, isBound)))
    errors.push(
      forbiddenField(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    )
  const [wanted, before, given] = [
    claim.spec.resources?.requests?.storage,
    old.spec.resources?.requests?.storage,
    old.status?.capacity?.storage,
  ]
  if (
    isBound &&
    wanted &&
    before &&
    given &&
    compareQuantities(wanted, before) < 0 &&
    compareQuantities(wanted, given) <= 0
  )
    errors.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  return [...errors, ...immutable('spec.volumeMode', claim.spec.volumeMode, old.spec.volumeMode)]
}

/** What may not change. A volume and a class may be filled in while there is none; a bound claim may ask for another size. */
function unchangeable(
  { volumeMode: _, resources, ...spec }: PersistentVolumeClaimSpec,
  old: PersistentVolumeClaimSpec,
  isBound: boolean,
): unknown {
  const { requests, ...others } = resources ?? {}
  const { storage: __, ...otherRequests } = requests ?? {}
  return {
    ...spec,
    volumeAttributesClassName: isBound ? undefined : spec.volumeAttributesClassName,
    volumeName: old.volumeName ? spec.volumeName : undefined,
    storageClassName: old.storageClassName === undefined ? undefined : spec.storageClassName,
    resources: isBound ? { ...others, requests: otherRequests } : resources,
  }
}
