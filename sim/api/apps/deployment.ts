/** Deployment, apps/v1. Source: kubernetes/pkg/registry/apps/deployment/strategy.go */

import { notSimulatedPodSpec } from '../core/pod/not-simulated.ts'
import { podNamePrefixWarnings, podSpecWarnings } from '../core/pod/warnings.ts'
import { templateColumns } from '../core/workload/template-columns.ts'
import { applyTemplateDefaults } from '../core/workload/template-defaults.ts'
import type { Kind } from '../meta/kind.ts'
import { selectorText } from '../meta/selector-text.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import {
  validateDeployment,
  validateDeploymentStatusUpdate,
  validateDeploymentUpdate,
} from './deployment/validation.ts'
import type { Deployment } from './types.ts'

export const deployments: Kind<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  isNamespaced: true,
  apiVersion: 'apps/v1',
  schema: 'io.k8s.api.apps.v1.Deployment',
  applyDefaults,
  prepareForCreate: (deployment) => {
    deployment.metadata.generation = 1
    deployment.status = {}
  },
  prepareForUpdate: (deployment, old) => {
    deployment.status = old.status
  },
  prepareForStatusUpdate: (deployment, old) => {
    deployment.spec = old.spec
    delete deployment.metadata.labels
    if (old.metadata.labels) deployment.metadata.labels = old.metadata.labels
  },
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  validateStatusUpdate: validateDeploymentStatusUpdate,
  hasStatus: true,
  warnings: ({ metadata, spec }, old) => [
    ...(old ? [] : podNamePrefixWarnings(metadata.name)),
    ...podSpecWarnings(spec.template.spec, 'spec.template.spec'),
  ],
  // Annotations count as well: the revision and the change cause live there.
  generationOf: ({ spec, metadata }) => ({ spec, annotations: metadata.annotations ?? {} }),
  columns: [
    nameColumn,
    column(
      'Ready',
      'string',
      'Ready Pods out of the desired number.',
      ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}`,
    ),
    column(
      'Up-to-date',
      'string',
      'Pods of the newest template.',
      (deployment) => deployment.status?.updatedReplicas ?? 0,
    ),
    column(
      'Available',
      'string',
      'Pods ready for minReadySeconds.',
      (deployment) => deployment.status?.availableReplicas ?? 0,
    ),
    ageColumn,
    ...templateColumns,
  ],
  notSimulated: notSimulatedPodSpec('spec.template.spec'),
  scale: {
    replicas: (deployment) => deployment.spec.replicas,
    withReplicas: (deployment, replicas) => ({ ...deployment, spec: { ...deployment.spec, replicas } }),
    statusReplicas: (deployment) => deployment.status?.replicas ?? 0,
    selector: (deployment) => selectorText(deployment.spec.selector),
  },
}

function applyDefaults(deployment: Deployment): void {
  deployment.spec ??= {} as Deployment['spec']
  const { spec } = deployment
  spec.replicas ??= 1
  spec.strategy ??= {} as Deployment['spec']['strategy']
  spec.strategy.type ||= 'RollingUpdate'
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {}
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
    spec.strategy.rollingUpdate.maxSurge ??= '25%'
  }
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
  applyTemplateDefaults(spec)
}
