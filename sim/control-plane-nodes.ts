/** The nodes of a control plane that is kept on nodes. Source: kubeadm/app/phases/markcontrolplane */
import { CommandRefused } from './engine/command-refused.ts'
import type { MemberPlace } from './etcd/members.ts'
import { CERTIFICATE_LIFETIME_MS } from './kubeadm/places.ts'
import { nodeIpOf } from './network/address.ts'
import type { ClusterShape, NodeShape } from './scenario/types.ts'
import { releases, serverVersion } from './version.ts'

const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane'

/** Whether the control plane is what its manifests say. */
export const areStaticPods = ({ controlPlane }: Pick<ClusterShape, 'controlPlane'>): boolean =>
  controlPlane?.staticPods === true

/** The release of Kubernetes that everything was set up with. @throws CommandRefused for one that is not known */
export function releaseOfShape({ controlPlane }: Pick<ClusterShape, 'controlPlane'>): string {
  const { release = serverVersion, staticPods } = controlPlane ?? {}
  if (!releases.includes(release))
    throw new CommandRefused(`a cluster can be set up with ${releases.join(', ')}, not ${release}`)
  if (release !== serverVersion && !staticPods)
    throw new CommandRefused('only a control plane of static Pods can be of an older release')
  return release
}

/**
 * Names of the control plane's nodes; none where it is kept beside the nodes.
 * @throws CommandRefused
 */
function controlPlaneNames(shape: Pick<ClusterShape, 'controlPlane'>): string[] {
  const count: number = shape.controlPlane?.members ?? 1
  if (![1, 3, 5].includes(count)) throw new CommandRefused(`a control plane has 1, 3 or 5 members, not ${count}`)
  if (count === 1) return areStaticPods(shape) ? ['control-plane'] : []
  return Array.from({ length: count }, (_, i) => `control-plane-${i + 1}`)
}

/**
 * All nodes, in the order in which they join: those of a control plane of static Pods were there first, others come last.
 * As kubeadm leaves them, nothing runs on them that does not tolerate it. @throws CommandRefused
 */
export function allNodes(shape: ClusterShape): NodeShape[] {
  const machine = shape.nodes.find(({ joined }) => joined === false)
  if (machine && !areStaticPods(shape))
    throw new CommandRefused(`${machine.name} can join only a cluster whose control plane is static Pods`)
  const ofControlPlane = controlPlaneNames(shape).map((name) => ({
    name,
    cpu: '2',
    memory: '4Gi',
    labels: { [CONTROL_PLANE_LABEL]: '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' },
    taints: [{ key: CONTROL_PLANE_LABEL, effect: 'NoSchedule' as const }],
  }))
  return areStaticPods(shape) ? [...ofControlPlane, ...shape.nodes] : [...shape.nodes, ...ofControlPlane]
}

/** When the cluster's certificates were made, in milliseconds since 1970; undefined where it does not say. @param handOverMs the hand-over, likewise */
export const certifiedMs = (
  { controlPlane }: Pick<ClusterShape, 'controlPlane'>,
  handOverMs: number,
): number | undefined =>
  controlPlane?.certificatesExpireInSeconds === undefined
    ? undefined
    : handOverMs + controlPlane.certificatesExpireInSeconds * 1000 - CERTIFICATE_LIFETIME_MS

/** Where the members of etcd are. */
export function memberPlaces(shape: ClusterShape): MemberPlace[] {
  const names = new Set(controlPlaneNames(shape))
  return allNodes(shape).flatMap(({ name }, i) => (names.has(name) ? [{ name, ip: nodeIpOf(i) }] : []))
}
