/** kubectl describe deployment and replicaset */
import type { Deployment, ReplicaSet } from '../../api/apps/types.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { type Condition, controllerOf, type KubeObject, type LabelSelector } from '../../api/meta/object.ts'
import { formatLabelSelector, selectorText } from '../../api/meta/selector-text.ts'
import { findNewReplicaSet, ownedReplicaSets } from '../revisions.ts'
import {
  type DescribeContext,
  type Describer,
  findEvents,
  kindOf,
  printTime,
  writeAnnotations,
  writeController,
  writeEvents,
  writeLabels,
} from './common.ts'
import { writeTemplate } from './template.ts'
import type { DescribeWriter } from './writer.ts'

export const describeDeployment: Describer<Deployment> = (deployment, w, context) => {
  const { metadata, spec, status } = deployment
  const events = findEvents(context, deployment)
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  w.field(0, 'CreationTimestamp', printTime(metadata.creationTimestamp))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.field(0, 'Selector', selectorText(spec.selector))
  const counts = [
    `${spec.replicas} desired`,
    `${status.updatedReplicas ?? 0} updated`,
    `${status.replicas ?? 0} total`,
    `${status.availableReplicas ?? 0} available`,
    `${status.unavailableReplicas ?? 0} unavailable`,
  ]
  w.field(0, 'Replicas', counts.join(' | '))
  w.field(0, 'StrategyType', spec.strategy.type)
  w.field(0, 'MinReadySeconds', spec.minReadySeconds ?? 0)
  const rolling = spec.strategy.rollingUpdate
  if (rolling) {
    w.field(0, 'RollingUpdateStrategy', `${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`)
  }
  writeTemplate(w, spec.template)
  writeConditions(w, status.conditions)
  const { client, chunkSize } = context
  const owned = ownedReplicaSets(client, kindOf<ReplicaSet>(context, 'replicasets'), deployment, chunkSize)
  const current = findNewReplicaSet(deployment, owned)
  const old = owned.filter((replicaSet) => replicaSet !== current)
  if (current || old.length > 0) {
    w.field(0, 'OldReplicaSets', printReplicaSets(old))
    w.field(0, 'NewReplicaSet', printReplicaSets(current ? [current] : []))
  }
  writeEvents(w, context, events)
}

const printReplicaSets = (list: readonly ReplicaSet[]): string =>
  list
    .map(({ metadata, spec, status }) => `${metadata.name} (${status.replicas}/${spec.replicas} replicas created)`)
    .join(', ') || '<none>'

export const describeReplicaSet: Describer<ReplicaSet> = (replicaSet, w, context) => {
  const { metadata, spec, status } = replicaSet
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  w.field(0, 'Selector', formatLabelSelector(spec.selector))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  writeController(w, replicaSet)
  w.field(0, 'Replicas', `${status.replicas} current / ${spec.replicas} desired`)
  w.field(0, 'Pods Status', printPodCounts(context, replicaSet, spec.selector))
  writeTemplate(w, spec.template)
  writeConditions(w, status.conditions)
  writeEvents(w, context, findEvents(context, replicaSet))
}

export function writeConditions(w: DescribeWriter, conditions: readonly Condition[] | undefined): void {
  if (!conditions?.length) return
  w.write(0, 'Conditions:\n  Type\tStatus\tReason\n')
  w.line(1, '----\t------\t------')
  for (const { type, status, reason } of conditions) w.line(1, `${type} \t${status}\t${reason ?? ''}`)
}

export function printPodCounts(context: DescribeContext, owner: KubeObject, selector: LabelSelector): string {
  const pods = context.client
    .list(kindOf<Pod>(context, 'pods'), { namespace: owner.metadata.namespace, labelSelector: selector })
    .items.filter((pod) => controllerOf(pod)?.uid === owner.metadata.uid)
  const count = (phase: string): number => pods.filter((pod) => pod.status.phase === phase).length
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`
}
