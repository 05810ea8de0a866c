/** kubectl describe pod */
import type { Pod, Toleration, TopologySpreadConstraint } from '../../api/core/pod-types.ts'
import { formatLabelSelector } from '../../api/meta/selector-text.ts'
import { goSorted } from '../go-sort.ts'
import {
  type Describer,
  findEvents,
  printAgo,
  printTime,
  writeAnnotations,
  writeController,
  writeEvents,
  writeLabels,
  writeMultiline,
} from './common.ts'
import { writeContainers, writeResources } from './containers.ts'
import { writeVolumes } from './volumes.ts'
import type { DescribeWriter } from './writer.ts'

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror'

export const describePod: Describer<Pod> = (pod, w, context) => {
  const { metadata, spec, status } = pod
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  if (spec.priority !== undefined) w.field(0, 'Priority', spec.priority)
  if (spec.priorityClassName) w.field(0, 'Priority Class Name', spec.priorityClassName)
  if (spec.runtimeClassName) w.field(0, 'Runtime Class Name', spec.runtimeClassName)
  if (spec.serviceAccountName) w.field(0, 'Service Account', spec.serviceAccountName)
  w.field(0, 'Node', spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ''}` : '<none>')
  if (status.startTime) w.field(0, 'Start Time', printTime(status.startTime))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  if (metadata.deletionTimestamp && status.phase !== 'Failed' && status.phase !== 'Succeeded') {
    w.field(0, 'Status', `Terminating (lasts ${printAgo(metadata.deletionTimestamp, context.nowEpochMs)})`)
    w.field(0, 'Termination Grace Period', `${metadata.deletionGracePeriodSeconds ?? 0}s`)
  } else w.field(0, 'Status', status.phase ?? '')
  if (status.reason) w.field(0, 'Reason', status.reason)
  if (status.message) w.field(0, 'Message', status.message)
  const profile = spec.securityContext?.seccompProfile
  if (profile) w.field(0, 'SeccompProfile', profile.type)
  if (profile?.type === 'Localhost') w.field(0, 'LocalhostProfile', profile.localhostProfile ?? '')
  w.field(0, 'IP', status.podIP ?? '')
  if (status.podIPs?.length) {
    w.line(0, 'IPs:')
    for (const { ip } of status.podIPs) w.field(1, 'IP', ip)
  } else w.field(0, 'IPs', '<none>')
  writeController(w, pod)
  if (status.nominatedNodeName) w.field(0, 'NominatedNodeName', status.nominatedNodeName)
  if (spec.resources) {
    w.line(0, 'Resources:')
    writeResources(w, spec.resources, 1)
  }
  if (spec.initContainers?.length) {
    writeContainers(w, spec.initContainers, {
      label: 'Init Containers',
      statuses: status.initContainerStatuses,
      pod,
      space: '',
    })
  }
  writeContainers(w, spec.containers, { label: 'Containers', statuses: status.containerStatuses, pod, space: '' })
  if (spec.ephemeralContainers?.length) {
    const statuses = status.ephemeralContainerStatuses
    writeContainers(w, spec.ephemeralContainers, { label: 'Ephemeral Containers', statuses, pod, space: '' })
  }
  writeConditions(w, pod)
  writeVolumes(w, spec.volumes, '')
  w.field(0, 'QoS Class', status.qosClass ?? 'BestEffort')
  writeLabels(w, 'Node-Selectors', spec.nodeSelector)
  writeTolerations(w, 'Tolerations', spec.tolerations)
  writeSpreadConstraints(w, spec.topologySpreadConstraints, '')
  const mirrored = metadata.annotations?.[MIRROR_ANNOTATION]
  writeEvents(w, context, findEvents(context, pod, mirrored ?? metadata.uid))
}

function writeConditions(w: DescribeWriter, { spec, status }: Pod): void {
  if (spec.readinessGates?.length) {
    w.write(0, 'Readiness Gates:\n  Type\tStatus\n')
    const byType = new Map(status.conditions?.toReversed().map((condition) => [condition.type as string, condition]))
    for (const { conditionType } of spec.readinessGates) {
      const condition = byType.get(conditionType)
      w.line(1, `${conditionType} \t${condition?.status ?? '<none>'} `)
    }
  }
  if (status.conditions?.length) {
    w.write(0, 'Conditions:\n  Type\tStatus\n')
    for (const condition of status.conditions) w.line(1, `${condition.type} \t${condition.status} `)
  }
}

/** `key=value:Effect op=Exists for 300s`, one a line, sorted by key. */
export function writeTolerations(
  w: DescribeWriter,
  title: string,
  tolerations: readonly Toleration[] | undefined,
): void {
  const sorted = goSorted(tolerations ?? [], (a, b) => (a.key ?? '') < (b.key ?? ''))
  writeMultiline(w, title, sorted.map(printToleration))
}

function printToleration({ key = '', value, operator, effect, tolerationSeconds }: Toleration): string {
  let text = key
  if (value) text += `=${value}`
  if (effect) text += `:${effect}`
  if (operator === 'Exists' && !value) text += text ? ' op=Exists' : 'op=Exists'
  return tolerationSeconds === undefined ? text : `${text} for ${tolerationSeconds}s`
}

export function writeSpreadConstraints(
  w: DescribeWriter,
  constraints: readonly TopologySpreadConstraint[] | undefined,
  space: string,
): void {
  if (!constraints?.length) return
  const sorted = goSorted(constraints, (a, b) => a.topologyKey < b.topologyKey)
  const lines = sorted.map(
    ({ topologyKey, whenUnsatisfiable, maxSkew, labelSelector }) =>
      `${topologyKey}:${whenUnsatisfiable} when max skew ${maxSkew} is exceeded${labelSelector ? ` for selector ${formatLabelSelector(labelSelector)}` : ''}`,
  )
  writeMultiline(w, `${space}Topology Spread Constraints`, lines)
}
