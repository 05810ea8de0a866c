/** kubectl describe horizontalpodautoscaler */
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, ScalingRules } from '../../api/autoscaling/types.ts'
import { type Describer, findEvents, printTime, writeAnnotations, writeEvents, writeLabels } from './common.ts'
import type { DescribeWriter } from './writer.ts'

const UNKNOWN = '<unknown>'

export const describeAutoscaler: Describer<HorizontalPodAutoscaler> = (autoscaler, w, context) => {
  const { metadata, spec, status } = autoscaler
  const { scaleTargetRef } = spec
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.field(0, 'CreationTimestamp', printTime(metadata.creationTimestamp))
  w.field(0, 'Reference', `${scaleTargetRef.kind}/${scaleTargetRef.name}`)
  w.line(0, 'Metrics:\t( current / target )')
  spec.metrics?.forEach((metric, at) => {
    w.line(1, printMetric(metric, status.currentMetrics?.[at]))
  })
  w.field(0, 'Min replicas', spec.minReplicas ?? '<unset>')
  w.field(0, 'Max replicas', spec.maxReplicas)
  if (spec.behavior) {
    w.line(0, 'Behavior:')
    writeRules(w, 'Up', spec.behavior.scaleUp)
    writeRules(w, 'Down', spec.behavior.scaleDown)
  }
  w.field(
    0,
    `${scaleTargetRef.kind} pods`,
    `${status.currentReplicas ?? 0} current / ${status.desiredReplicas ?? 0} desired`,
  )
  if (status.conditions?.length) {
    w.line(0, 'Conditions:')
    w.line(1, 'Type\tStatus\tReason\tMessage')
    w.line(1, '----\t------\t------\t-------')
    for (const { type, status: value, reason = '', message = '' } of status.conditions)
      w.line(1, [type, value, reason, message].join('\t'))
  }
  writeEvents(w, context, findEvents(context, autoscaler))
}

function printMetric(metric: MetricSpec, status: MetricStatus | undefined): string {
  const { resource, containerResource, pods, object, external } = metric
  const source = resource ?? containerResource
  if (source) {
    const current = (status?.resource ?? status?.containerResource)?.current
    const where = containerResource ? ` of container "${containerResource.container}"` : ''
    const what = `resource ${source.name}${where} on pods`
    if (source.target.averageValue !== undefined)
      return `${what}:\t${current?.averageValue ?? UNKNOWN} / ${source.target.averageValue}`
    const share =
      current?.averageUtilization === undefined ? UNKNOWN : `${current.averageUtilization}% (${current.averageValue})`
    return `${what}  (as a percentage of request):\t${share} / ${source.target.averageUtilization}%`
  }
  if (pods) return `"${pods.metric.name}" on pods:\t${UNKNOWN} / ${pods.target.averageValue}`
  if (object) {
    const { describedObject, target } = object
    return `"${object.metric.name}" on ${describedObject.kind}/${describedObject.name} ${target.averageValue === undefined ? '(target value)' : '(target average value)'}:\t${UNKNOWN} / ${target.averageValue ?? target.value}`
  }
  if (external) {
    const { target } = external
    return `"${external.metric.name}" (target ${target.averageValue === undefined ? 'value' : 'average value'}):\t${UNKNOWN} / ${target.averageValue ?? target.value}`
  }
  return `<unknown metric type "${metric.type}">`
}

function writeRules(w: DescribeWriter, direction: 'Up' | 'Down', rules: ScalingRules | undefined): void {
  if (!rules) return
  w.line(1, `Scale ${direction}:`)
  if (rules.stabilizationWindowSeconds !== undefined)
    w.line(2, `Stabilization Window: ${rules.stabilizationWindowSeconds} seconds`)
  if (!rules.policies?.length) return
  w.line(2, `Select Policy: ${rules.selectPolicy ?? 'Max'}`)
  w.line(2, 'Policies:')
  for (const { type, value, periodSeconds } of rules.policies)
    w.line(3, `- Type: ${type}\tValue: ${value}\tPeriod: ${periodSeconds} seconds`)
}
