/** Finding the Pods of a node without looking at all Pods. */
import type { Pod } from '../api/core/pod-types.ts'
import type { SharedInformer } from '../client/informer.ts'

const BY_NODE = 'spec.nodeName'

export function indexByNode(informer: SharedInformer<Pod>): void {
  informer.addIndex(BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []))
}

export const podsOn = (informer: SharedInformer<Pod>, node: string): readonly Pod[] => informer.byIndex(BY_NODE, node)
