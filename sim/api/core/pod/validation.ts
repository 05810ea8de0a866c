/** What a Pod must be. Source: ValidatePodCreate, ValidatePodUpdate in kubernetes/pkg/apis/core/validation/validation.go */

import { charge } from '../../../engine/work.ts'
import { type FieldError, forbiddenField, invalid, required } from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import { dnsSubdomainErrors, ipErrors, isIPv6 } from '../../meta/names.ts'
import {
  immutable,
  type MetaRules,
  validateLabelName,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../meta/object-meta.ts'
import { formDiff, internalForm } from '../../schema/internal-form.ts'
import type { Container, ContainerStatus, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../pod-types.ts'
import { validateImagePadding } from './container-validation.ts'
import { validateTolerations } from './placement-validation.ts'
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
    ...validatePodSpec(pod.spec, 'spec', true, pod.metadata.name),
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
  if (
    cost === undefined ||
    (/^(0|[1-9]\d*|-\d+)$/.test(cost) && Number(cost) >= -(2 ** 31) && Number(cost) <= MAX_INT32)
  )
    return []
  return [invalid(`metadata.annotations[${DELETION_COST}]`, cost, 'must be a 32bit integer')]
}

/** What an end user may change: images, the deadline downwards, tolerations by adding, gates by taking away. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = [...validateObjectMetaUpdate(pod.metadata, old.metadata), ...validateMetadataAndSpec(pod)]
  for (const field of ['containers', 'initContainers'] as const) {
    if ((pod.spec[field] ?? []).length !== (old.spec[field] ?? []).length)
      return [...errors, forbiddenField(`spec.${field}`, 'pod updates may not add or remove containers')]
    for (const [index, container] of (pod.spec[field] ?? []).entries()) {
      const at = `spec.${field}[${index}]`
      if (!container.image) errors.push(required(`${at}.image`))
      // Looked at twice, and so told twice.
      errors.push(...validateImagePadding(container, at))
    }
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
        `pod updates may not change fields other than ${UPDATABLE.join(',')}\n${formDiff(
          internalForm('PodSpec', old.spec),
          internalForm('PodSpec', masked),
        )}`,
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
  errors.push(...validateNarrowed(spec.affinity?.nodeAffinity, before.affinity?.nodeAffinity))
  const { nodeAffinity: _, ...otherAffinity } = spec.affinity ?? {}
  const affinity = {
    ...otherAffinity,
    ...(before.affinity?.nodeAffinity ? { nodeAffinity: before.affinity.nodeAffinity } : {}),
  }
  masked.affinity = Object.keys(affinity).length > 0 ? affinity : before.affinity
  return masked
}

type NodeAffinity = NonNullable<PodSpec['affinity']>['nodeAffinity']

/** Of the nodes that a Pod must run on, each term may get more to ask for, and no less. Source: validateNodeAffinityMutation */
function validateNarrowed(now: NodeAffinity, before: NodeAffinity): FieldError[] {
  const termsOf = (affinity: NodeAffinity): readonly NodeSelectorTerm[] =>
    affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  const [terms, olds] = [termsOf(now), termsOf(before)]
  if (olds.length > 0 && olds.length !== terms.length)
    return [invalid(path, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')]
  return olds.flatMap((old, index) =>
    hasMore(terms[index], old)
      ? []
      : [
          invalid(
            `${path}[${index}]`,
            internalForm('NodeSelectorTerm', terms[index]),
            'only additions are allowed (no mutations or deletions)',
          ),
        ],
  )
}

/** Terms that say nothing select nothing, and stay so. */
function hasMore(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const [now, before] = [term, old].map(({ matchExpressions = [], matchFields = [] }) => [
    matchExpressions,
    matchFields,
  ])
  if (before.every((part) => part.length === 0)) return now.every((part) => part.length === 0)
  return before.every((part, at) => equalJson(now[at].slice(0, part.length), part))
}

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const { status } = pod
  const errors = validateObjectMetaUpdate(pod.metadata, old.metadata)
  for (const [index, { type = '' }] of (status.conditions ?? []).entries())
    if (!SYSTEM_CONDITIONS.has(type)) errors.push(...validateLabelName(type, `status.conditions[${index}].Type`))
  if (pod.spec.nodeName !== old.spec.nodeName)
    errors.push(forbiddenField('status.nodeName', 'may not be changed directly'))
  if (status.nominatedNodeName && status.nominatedNodeName !== old.status.nominatedNodeName)
    for (const why of dnsSubdomainErrors(status.nominatedNodeName))
      errors.push(invalid('status.nominatedNodeName', status.nominatedNodeName, why))
  if (old.spec.nodeName && status.nominatedNodeName && status.nominatedNodeName !== old.status.nominatedNodeName)
    errors.push(forbiddenField('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'))
  errors.push(...immutable('status.qosClass', status.qosClass, old.status.qosClass))
  const { containers, initContainers = [], restartPolicy } = old.spec
  for (const [field, of] of [
    ['containerStatuses', containers],
    ['initContainerStatuses', initContainers],
  ] as const)
    errors.push(...validateTransitions(status[field], old.status[field], of, restartPolicy, `status.${field}`))
  const ips = (status.podIPs ?? []).map(({ ip = '' }) => ip)
  for (const [index, ip] of ips.entries())
    for (const why of ipErrors(ip)) errors.push(invalid(`status.podIPs[${index}]`, ip, why))
  if (ips.length > 2 || (ips.length > 1 && ips.filter(isIPv6).length !== 1))
    errors.push(
      invalid(
        'status.podIPs',
        ips.map((ip) => ({ IP: ip })),
        'may specify no more than one IP for each IP family',
      ),
    )
  return errors
}

/** A container that ended for good stays ended. */
function validateTransitions(
  statuses: readonly ContainerStatus[] | undefined,
  olds: readonly ContainerStatus[] | undefined,
  containers: readonly Container[],
  restartPolicy: string,
  path: string,
): FieldError[] {
  return (olds ?? []).flatMap((old, index) => {
    const ended = old.state?.terminated
    charge((containers.length + (statuses?.length ?? 0)) / 8)
    const isBack = ended && statuses?.some((status) => status.name === old.name && !status.state?.terminated)
    if (!isBack) return []
    const container = containers.find(({ name }) => name === old.name)
    if (container && mayRestart(container, restartPolicy, ended.exitCode)) return []
    return [forbiddenField(`${path}[${index}].state`, 'may not be transitioned to non-terminated state')]
  })
}

/** Source: ContainerShouldRestart in kubernetes/pkg/api/v1/pod/util.go */
function mayRestart(container: Container, ofPod: string, exitCode: number): boolean {
  const isMeant = container.restartPolicyRules?.some(
    ({ exitCodes }) => exitCodes && (exitCodes.operator === 'In') === (exitCodes.values ?? []).includes(exitCode),
  )
  const policy = container.restartPolicy ?? ofPod
  return isMeant || policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}
