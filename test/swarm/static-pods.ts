/** A control plane of static Pods, for about one seed in ten: what befalls its manifests and nodes, and what repairs them. */

import type { Pod } from '../../sim/api/core/pod-types.ts'
import { findCondition } from '../../sim/api/meta/object.ts'
import { createRandom, type Random } from '../../sim/engine/random.ts'
import type { ClusterShape, Command, LiveCluster } from '../../sim/index.ts'

type ControlPlane = NonNullable<ClusterShape['controlPlane']>

const files = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']
const manifests = '/etc/kubernetes/manifests'
/** What somebody may write in place of what is there, and the way back. */
const slips: readonly (readonly [right: string, wrong: string])[] = [
  ['127.0.0.1:2379', '127.0.0.1:2380'],
  ['leader-elect=true', 'leader-elects=true'],
  ['pki/etcd/server.crt', 'pki/etcd/servers.crt'],
  ['controller-manager.conf', 'controllers.conf'],
]

export function staticPodsShape(seed: string): ControlPlane | undefined {
  const random = createRandom(seed, 'static pods shape')
  return random.next() < 0.1 ? { members: random.pick([1, 1, 3] as const), staticPods: true } : undefined
}

const nodesOf = ({ members }: ControlPlane): string[] =>
  members === 1 ? ['control-plane'] : Array.from({ length: members }, (_, i) => `control-plane-${i + 1}`)

const onNode = (node: string, text: string): Command => ({ op: 'node', node, line: text })

export function staticPodsCommand(random: Random, shape: ControlPlane): Command {
  const node = random.pick(nodesOf(shape))
  const file = random.pick(files)
  const [right, wrong] = random.pick(slips)
  return random.pick<Command>([
    onNode(node, `mv ${manifests}/${file}.yaml /root/`),
    onNode(node, `mv /root/${file}.yaml ${manifests}/`),
    onNode(node, `sed -i 's#${right}#${wrong}#' ${manifests}/*.yaml`),
    onNode(node, `crictl stop $(crictl ps -q --name ${file})`),
    onNode(node, `systemctl ${random.pick(['stop', 'start', 'restart'])} kubelet`),
    { op: 'fault', fault: { kind: 'node', node, state: random.pick(['down', 'up', 'up'] as const) } },
    { op: 'fault', fault: { kind: 'partition', node, state: random.pick(['from-control-plane', 'healed'] as const) } },
  ])
}

export const staticPodsMended = (shape: ControlPlane): Command[] =>
  nodesOf(shape).flatMap((node): Command[] => [
    { op: 'fault', fault: { kind: 'node', node, state: 'up' } },
    { op: 'fault', fault: { kind: 'partition', node, state: 'healed' } },
    onNode(node, 'systemctl start kubelet'),
    onNode(node, `for file in /root/*.yaml; do test -e $file && mv $file ${manifests}/; done`),
    ...slips.map(([right, wrong]) => onNode(node, `sed -i 's#${wrong}#${right}#' ${manifests}/*.yaml`)),
  ])

/** Of a control plane that is left alone each Pod is there, as its file says now, and ready. */
export function staticPodsProblems(cluster: LiveCluster, shape: ControlPlane): string[] {
  const pods = new Map((cluster.objects('pods') as Pod[]).map((pod) => [pod.metadata.name, pod]))
  return nodesOf(shape)
    .flatMap((node) => files.map((file) => `${file}-${node}`))
    .flatMap((name) => {
      const pod = pods.get(name)
      if (!pod) return [`there is no Pod ${name}`]
      return findCondition(pod.status.conditions, 'Ready')?.status === 'True' ? [] : [`Pod ${name} is not ready`]
    })
}
