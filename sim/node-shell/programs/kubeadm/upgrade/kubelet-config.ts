/** The configuration of this node's kubelet is written anew, as it was. Source: cmd/kubeadm/app/phases/upgrade/postupgrade.go */
import { configMaps } from '../../../../api/core/config-map.ts'
import { kubeletConfiguration } from '../../../../kubeadm/kubelet-config.ts'
import type { Invocation } from '../command-line.ts'
import { type ClusterToUpgrade, NAMESPACE } from './cluster.ts'
import { timestamped } from './static-pods.ts'

const FILE = '/var/lib/kubelet/config.yaml'

/** What nodes that join or are upgraded are given. @throws KubeadmError */
export function storeKubeletConfig(cluster: ClusterToUpgrade): void {
  const key = { namespace: NAMESPACE, name: 'kubelet-config' }
  const data = { kubelet: kubeletConfiguration({}) }
  cluster.ask('error creating kubelet configuration ConfigMap', '', (client) => {
    if (client.find(configMaps, key)) client.patch(configMaps, key, 'merge', { data })
    else client.create(configMaps, { metadata: key, data })
  })
}

/** What somebody wrote into the node's file by hand is lost: a copy of it stays. @throws KubeadmError */
export function upgradeKubeletConfig({ process }: Invocation, cluster: ClusterToUpgrade): void {
  const { files, stdout } = process
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/kubelet-config?timeout=10s`
  const found = cluster.ask('failed to get component configs', path, (client) =>
    client.get(configMaps, { namespace: NAMESPACE, name: 'kubelet-config' }),
  )
  const folder = timestamped('kubeadm-kubelet-config', process.nowEpochMs())
  files.mkdir(folder, { parents: true })
  stdout.write(`[upgrade] Backing up kubelet config file to ${folder}/config.yaml\n`)
  if (files.exists(FILE)) files.write(`${folder}/config.yaml`, files.read(FILE))
  stdout.write(`[kubelet-start] Writing kubelet configuration to file ${JSON.stringify(FILE)}\n`)
  files.write(FILE, found.data?.kubelet ?? '')
}
