/** ReplicaSet, apps/v1. Source: kubernetes/pkg/registry/apps/replicaset/strategy.go */

import { notSimulatedPodSpec } from '../core/pod/not-simulated.ts'
import { podNamePrefixWarnings, podSpecWarnings } from '../core/pod/warnings.ts'
import { templateColumns } from '../core/workload/template-columns.ts'
import { applyTemplateDefaults } from '../core/workload/template-defaults.ts'
import type { Kind } from '../meta/kind.ts'
import { selectorText } from '../meta/selector-text.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import {
  validateReplicaSet,
  validateReplicaSetStatusUpdate,
  validateReplicaSetUpdate,
} from './replica-set/validation.ts'
import type { ReplicaSet } from './types.ts'

export const replicaSets: Kind<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  isNamespaced: true,
  apiVersion: 'apps/v1',
  schema: 'io.k8s.api.apps.v1.ReplicaSet',
  applyDefaults: (replicaSet) => {
    replicaSet.spec ??= {} as ReplicaSet['spec']
    replicaSet.spec.replicas ??= 1
    applyTemplateDefaults(replicaSet.spec)
  },
  prepareForCreate: (replicaSet) => {
    replicaSet.metadata.generation = 1
    replicaSet.status = { replicas: 0 }
  },
  prepareForUpdate: (replicaSet, old) => {
    replicaSet.status = old.status
  },
  prepareForStatusUpdate: (replicaSet, old) => {
    replicaSet.spec = old.spec
  },
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  validateStatusUpdate: validateReplicaSetStatusUpdate,
  hasStatus: true,
  generationOf: (replicaSet) => replicaSet.spec,
  warnings: ({ metadata, spec }, old) => [
    ...(old ? [] : podNamePrefixWarnings(metadata.name)),
    ...podSpecWarnings(spec.template.spec, 'spec.template.spec'),
  ],
  columns: [
    nameColumn,
    column('Desired', 'integer', 'How many Pods it should keep.', (replicaSet) => replicaSet.spec.replicas),
    column('Current', 'integer', 'How many Pods it has.', (replicaSet) => replicaSet.status?.replicas ?? 0),
    column('Ready', 'integer', 'How many of them are ready.', (replicaSet) => replicaSet.status?.readyReplicas ?? 0),
    ageColumn,
    ...templateColumns,
  ],
  selectableFields: (replicaSet) => ({ 'status.replicas': String(replicaSet.status?.replicas ?? 0) }),
  notSimulated: notSimulatedPodSpec('spec.template.spec'),
  scale: {
    replicas: (replicaSet) => replicaSet.spec.replicas,
    withReplicas: (replicaSet, replicas) => ({ ...replicaSet, spec: { ...replicaSet.spec, replicas } }),
    statusReplicas: (replicaSet) => replicaSet.status?.replicas ?? 0,
    selector: (replicaSet) => selectorText(replicaSet.spec.selector),
  },
}
