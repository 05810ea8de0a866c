/** The Pod template of a workload. */
import type { PodTemplateSpec } from '../../api/core/pod-types.ts'
import { writeAnnotations, writeLabels } from './common.ts'
import { writeContainers } from './containers.ts'
import { writeSpreadConstraints, writeTolerations } from './pod.ts'
import { writeVolumes } from './volumes.ts'
import type { DescribeWriter } from './writer.ts'

export function writeTemplate(w: DescribeWriter, template: PodTemplateSpec): void {
  w.line(0, 'Pod Template:')
  const { metadata, spec } = template
  writeLabels(w, '  Labels', metadata?.labels)
  if (Object.keys(metadata?.annotations ?? {}).length > 0) writeAnnotations(w, '  Annotations', metadata?.annotations)
  if (spec.serviceAccountName) w.field(1, 'Service Account', spec.serviceAccountName)
  if (spec.initContainers?.length) writeContainers(w, spec.initContainers, { label: 'Init Containers', space: '  ' })
  writeContainers(w, spec.containers, { label: 'Containers', space: '  ' })
  writeVolumes(w, spec.volumes, '  ')
  writeSpreadConstraints(w, spec.topologySpreadConstraints, '  ')
  if (spec.priorityClassName) w.field(1, 'Priority Class Name', spec.priorityClassName)
  writeLabels(w, '  Node-Selectors', spec.nodeSelector)
  writeTolerations(w, '  Tolerations', spec.tolerations)
}
