/** What -o wide shows of a Pod template. */
import type { PodTemplateSpec } from '../core/pod-types.ts'
import type { Column } from '../meta/kind.ts'
import type { KubeObject, LabelSelector } from '../meta/object.ts'
import { formatLabelSelector } from '../meta/selector-text.ts'
import { column } from '../meta/table.ts'

interface Workload extends KubeObject {
  spec: { selector: LabelSelector; template: PodTemplateSpec }
}

export const templateColumns: readonly Column<Workload>[] = [
  column(
    'Containers',
    'string',
    "Names of the template's containers.",
    (o) => o.spec.template.spec.containers.map((c) => c.name).join(','),
    'wide',
  ),
  column(
    'Images',
    'string',
    "Images of the template's containers.",
    (o) => o.spec.template.spec.containers.map((c) => c.image).join(','),
    'wide',
  ),
  column(
    'Selector',
    'string',
    'The labels of the Pods it counts as its own.',
    (o) => formatLabelSelector(o.spec.selector),
    'wide',
  ),
]
