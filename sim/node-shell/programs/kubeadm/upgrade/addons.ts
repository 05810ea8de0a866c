/**
 * What kubeadm keeps in a cluster besides its control plane, in another release. Simplified: CoreDNS has no other version, and roles that it
 * finds as they should be stay untouched. Sources: cmd/kubeadm/app/cmd/phases/upgrade/addons.go, phases/addons/{dns,proxy}
 */
import { daemonSets } from '../../../../api/apps/daemon-set.ts'
import { deployments } from '../../../../api/apps/deployment.ts'
import { pods } from '../../../../api/core/pod.ts'
import type { Invocation } from '../command-line.ts'
import { type ClusterToUpgrade, NAMESPACE } from './cluster.ts'

export type Addon = 'coredns' | 'kube-proxy'

/** @throws KubeadmError */
export function upgradeAddon(
  addon: Addon,
  { process, machine }: Invocation,
  cluster: ClusterToUpgrade,
  release: string,
): void {
  const say = (text: string): void => process.stdout.write(`${text}\n`)
  const behind = notUpgraded(cluster, machine.shape.name)
  if (behind.length > 0) {
    say(
      `[upgrade/addon] Skipping upgrade of addons because control plane instances [${behind.join(' ')}] have not been upgraded`,
    )
    return
  }
  if (addon === 'coredns') {
    cluster.ask("couldn't retrieve DNS addon deployments", '', (client) =>
      client.find(deployments, { namespace: NAMESPACE, name: 'coredns' }),
    )
    say('[addons] Applied essential addon: CoreDNS')
    return
  }
  const isThere = cluster.ask('unable to fetch the kube-proxy DaemonSet', '', (client) =>
    client.find(daemonSets, { namespace: NAMESPACE, name: 'kube-proxy' }),
  )
  // A cluster without it does its work without Pods.
  if (isThere) {
    const containers = [{ name: 'kube-proxy', image: `registry.k8s.io/kube-proxy:${release}` }]
    cluster.ask('unable to update the kube-proxy DaemonSet', '', (client) =>
      client.patch(daemonSets, { namespace: NAMESPACE, name: 'kube-proxy' }, 'strategic', {
        spec: { template: { spec: { containers } } },
      }),
    )
  }
  say('[addons] Applied essential addon: kube-proxy')
}

/** Nodes whose API server has another image than the one of this node. */
function notUpgraded(cluster: ClusterToUpgrade, node: string): string[] {
  const { items } = cluster.ask('failed to list kube-apiserver Pod from cluster', '', (client) =>
    client.list(pods, { namespace: NAMESPACE, labelSelector: 'component=kube-apiserver' }),
  )
  const imageOn = new Map(items.map(({ spec }) => [spec.nodeName ?? '', spec.containers[0]?.image]))
  return [...imageOn].flatMap(([name, image]) => (image === imageOn.get(node) ? [] : [name])).sort()
}
