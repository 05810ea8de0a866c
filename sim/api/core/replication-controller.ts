/** ReplicationController, core/v1. Source: kubernetes/pkg/registry/core/replicationcontroller/strategy.go */
import type { Kind } from '../meta/kind.ts'
import { formatLabels, selectorText } from '../meta/selector-text.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { notSimulatedPodSpec } from './pod/not-simulated.ts'
import { podNamePrefixWarnings, podSpecWarnings } from './pod/warnings.ts'
import {
  validateReplicationController,
  validateReplicationControllerStatusUpdate,
  validateReplicationControllerUpdate,
} from './replication-controller/validation.ts'
import type { ReplicationController } from './types.ts'
import { containerColumns } from './workload/template-columns.ts'
import { applyTemplateDefaults } from './workload/template-defaults.ts'

export const replicationControllers: Kind<ReplicationController> = {
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.ReplicationController',
  applyDefaults,
  prepareForCreate: (controller) => {
    controller.metadata.generation = 1
    controller.status = { replicas: 0 }
  },
  prepareForUpdate: (controller, old) => {
    controller.status = old.status
  },
  prepareForStatusUpdate: (controller, old) => {
    controller.spec = old.spec
  },
  validate: validateReplicationController,
  validateUpdate: validateReplicationControllerUpdate,
  validateStatusUpdate: validateReplicationControllerStatusUpdate,
  hasStatus: true,
  generationOf: (controller) => controller.spec,
  warnings: ({ metadata, spec }, old) => [
    ...(old ? [] : podNamePrefixWarnings(metadata.name)),
    ...podSpecWarnings(spec.template.spec, 'spec.template.spec'),
  ],
  columns: [
    nameColumn,
    column('Desired', 'integer', 'How many Pods it should keep.', (controller) => controller.spec.replicas),
    column('Current', 'integer', 'How many Pods it has.', (controller) => controller.status?.replicas ?? 0),
    column('Ready', 'integer', 'How many of them are ready.', (controller) => controller.status?.readyReplicas ?? 0),
    ageColumn,
    ...containerColumns<ReplicationController>((controller) => controller.spec.template),
    column(
      'Selector',
      'string',
      'The labels of the Pods it counts as its own.',
      (controller) => formatLabels(controller.spec.selector),
      'wide',
    ),
  ],
  selectableFields: (controller) => ({ 'status.replicas': String(controller.status?.replicas ?? 0) }),
  notSimulated: notSimulatedPodSpec('spec.template.spec'),
  scale: {
    replicas: (controller) => controller.spec.replicas,
    withReplicas: (controller, replicas) => ({ ...controller, spec: { ...controller.spec, replicas } }),
    statusReplicas: (controller) => controller.status?.replicas ?? 0,
    selector: (controller) => selectorText({ matchLabels: controller.spec.selector }),
  },
}

function applyDefaults(controller: ReplicationController): void {
  controller.spec ??= {} as ReplicationController['spec']
  const { spec, metadata } = controller
  spec.replicas ??= 1
  applyTemplateDefaults(spec)
  // The template's labels stand in for a selector and for labels that were left out.
  const { labels } = spec.template.metadata
  if (!labels) return
  if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
}
