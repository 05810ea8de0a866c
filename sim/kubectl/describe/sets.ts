/** kubectl describe statefulset, daemonset and replicationcontroller. Source: k8s.io/kubectl/pkg/describe/describe.go */
import type { DaemonSet, StatefulSet, VolumeClaimTemplate } from '../../api/apps/types.ts'
import type { ReplicationController } from '../../api/core/types.ts'
import { isRecord } from '../../api/meta/json.ts'
import { canonicalQuantity } from '../../api/meta/quantity.ts'
import { formatLabelSelector, formatLabels, selectorText } from '../../api/meta/selector-text.ts'
import { type Describer, findEvents, printTime, writeAnnotations, writeEvents, writeLabels } from './common.ts'
import { writeTemplate } from './template.ts'
import { printPodCounts, writeConditions } from './workloads.ts'
import type { DescribeWriter } from './writer.ts'

export const describeStatefulSet: Describer<StatefulSet> = (set, w, context) => {
  const { metadata, spec, status } = set
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  w.field(0, 'CreationTimestamp', printTime(metadata.creationTimestamp))
  w.field(0, 'Selector', formatLabelSelector(spec.selector))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.field(0, 'Replicas', `${spec.replicas} desired | ${status.replicas} total`)
  w.field(0, 'Update Strategy', spec.updateStrategy.type)
  const { partition } = spec.updateStrategy.rollingUpdate ?? {}
  if (partition !== undefined) w.field(1, 'Partition', partition)
  w.field(0, 'Pods Status', printPodCounts(context, set, spec.selector))
  writeTemplate(w, spec.template)
  writeClaims(w, spec.volumeClaimTemplates ?? [])
  writeEvents(w, context, findEvents(context, set))
}

function writeClaims(w: DescribeWriter, templates: readonly VolumeClaimTemplate[]): void {
  if (templates.length === 0) {
    w.field(0, 'Volume Claims', '<none>')
    return
  }
  w.line(0, 'Volume Claims:')
  for (const { metadata, spec } of templates) {
    w.field(1, 'Name', metadata.name ?? '')
    w.field(1, 'StorageClass', String(spec.storageClassName ?? ''))
    writeLabels(w, '  Labels', metadata.labels)
    // Like labels, which other annotations are not.
    writeLabels(w, '  Annotations', metadata.annotations)
    const requests = isRecord(spec.resources) && isRecord(spec.resources.requests) ? spec.resources.requests : {}
    const { storage } = requests
    w.field(1, 'Capacity', storage === undefined ? '<default>' : canonicalQuantity(String(storage)))
    w.field(1, 'Access Modes', `[${Array.isArray(spec.accessModes) ? spec.accessModes.join(' ') : ''}]`)
  }
}

export const describeDaemonSet: Describer<DaemonSet> = (set, w, context) => {
  const { metadata, spec, status } = set
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  w.field(0, 'Selector', formatLabelSelector(spec.selector))
  w.field(0, 'Node-Selector', formatLabels(spec.template.spec.nodeSelector))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled}`)
  w.line(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled}`)
  w.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`)
  w.line(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`)
  w.line(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled}`)
  w.field(0, 'Pods Status', printPodCounts(context, set, spec.selector))
  writeTemplate(w, spec.template)
  writeEvents(w, context, findEvents(context, set))
}

export const describeReplicationController: Describer<ReplicationController> = (controller, w, context) => {
  const { metadata, spec, status } = controller
  const selector = { matchLabels: spec.selector }
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  w.field(0, 'Selector', selectorText(selector))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.field(0, 'Replicas', `${status.replicas} current / ${spec.replicas} desired`)
  w.field(0, 'Pods Status', printPodCounts(context, controller, selector))
  writeTemplate(w, spec.template)
  writeConditions(w, status.conditions)
  writeEvents(w, context, findEvents(context, controller))
}
