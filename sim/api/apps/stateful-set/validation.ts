/** What a StatefulSet must be. Source: kubernetes/pkg/apis/apps/validation/validation.go */
import { validateClaimSpec } from '../../core/persistent-volume/claim-validation.ts'
import { validatePodTemplate } from '../../core/pod/spec-validation.ts'
import type { PodTemplateSpec } from '../../core/pod-types.ts'
import type { PersistentVolumeClaimSpec } from '../../core/storage-types.ts'
import { validateCollisions, validateCounts, validateSelected } from '../../core/workload/validation.ts'
import { type FieldError, forbiddenField, invalid, notSupported } from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import { dnsLabelErrors } from '../../meta/names.ts'
import {
  type MetaRules,
  nonNegative,
  validateAnnotations,
  validateLabels,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../meta/object-meta.ts'
import { internalForm } from '../../schema/internal-form.ts'
import type { StatefulSet } from '../types.ts'

/** Its Pods' names, and so their host names, begin with its own. */
const META: MetaRules = { isNamespaced: true, nameErrors: dnsLabelErrors }

/** Fields that may change. */
const MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const

export const validateStatefulSet = (set: StatefulSet): FieldError[] => [
  ...validateObjectMeta(set.metadata, META),
  ...validateSpec(set.spec, { isNew: true, checksTemplate: true }),
]

interface Scope {
  /** What cannot change later is looked at only then. */
  isNew: boolean
  /** Not when it was invalid before. */
  checksTemplate: boolean
}

function validateSpec(spec: StatefulSet['spec'], { isNew, checksTemplate }: Scope): FieldError[] {
  const errors: FieldError[] = []
  if (spec.podManagementPolicy !== 'OrderedReady' && spec.podManagementPolicy !== 'Parallel')
    errors.push(invalid('spec.podManagementPolicy', spec.podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"))
  errors.push(...validateStrategy(spec.updateStrategy))
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {}
  for (const [field, policy] of Object.entries({ whenDeleted, whenScaled }))
    if (policy !== undefined && policy !== 'Retain' && policy !== 'Delete')
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, policy, ['Retain', 'Delete']))
  for (const [index, claim] of (isNew ? (spec.volumeClaimTemplates ?? []) : []).entries())
    errors.push(
      ...validateClaimSpec(
        claim.spec as unknown as PersistentVolumeClaimSpec,
        `spec.volumeClaimTemplates[${index}].spec`,
      ),
    )
  errors.push(
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
  )
  if (isNew && spec.serviceName)
    for (const why of dnsLabelErrors(spec.serviceName)) errors.push(invalid('spec.serviceName', spec.serviceName, why))
  errors.push(...validateSelected(spec, 'statefulset', '', () => validateTemplate(spec, checksTemplate)))
  const { restartPolicy, activeDeadlineSeconds } = spec.template.spec
  if (restartPolicy !== 'Always')
    errors.push(notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined)
    errors.push(
      forbiddenField(
        'spec.template.spec.activeDeadlineSeconds',
        'activeDeadlineSeconds in StatefulSet is not Supported',
      ),
    )
  return errors
}

function validateTemplate(spec: StatefulSet['spec'], isWhole: boolean): FieldError[] {
  const { metadata } = spec.template
  return [
    ...(isWhole ? validatePodTemplate(asPodsGetIt(spec), 'spec.template') : []),
    // Looked at twice, and so told twice.
    ...validateLabels(metadata.labels, 'spec.template.labels'),
    ...validateAnnotations(metadata.annotations, 'spec.template.annotations'),
  ]
}

/** The template with the volumes that the controller adds, and without the names that it sets. */
function asPodsGetIt({ template, volumeClaimTemplates = [] }: StatefulSet['spec']): PodTemplateSpec {
  const claims = volumeClaimTemplates.map(({ metadata: { name = '' } }) => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }))
  const names = new Set(claims.map(({ name }) => name))
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.has(name))
  const { subdomain: _, hostname: __, ...spec } = template.spec
  return { ...template, spec: { ...spec, volumes: [...claims, ...others] } }
}

function validateStrategy(strategy: StatefulSet['spec']['updateStrategy']): FieldError[] {
  const at = 'spec.updateStrategy'
  const { type, rollingUpdate } = strategy
  if (type !== 'RollingUpdate' && type !== 'OnDelete')
    return [invalid(at, internalForm('StatefulSetUpdateStrategy', strategy), "must be 'RollingUpdate' or 'OnDelete'")]
  if (!rollingUpdate) return []
  if (type === 'OnDelete')
    return [
      invalid(
        `${at}.rollingUpdate`,
        internalForm('RollingUpdateStatefulSetStrategy', rollingUpdate),
        "only allowed for updateStrategy 'RollingUpdate'",
      ),
    ]
  return nonNegative(`${at}.rollingUpdate.partition`, rollingUpdate.partition)
}

export function validateStatefulSetUpdate(set: StatefulSet, old: StatefulSet): FieldError[] {
  const checksTemplate = validateSpec(old.spec, { isNew: false, checksTemplate: true }).length === 0
  const errors = [
    ...validateObjectMetaUpdate(set.metadata, old.metadata),
    ...validateSpec(set.spec, { isNew: false, checksTemplate }),
  ]
  const kept = Object.fromEntries(MUTABLE.map((field) => [field, old.spec[field]]))
  if (!equalJson({ ...set.spec, ...kept }, { ...old.spec, ...kept }))
    errors.push(
      forbiddenField(
        'spec',
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    )
  return errors
}

export function validateStatefulSetStatusUpdate(set: StatefulSet, old: StatefulSet): FieldError[] {
  const counted = [
    'replicas',
    'readyReplicas',
    'currentReplicas',
    'updatedReplicas',
    'availableReplicas',
    'observedGeneration',
    'collisionCount',
  ] as const
  return [
    ...validateCounts(set.status, counted, 'status.readyReplicas'),
    ...validateObjectMetaUpdate(set.metadata, old.metadata),
    ...validateCollisions(set.status.collisionCount, old.status.collisionCount),
  ]
}
