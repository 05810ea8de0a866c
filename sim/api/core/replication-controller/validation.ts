/** What a ReplicationController must be. Source: kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, required } from '../../meta/field-error.ts'
import { nonNegative, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import type { ReplicationController } from '../types.ts'
import { validateCounts, validateSelectedLabels, validateTemplate, WORKLOAD_META } from '../workload/validation.ts'

export const validateReplicationController = (controller: ReplicationController): FieldError[] => [
  ...validateObjectMeta(controller.metadata, WORKLOAD_META),
  ...validateSpec(controller),
]

function validateSpec({ spec }: ReplicationController): FieldError[] {
  const { selector = {}, template } = spec
  const errors = nonNegative('spec.minReadySeconds', spec.minReadySeconds)
  if (Object.keys(selector).length === 0) errors.push(required('spec.selector'))
  errors.push(...nonNegative('spec.replicas', spec.replicas))
  return [
    ...errors,
    ...validateSelectedLabels({ matchLabels: selector }, template),
    ...validateTemplate(template, 'ReplicationController'),
  ]
}

export const validateReplicationControllerUpdate = (
  controller: ReplicationController,
  old: ReplicationController,
): FieldError[] => [...validateObjectMetaUpdate(controller.metadata, old.metadata), ...validateSpec(controller)]

export const validateReplicationControllerStatusUpdate = (
  controller: ReplicationController,
  old: ReplicationController,
): FieldError[] => [
  ...validateObjectMetaUpdate(controller.metadata, old.metadata),
  ...validateCounts(controller.status, [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'observedGeneration',
  ]),
]
