/** DaemonSet, apps/v1. Source: kubernetes/pkg/registry/apps/daemonset/strategy.go */
import { notSimulatedPodSpec } from '../core/pod/not-simulated.ts'
import { podNamePrefixWarnings, podSpecWarnings } from '../core/pod/warnings.ts'
import { templateColumns } from '../core/workload/template-columns.ts'
import { applyTemplateDefaults } from '../core/workload/template-defaults.ts'
import { equalJson } from '../meta/json.ts'
import type { Kind } from '../meta/kind.ts'
import { formatLabels } from '../meta/selector-text.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { validateDaemonSet, validateDaemonSetStatusUpdate, validateDaemonSetUpdate } from './daemon-set/validation.ts'
import type { DaemonSet } from './types.ts'

/** Counts changes of the template. Older releases had a field for it. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

export const daemonSets: Kind<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  isNamespaced: true,
  apiVersion: 'apps/v1',
  schema: 'io.k8s.api.apps.v1.DaemonSet',
  applyDefaults,
  prepareForCreate: (set) => {
    set.metadata.generation = 1
    set.status = noStatus()
    setTemplateGeneration(set, Math.max(1, templateGenerationOf(set)))
  },
  prepareForUpdate: (set, old) => {
    set.status = old.status
    const isNew = !equalJson(set.spec.template, old.spec.template)
    setTemplateGeneration(set, templateGenerationOf(old) + (isNew ? 1 : 0))
  },
  prepareForStatusUpdate: (set, old) => {
    set.spec = old.spec
  },
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  validateStatusUpdate: validateDaemonSetStatusUpdate,
  hasStatus: true,
  generationOf: (set) => set.spec,
  warnings: ({ metadata, spec }, old) => [
    ...(old ? [] : podNamePrefixWarnings(metadata.name)),
    ...podSpecWarnings(spec.template.spec, 'spec.template.spec'),
  ],
  columns: [
    nameColumn,
    column('Desired', 'integer', 'Nodes that should run a Pod of it.', (set) => statusOf(set).desiredNumberScheduled),
    column('Current', 'integer', 'Of these, nodes that do.', (set) => statusOf(set).currentNumberScheduled),
    column('Ready', 'integer', 'Nodes whose Pod is ready.', (set) => statusOf(set).numberReady),
    column(
      'Up-to-date',
      'integer',
      'Nodes with the newest template.',
      (set) => statusOf(set).updatedNumberScheduled ?? 0,
    ),
    column(
      'Available',
      'integer',
      'Nodes whose Pod is ready for minReadySeconds.',
      (set) => statusOf(set).numberAvailable ?? 0,
    ),
    column('Node Selector', 'string', 'Labels of the nodes it is for.', (set) =>
      formatLabels(set.spec.template.spec.nodeSelector),
    ),
    ageColumn,
    ...templateColumns,
  ],
  notSimulated: notSimulatedPodSpec('spec.template.spec'),
}

const noStatus = (): DaemonSet['status'] => ({
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
})

/** A draft has none yet. */
const statusOf = ({ status }: Partial<DaemonSet>): DaemonSet['status'] => status ?? noStatus()

/** 0 without a number in the annotation. */
export const templateGenerationOf = ({ metadata }: DaemonSet): number =>
  Number(metadata.annotations?.[TEMPLATE_GENERATION]) || 0

function setTemplateGeneration(set: DaemonSet, generation: number): void {
  set.metadata.annotations = { ...set.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) }
}

function applyDefaults(set: DaemonSet): void {
  set.spec ??= {} as DaemonSet['spec']
  const { spec } = set
  spec.updateStrategy ??= {} as DaemonSet['spec']['updateStrategy']
  const strategy = spec.updateStrategy
  strategy.type ||= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {}
    strategy.rollingUpdate.maxUnavailable ??= 1
    strategy.rollingUpdate.maxSurge ??= 0
  }
  spec.revisionHistoryLimit ??= 10
  applyTemplateDefaults(spec)
}
