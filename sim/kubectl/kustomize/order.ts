/** The order in which resources are printed. Source: kustomize/api/internal/builtins/SortOrderTransformer.go */
import { KubectlError } from '../errors.ts'
import type { Kustomization } from './kustomization.ts'
import { nameOf, namespaceOf, type Resource } from './resource.ts'

const FIRST = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/** By kind, as what others need comes first, unless the kustomization asks for another order. */
export function inOrder(resources: readonly Resource[], { sortOptions }: Kustomization): readonly Resource[] {
  const order = sortOptions ? (sortOptions.order ?? '') : 'legacy'
  if (order !== 'legacy' && order !== 'fifo')
    throw new KubectlError("the field 'sortOptions.order' must be one of [fifo, legacy]")
  const lists = sortOptions?.legacySortOptions
  if (order === 'fifo') {
    if (!lists) return resources
    throw new KubectlError(
      "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
    )
  }
  const first = lists ? (lists.orderFirst ?? []) : FIRST
  const last = lists ? (lists.orderLast ?? []) : LAST
  const rank = ({ kind }: Resource): number => {
    if (last.includes(kind)) return 1 + last.indexOf(kind)
    return first.includes(kind) ? first.indexOf(kind) - first.length : 0
  }
  const key = (resource: Resource): string =>
    [
      `${resource.group || '~G'}_${resource.version || '~V'}_${resource.kind || '~K'}`,
      namespaceOf(resource) || '~X',
      nameOf(resource) || '~N',
    ].join('|')
  return resources.toSorted((a, b) => rank(a) - rank(b) || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}
