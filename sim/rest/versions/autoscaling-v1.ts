/**
 * HorizontalPodAutoscaler, autoscaling/v1: CPU has a field, and what the version has no field for stands in annotations.
 * Source: kubernetes/pkg/apis/autoscaling/v1/conversion.go
 */
import { horizontalPodAutoscalers } from '../../api/autoscaling/horizontal-pod-autoscaler.ts'
import { isRecord } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { inVersion, type OtherVersion } from './version.ts'

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics'
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions'
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior'

type Json = Record<string, unknown>

const record = (value: unknown): Json => (isRecord(value) ? value : {})
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : [])

/** The use of CPU in percent, as a metric's target says it. */
function cpuUtilization(metric: Json): unknown {
  const resource = record(metric.resource)
  return metric.type === 'Resource' && resource.name === 'cpu' ? record(resource.target).averageUtilization : undefined
}

export const autoscalersV1: OtherVersion = {
  kind: inVersion(
    horizontalPodAutoscalers as unknown as Kind,
    'autoscaling',
    'v1',
    'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
  ),
  stored: horizontalPodAutoscalers as unknown as Kind,
  fromStored(object) {
    const { metrics, behavior, ...spec } = record(object.spec)
    const { currentMetrics, conditions, ...status } = record(object.status)
    const cpu = list(metrics).find((metric) => cpuUtilization(metric) !== undefined)
    const others = list(metrics).filter((metric) => metric !== cpu)
    const cpuNow = list(currentMetrics).find(
      (metric) => metric.type === 'Resource' && record(metric.resource).name === 'cpu',
    )
    const used = record(record(cpuNow?.resource).current).averageUtilization
    const notes: [string, unknown][] = [
      [METRICS, others.length > 0 ? others : undefined],
      [CURRENT_METRICS, list(currentMetrics).length > 0 ? currentMetrics : undefined],
      [CONDITIONS, list(conditions).length > 0 ? conditions : undefined],
      [BEHAVIOR, behavior],
    ]
    const metadata = record(object.metadata)
    const annotations = {
      ...record(metadata.annotations),
      ...Object.fromEntries(notes.flatMap(([name, value]) => (value ? [[name, JSON.stringify(value)]] : []))),
    }
    return {
      ...object,
      metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
      spec: { ...spec, ...(cpu ? { targetCPUUtilizationPercentage: cpuUtilization(cpu) } : {}) },
      status: { ...status, ...(used === undefined ? {} : { currentCPUUtilizationPercentage: used }) },
    }
  },
  toStored(object) {
    const { targetCPUUtilizationPercentage: percent, ...spec } = record(object.spec)
    const { currentCPUUtilizationPercentage: _, ...status } = record(object.status)
    const metadata = record(object.metadata)
    const {
      [METRICS]: metrics,
      [CURRENT_METRICS]: currentMetrics,
      [CONDITIONS]: conditions,
      [BEHAVIOR]: behavior,
      ...annotations
    } = record(metadata.annotations)
    const others = list(parse(metrics))
    const target = { type: 'Utilization', averageUtilization: percent }
    const cpu = typeof percent === 'number' ? [{ type: 'Resource', resource: { name: 'cpu', target } }] : []
    const all = [...others, ...cpu]
    const { annotations: __, ...rest } = metadata
    return {
      ...object,
      metadata: { ...rest, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
      spec: {
        ...spec,
        ...(all.length > 0 ? { metrics: all } : {}),
        ...(parse(behavior) ? { behavior: parse(behavior) } : {}),
      },
      status: {
        ...status,
        ...(parse(currentMetrics) ? { currentMetrics: parse(currentMetrics) } : {}),
        ...(parse(conditions) ? { conditions: parse(conditions) } : {}),
      },
    }
  },
}

/** What an annotation holds; nothing when it cannot be read, as the real server does. */
function parse(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
