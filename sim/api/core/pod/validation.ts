/** What a Pod must be. Source: ValidatePodCreate, ValidatePodUpdate in kubernetes/pkg/apis/core/validation/validation.go */

import { charge } from '../../../engine/work.ts'
import { type FieldError, forbiddenField, invalid, required } from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import { dnsSubdomainErrors, ipErrors } from '../../meta/names.ts'
import {
  immutable,
  type MetaRules,
  validateLabelName,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../meta/object-meta.ts'
import type { Container, ContainerStatus, Pod, PodSpec, Toleration } from '../pod-types.ts'
import { validateImagePadding } from './container-validation.ts'
import { validateTolerations } from './placement-validation.ts'
import { isSidecar } from './resources.ts'
import { describeSpecChange } from './spec-change.ts'
import { validatePodSpec } from './spec-validation.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }
const MAX_INT32 = 2 ** 31 - 1
const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
]
/** The annotation that a ReplicaSet's choice of victims goes by: an int32. */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized'])

export function validatePod(pod: Pod): FieldError[] {
  const errors = validateMetadataAndSpec(pod)
  if (pod.spec.ephemeralContainers?.length)
    errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'))
  if (pod.spec.nodeName && pod.spec.schedulingGates?.length)
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  return errors
}

export function validateMetadataAndSpec(pod: Pod): FieldError[] {
  const errors = [
    ...validateObjectMeta(pod.metadata, META),
    ...validateDeletionCost(pod),
    ...validatePodSpec(pod.spec, 'spec', true),
  ]
  if (!pod.spec.serviceAccountName)
    for (const [index, volume] of (pod.spec.volumes ?? []).entries())
      for (const [place, source] of (volume.projected?.sources ?? []).entries())
        if (source.serviceAccountToken)
          errors.push(
            forbiddenField(
              `spec.volumes[${index}].projected.sources[${place}].serviceAccountToken`,
              'must not be specified when serviceAccountName is not set',
            ),
          )
  for (const field of ['containers', 'initContainers'] as const)
    for (const [index, container] of (pod.spec[field] ?? []).entries())
      errors.push(...validateImagePadding(container, `spec.${field}[${index}]`))
  return errors
}

function validateDeletionCost(pod: Pod): FieldError[] {
  const cost = pod.metadata.annotations?.[DELETION_COST]
  if (cost === undefined || (/^(0|-?[1-9]\d*)$/.test(cost) && Number(cost) >= -(2 ** 31) && Number(cost) <= MAX_INT32))
    return []
  return [invalid(`metadata.annotations[${DELETION_COST}]`, cost, 'must be a 32bit integer')]
}

/** What an end user may change: images, the deadline downwards, tolerations by adding, gates by taking away. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = [...validateObjectMetaUpdate(pod.metadata, old.metadata), ...validateMetadataAndSpec(pod)]
  for (const field of ['containers', 'initContainers'] as const) {
    if ((pod.spec[field] ?? []).length !== (old.spec[field] ?? []).length)
      return [...errors, forbiddenField(`spec.${field}`, 'pod updates may not add or remove containers')]
    for (const [index, container] of (pod.spec[field] ?? []).entries())
      if (!container.image) errors.push(required(`spec.${field}[${index}].image`))
  }
  const deadline = pod.spec.activeDeadlineSeconds
  const oldDeadline = old.spec.activeDeadlineSeconds
  const at = 'spec.activeDeadlineSeconds'
  if (deadline !== undefined) {
    if (deadline < 0 || deadline > MAX_INT32)
      return [...errors, invalid(at, deadline, `must be between 0 and ${MAX_INT32}, inclusive`)]
    if (oldDeadline !== undefined && oldDeadline < deadline)
      return [...errors, invalid(at, deadline, 'must be less than or equal to previous value')]
  } else if (oldDeadline !== undefined)
    errors.push(invalid(at, undefined, 'must not update from a positive integer to nil value'))
  errors.push(
    ...validateAddedTolerations(pod.spec.tolerations ?? [], old.spec.tolerations ?? []),
    ...validateRemovedGates(pod, old),
  )
  if (equalJson(pod.spec, old.spec)) return errors
  const masked = maskUpdatable(pod.spec, old, errors)
  if (!equalJson(masked, old.spec))
    errors.push(
      forbiddenField(
        'spec',
        `pod updates may not change fields other than ${UPDATABLE.join(',')}\n${describeSpecChange(old.spec, masked)}`,
      ),
    )
  return errors
}

function validateAddedTolerations(tolerations: readonly Toleration[], old: readonly Toleration[]): FieldError[] {
  for (const before of old) {
    charge(tolerations.length / 2)
    if (!tolerations.some((after) => equalJson({ ...before, tolerationSeconds: after.tolerationSeconds }, after)))
      return [
        forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'),
      ]
  }
  return validateTolerations(tolerations, 'spec.tolerations')
}

function validateRemovedGates(pod: Pod, old: Pod): FieldError[] {
  const known = new Set((old.spec.schedulingGates ?? []).map(({ name }) => name))
  return (pod.spec.schedulingGates ?? []).flatMap(({ name }, index) =>
    known.has(name)
      ? []
      : [
          forbiddenField(
            `spec.schedulingGates[${index}].name`,
            `only deletion is allowed, but found new scheduling gate '${name}'`,
          ),
        ],
  )
}

/** The new spec with everything that may change put back as it was: what still differs may not. */
function maskUpdatable(spec: PodSpec, old: Pod, errors: FieldError[]): PodSpec {
  const before = old.spec
  const withOldImages = (containers: Container[] | undefined, olds: Container[] | undefined) =>
    containers?.map((container, index) => ({ ...container, image: olds![index].image }))
  const masked: PodSpec = {
    ...spec,
    containers: withOldImages(spec.containers, before.containers)!,
    initContainers: withOldImages(spec.initContainers, before.initContainers),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    schedulingGates: before.schedulingGates,
    tolerations: before.tolerations,
  }
  if (before.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1)
    masked.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds
  if (!before.schedulingGates?.length) return masked
  // While gated, placement may be narrowed.
  const lost = Object.entries(before.nodeSelector ?? {}).some(([key, value]) => spec.nodeSelector?.[key] !== value)
  if (lost)
    errors.push(
      invalid(
        'spec.nodeSelector',
        spec.nodeSelector,
        'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      ),
    )
  masked.nodeSelector = before.nodeSelector
  const { nodeAffinity: _, ...otherAffinity } = spec.affinity ?? {}
  const affinity = {
    ...otherAffinity,
    ...(before.affinity?.nodeAffinity ? { nodeAffinity: before.affinity.nodeAffinity } : {}),
  }
  masked.affinity = Object.keys(affinity).length > 0 ? affinity : before.affinity
  return masked
}

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const { status } = pod
  const errors = validateObjectMetaUpdate(pod.metadata, old.metadata)
  for (const [index, { type = '' }] of (status.conditions ?? []).entries())
    if (!SYSTEM_CONDITIONS.has(type)) errors.push(...validateLabelName(type, `metadata.conditions[${index}].Type`))
  if (pod.spec.nodeName !== old.spec.nodeName)
    errors.push(forbiddenField('status.nodeName', 'may not be changed directly'))
  if (status.nominatedNodeName && status.nominatedNodeName !== old.status.nominatedNodeName)
    for (const why of dnsSubdomainErrors(status.nominatedNodeName))
      errors.push(invalid('status.nominatedNodeName', status.nominatedNodeName, why))
  errors.push(...immutable('status.qosClass', status.qosClass, old.status.qosClass))
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name))
  errors.push(
    ...validateTransitions(
      status.containerStatuses,
      old.status.containerStatuses,
      old.spec,
      'status.containerStatuses',
    ),
    ...validateTransitions(
      status.initContainerStatuses,
      old.status.initContainerStatuses?.filter(({ name }) => !sidecars.has(name)),
      old.spec,
      'status.initContainerStatuses',
    ),
  )
  for (const [index, { ip = '' }] of (status.podIPs ?? []).entries())
    for (const why of ipErrors(ip)) errors.push(invalid(`status.podIPs[${index}]`, ip, why))
  return errors
}

/** A container that ended for good stays ended. */
function validateTransitions(
  statuses: readonly ContainerStatus[] | undefined,
  olds: readonly ContainerStatus[] | undefined,
  spec: PodSpec,
  path: string,
): FieldError[] {
  if (spec.restartPolicy === 'Always') return []
  return (olds ?? []).flatMap((old, index) => {
    const ended = old.state?.terminated
    charge((spec.containers.length + (statuses?.length ?? 0)) / 8)
    if (!ended || (ended.exitCode !== 0 && restartPolicyOf(spec, old.name) === 'OnFailure')) return []
    if (restartPolicyOf(spec, old.name) === 'Always') return []
    const isBack = statuses?.some((status) => status.name === old.name && !status.state?.terminated)
    return isBack ? [forbiddenField(`${path}[${index}].state`, 'may not be transitioned to non-terminated state')] : []
  })
}

const restartPolicyOf = (spec: PodSpec, container: string): string =>
  spec.containers.find(({ name }) => name === container)?.restartPolicy ?? spec.restartPolicy
