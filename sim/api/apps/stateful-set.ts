/** StatefulSet, apps/v1. Source: kubernetes/pkg/registry/apps/statefulset/strategy.go, pkg/apis/apps/v1/defaults.go */
import { notSimulatedPodSpec } from '../core/pod/not-simulated.ts'
import { podSpecWarnings } from '../core/pod/warnings.ts'
import { containerColumns } from '../core/workload/template-columns.ts'
import { applyTemplateDefaults } from '../core/workload/template-defaults.ts'
import { disabledFields, dropFields } from '../meta/feature-gates.ts'
import type { Kind } from '../meta/kind.ts'
import { selectorText } from '../meta/selector-text.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import {
  validateStatefulSet,
  validateStatefulSetStatusUpdate,
  validateStatefulSetUpdate,
} from './stateful-set/validation.ts'
import type { StatefulSet } from './types.ts'

/** Source: dropStatefulSetDisabledFields in kubernetes/pkg/registry/apps/statefulset/strategy.go */
const DISABLED = disabledFields([{ gate: 'MaxUnavailableStatefulSet', path: 'rollingUpdate.maxUnavailable' }])

export const statefulSets: Kind<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  isNamespaced: true,
  apiVersion: 'apps/v1',
  schema: 'io.k8s.api.apps.v1.StatefulSet',
  applyDefaults,
  prepareForCreate: (set) => {
    set.metadata.generation = 1
    set.status = { replicas: 0, availableReplicas: 0 }
  },
  prepareForUpdate: (set, old) => {
    set.status = old.status
  },
  prepareForStatusUpdate: (set, old) => {
    set.spec = old.spec
  },
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validateStatusUpdate: validateStatefulSetStatusUpdate,
  hasStatus: true,
  generationOf: (set) => set.spec,
  warnings: ({ spec }) => [
    ...podSpecWarnings(spec.template.spec, 'spec.template.spec'),
    ...((spec.revisionHistoryLimit ?? 0) < 0
      ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
      : []),
  ],
  columns: [
    nameColumn,
    column(
      'Ready',
      'string',
      'Ready Pods out of the desired number.',
      ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}`,
    ),
    ageColumn,
    ...containerColumns<StatefulSet>((set) => set.spec.template),
  ],
  notSimulated: notSimulatedPodSpec('spec.template.spec').filter((path) => !path.endsWith('.persistentVolumeClaim')),
  scale: {
    replicas: (set) => set.spec.replicas,
    withReplicas: (set, replicas) => ({ ...set, spec: { ...set.spec, replicas } }),
    statusReplicas: (set) => set.status?.replicas ?? 0,
    selector: (set) => selectorText(set.spec.selector),
  },
}

function applyDefaults(set: StatefulSet): void {
  set.spec ??= {} as StatefulSet['spec']
  const { spec } = set
  // Not a default: Go writes the field whether it is set or not. Source: StatefulSetSpec of k8s.io/api/apps/v1/types.go
  spec.serviceName ??= ''
  spec.podManagementPolicy ||= 'OrderedReady'
  spec.updateStrategy ??= {} as StatefulSet['spec']['updateStrategy']
  const strategy = spec.updateStrategy
  dropFields(strategy, DISABLED)
  if (!strategy.type) {
    strategy.type = 'RollingUpdate'
    strategy.rollingUpdate ??= {}
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) {
    strategy.rollingUpdate.partition ??= 0
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {}
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain'
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain'
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  applyTemplateDefaults(spec)
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = 'v1'
    claim.kind = 'PersistentVolumeClaim'
    claim.metadata ??= {}
    claim.spec ??= {}
    claim.spec.volumeMode ??= 'Filesystem'
    claim.status ??= {}
    claim.status.phase ??= 'Pending'
  }
}
