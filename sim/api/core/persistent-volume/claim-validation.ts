/** What a PersistentVolumeClaim must be. Source: kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import { dnsSubdomainErrors } from '../../meta/names.ts'
import {
  immutable,
  type MetaRules,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateTemplateMeta,
} from '../../meta/object-meta.ts'
import { compareQuantities } from '../../meta/quantity.ts'
import { validateLabelSelector } from '../../meta/selector-validation.ts'
import { formDiff, internalForm } from '../../schema/internal-form.ts'
import type { ClaimTemplate, PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../storage-types.ts'
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
  errors.push(...validateDataSources(spec, path))
  const attributes = spec.volumeAttributesClassName
  if (attributes)
    for (const why of dnsSubdomainErrors(attributes))
      errors.push(invalid(`${path}.volumeAttributesClassName`, attributes, why))
  return errors
}

/** Of its metadata only labels and annotations may be set. */
export function validateClaimTemplate(template: ClaimTemplate, path: string): FieldError[] {
  return [
    ...validateTemplateMeta(template.metadata, `${path}.metadata`),
    ...validateClaimSpec(template.spec ?? { resources: {} }, `${path}.spec`),
  ]
}

export function validatePersistentVolumeClaimUpdate(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): FieldError[] {
  const errors = [...validateObjectMetaUpdate(claim.metadata, old.metadata), ...validatePersistentVolumeClaim(claim)]
  const isBound = claim.status?.phase === 'Bound'
  const before = internalForm('PersistentVolumeClaimSpec', {
    ...old.spec,
    volumeName: old.spec.volumeName || claim.spec.volumeName,
  })
  const after = internalForm('PersistentVolumeClaimSpec', withChangeable(claim.spec, old.spec, isBound))
  if (!equalJson(before, after)) {
    const why =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    errors.push(forbiddenField('spec', `${why}\n${formDiff(before, after)}`))
  }
  const [wanted, earlier, given] = [
    claim.spec.resources?.requests?.storage,
    old.spec.resources?.requests?.storage,
    old.status?.capacity?.storage,
  ]
  const isLess = compareQuantities(wanted ?? '0', earlier ?? '0') < 0
  if (isLess && compareQuantities(wanted ?? '0', given ?? '0') <= 0)
    errors.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  return [...errors, ...immutable('volumeMode', claim.spec.volumeMode, old.spec.volumeMode)]
}

/** The spec with what may change as it was: a class may be filled in while there is none, a bound claim may ask for another size. */
function withChangeable(
  spec: PersistentVolumeClaimSpec,
  old: PersistentVolumeClaimSpec,
  isBound: boolean,
): PersistentVolumeClaimSpec {
  const withClass = old.storageClassName === undefined ? { ...spec, storageClassName: undefined } : spec
  if (!isBound) return withClass
  const { resources } = spec
  const storage = old.resources?.requests?.storage
  return {
    ...withClass,
    volumeAttributesClassName: old.volumeAttributesClassName,
    ...(resources?.requests && storage !== undefined
      ? { resources: { ...resources, requests: { ...resources.requests, storage } } }
      : {}),
  }
}
