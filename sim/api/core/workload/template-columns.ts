/** What -o wide shows of a Pod template. */

import type { Column } from '../../meta/kind.ts'
import type { KubeObject, LabelSelector } from '../../meta/object.ts'
import { formatLabelSelector } from '../../meta/selector-text.ts'
import { column } from '../../meta/table.ts'
import type { PodTemplateSpec } from '../pod-types.ts'

interface Workload extends KubeObject {
  spec: { selector?: LabelSelector; template: PodTemplateSpec }
}

/** Names and images of the containers of a template, wherever the kind keeps it. */
export const containerColumns = <T extends KubeObject>(templateOf: (object: T) => PodTemplateSpec): Column<T>[] => [
  column(
    'Containers',
    'string',
    "Names of the template's containers.",
    (object) =>
      templateOf(object)
        .spec.containers.map((container) => container.name)
        .join(','),
    'wide',
  ),
  column(
    'Images',
    'string',
    "Images of the template's containers.",
    (object) =>
      templateOf(object)
        .spec.containers.map((container) => container.image)
        .join(','),
    'wide',
  ),
]

export const selectorColumn: Column<KubeObject & { spec: { selector?: LabelSelector } }> = column(
  'Selector',
  'string',
  'The labels of the Pods it counts as its own.',
  (object) => formatLabelSelector(object.spec.selector),
  'wide',
)

export const templateColumns: readonly Column<Workload>[] = [
  ...containerColumns<Workload>((object) => object.spec.template),
  selectorColumn,
]
