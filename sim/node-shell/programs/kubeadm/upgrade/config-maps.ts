/** What joining and upgraded nodes read of the cluster. Sources: cmd/kubeadm/app/phases/{uploadconfig,kubelet/config}.go */
import { configMaps } from '../../../../api/core/config-map.ts'
import { roles } from '../../../../api/rbac/role.ts'
import { roleBindings } from '../../../../api/rbac/role-binding.ts'
import type { Invocation } from '../command-line.ts'
import { type ClusterToUpgrade, NAMESPACE } from './cluster.ts'

const readers = ['system:bootstrappers:kubeadm:default-node-token', 'system:nodes']

/** @throws KubeadmError */
export function storeKubeletConfig({ process }: Invocation, cluster: ClusterToUpgrade): void {
  const data = { kubelet: process.files.read('/var/lib/kubelet/config.yaml') }
  const key = { namespace: NAMESPACE, name: 'kubelet-config' }
  cluster.ask('error creating kubelet configuration ConfigMap', '', (client) => {
    if (client.find(configMaps, key)) client.patch(configMaps, key, 'merge', { data })
    else client.create(configMaps, { metadata: key, data })
  })
}

/** Nodes may read both configurations. @throws KubeadmError */
export function allowNodesToRead(cluster: ClusterToUpgrade): void {
  for (const [name, configMap] of [
    ['kubeadm:nodes-kubeadm-config', 'kubeadm-config'],
    ['kubeadm:kubelet-config', 'kubelet-config'],
  ] as const) {
    const key = { namespace: NAMESPACE, name }
    const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: [configMap] }]
    cluster.ask('error uploading the kubeadm ClusterConfiguration', '', (client) => {
      if (!client.find(roles, key)) client.create(roles, { metadata: key, rules })
      if (!client.find(roleBindings, key))
        client.create(roleBindings, {
          metadata: key,
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
          subjects: readers.map((group) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })),
        })
    })
  }
}
