/** kubectl describe priorityclass. Source: k8s.io/kubectl/pkg/describe/describe.go */
import { formatLabels } from '../../api/meta/selector-text.ts'
import type { PriorityClass } from '../../api/scheduling/types.ts'
import { type Describer, findEvents, writeEvents } from './common.ts'

export const describePriorityClass: Describer<PriorityClass> = (priorityClass, w, context) => {
  const { metadata, value, globalDefault, preemptionPolicy, description } = priorityClass
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Value', value)
  w.field(0, 'GlobalDefault', globalDefault ?? false)
  if (preemptionPolicy) w.field(0, 'PreemptionPolicy', preemptionPolicy)
  w.field(0, 'Description', description ?? '')
  w.field(0, 'Annotations', formatLabels(metadata.annotations))
  writeEvents(w, context, findEvents(context, priorityClass))
}
