/** HorizontalPodAutoscaler, autoscaling/v2. Source: kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go */
import { isRecord } from '../meta/json.ts'
import type { Kind } from '../meta/kind.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from './types.ts'
import { validateAutoscaler, validateAutoscalerStatusUpdate, validateAutoscalerUpdate } from './validation.ts'

const DEFAULT_CPU_UTILIZATION = 80
const SHOWN_METRICS = 2

export const horizontalPodAutoscalers: Kind<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  isNamespaced: true,
  apiVersion: 'autoscaling/v2',
  schema: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  fromOldVersion: fromV1,
  applyDefaults,
  prepareForCreate: (autoscaler) => {
    autoscaler.status = { desiredReplicas: 0, currentMetrics: null }
  },
  prepareForUpdate: (autoscaler, old) => {
    autoscaler.status = old.status
  },
  prepareForStatusUpdate: (autoscaler, old) => {
    autoscaler.spec = old.spec
  },
  validate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  validateStatusUpdate: validateAutoscalerStatusUpdate,
  hasStatus: true,
  columns: [
    nameColumn,
    column(
      'Reference',
      'string',
      'What it scales.',
      ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}`,
    ),
    column('Targets', 'string', 'What each metric is, and is to be.', printTargets),
    column('MinPods', 'string', 'The least number of Pods.', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
    column('MaxPods', 'string', 'The greatest number of Pods.', ({ spec }) => spec.maxReplicas),
    column('Replicas', 'string', 'How many there were at the last look.', ({ status }) => status?.currentReplicas ?? 0),
    ageColumn,
  ],
}

/** Source: kubernetes/pkg/apis/autoscaling/v2/defaults.go */
function applyDefaults(autoscaler: HorizontalPodAutoscaler): void {
  autoscaler.spec ??= {} as HorizontalPodAutoscaler['spec']
  const { spec } = autoscaler
  spec.minReplicas ??= 1
  if (!spec.metrics?.length)
    spec.metrics = [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: DEFAULT_CPU_UTILIZATION } },
      },
    ]
  if (!spec.behavior) return
  const { scaleUp = {}, scaleDown = {} } = spec.behavior
  spec.behavior = {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
      ...scaleUp,
    },
    scaleDown: {
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
      ...scaleDown,
    },
  }
}

/** What an autoscaling/v1 object says in the words of v2; others are left as they are. */
function fromV1(object: Record<string, unknown>): Record<string, unknown> {
  if (!isRecord(object.spec) || !('targetCPUUtilizationPercentage' in object.spec)) return object
  const { targetCPUUtilizationPercentage: averageUtilization, ...spec } = object.spec
  const metric = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }
  return { ...object, spec: averageUtilization == null ? spec : { ...spec, metrics: [metric] } }
}

function printTargets({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? []
  if (metrics.length === 0) return '<none>'
  const shown = metrics.slice(0, SHOWN_METRICS).map((metric, at) => printMetric(metric, status?.currentMetrics?.[at]))
  return metrics.length > SHOWN_METRICS
    ? `${shown.join(', ')} + ${metrics.length - SHOWN_METRICS} more...`
    : shown.join(', ')
}

/** `cpu: 12%/50%`, `memory: <unknown>/100Mi`, `3/10 (avg)`. Source: kubernetes/pkg/printers/internalversion/printers.go formatHPAMetrics */
function printMetric(metric: MetricSpec, status: MetricStatus | undefined): string {
  const { target, current } = valuesOf(metric, status)
  const unknown = '<unknown>'
  const resource = metric.resource ?? metric.containerResource
  if (!resource) {
    if (target?.averageValue === undefined) return `${current?.value ?? unknown}/${target?.value ?? unknown}`
    return `${current?.averageValue ?? unknown}/${target.averageValue}${metric.pods ? '' : ' (avg)'}`
  }
  if (target?.averageValue !== undefined)
    return `${resource.name}: ${current?.averageValue ?? unknown}/${target.averageValue}`
  const percent = (share: number | undefined, other: string): string => (share === undefined ? other : `${share}%`)
  return `${resource.name}: ${percent(current?.averageUtilization, unknown)}/${percent(target?.averageUtilization, '<auto>')}`
}

function valuesOf(
  metric: MetricSpec,
  status: MetricStatus | undefined,
): { target: MetricTarget | undefined; current: MetricValueStatus | undefined } {
  const source = metric.resource ?? metric.containerResource ?? metric.pods ?? metric.object ?? metric.external
  return { target: source?.target, current: (status?.resource ?? status?.containerResource)?.current }
}
