/** The nodes that keep the control plane's etcd, when it is kept by several. Source: kubeadm/app/phases/markcontrolplane */
import { CommandRefused } from './engine/command-refused.ts'
import type { MemberPlace } from './etcd/members.ts'
import { nodeIpOf } from './network/address.ts'
import type { ClusterShape, NodeShape } from './scenario/types.ts'

const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane'

/** As kubeadm leaves them: nothing runs there that does not tolerate it. They join behind the nodes that the shape names. @throws CommandRefused */
export function controlPlaneNodes({ controlPlane }: ClusterShape): NodeShape[] {
  const count: number = controlPlane?.members ?? 1
  if (![1, 3, 5].includes(count)) throw new CommandRefused(`a control plane has 1, 3 or 5 members, not ${count}`)
  if (count === 1) return []
  return Array.from({ length: count }, (_, i) => ({
    name: `control-plane-${i + 1}`,
    cpu: '2',
    memory: '4Gi',
    labels: { [CONTROL_PLANE_LABEL]: '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' },
    taints: [{ key: CONTROL_PLANE_LABEL, effect: 'NoSchedule' as const }],
  }))
}

/** Where the members of etcd are. */
export const memberPlaces = (shape: ClusterShape): MemberPlace[] =>
  controlPlaneNodes(shape).map(({ name }, i) => ({ name, ip: nodeIpOf(shape.nodes.length + i) }))
