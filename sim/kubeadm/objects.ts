/**
 * The objects that kubeadm leaves in a cluster, for itself and for who joins: its configuration and that of the kubelets, what a machine that joins
 * is told without a certificate, and who may read and ask for what.
 * Sources: cmd/kubeadm/app/phases/{uploadconfig,kubelet,bootstraptoken}
 */

import { configMaps } from '../api/core/config-map.ts'
import { encodeBase64Text } from '../api/meta/base64.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { clusterRoles, roles } from '../api/rbac/role.ts'
import { clusterRoleBindings, roleBindings } from '../api/rbac/role-binding.ts'
import type { PolicyRule } from '../api/rbac/types.ts'
import { defaultServiceRange } from '../apiserver/service-addresses.ts'
import type { Client } from '../client/client.ts'
import { printYaml } from '../kubectl/printers/yaml.ts'
import { apiServerIP, apiServerPort } from '../network/address.ts'
import type { Authority } from '../pki/authority.ts'
import { kubeletConfiguration } from './kubelet-config.ts'
import { ETCD_DATA, PKI } from './places.ts'

const SYSTEM = 'kube-system'
const PUBLIC = 'kube-public'
const BOOTSTRAPPERS = 'system:bootstrappers:kubeadm:default-node-token'
const NODES = 'system:nodes'

/** @param members of the control plane @param release that it was set up with */
export function createKubeadmObjects(client: Client, authority: Authority, members: number, release: string): void {
  const configuration = {
    apiServer: {},
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    caCertificateValidityPeriod: '87600h0m0s',
    certificateValidityPeriod: '8760h0m0s',
    certificatesDir: PKI,
    clusterName: 'kubernetes',
    ...(members > 1 ? { controlPlaneEndpoint: `${apiServerIP}:${apiServerPort}` } : {}),
    controllerManager: {},
    dns: {},
    encryptionAlgorithm: 'RSA-2048',
    etcd: { local: { dataDir: ETCD_DATA } },
    imageRepository: 'registry.k8s.io',
    kind: 'ClusterConfiguration',
    kubernetesVersion: release,
    networking: { dnsDomain: 'cluster.local', podSubnet: '10.244.0.0/16', serviceSubnet: defaultServiceRange },
    proxy: {},
    scheduler: {},
  }
  client.create(configMaps, {
    metadata: { namespace: SYSTEM, name: 'kubeadm-config' },
    data: { ClusterConfiguration: printYaml(configuration) },
  })
  client.create(configMaps, {
    metadata: { namespace: SYSTEM, name: 'kubelet-config' },
    data: { kubelet: kubeletConfiguration({}) },
  })
  const kubeconfig = {
    apiVersion: 'v1',
    clusters: [
      {
        cluster: {
          'certificate-authority-data': encodeBase64Text(authority.certificate),
          server: `https://${apiServerIP}:${apiServerPort}`,
        },
        name: '',
      },
    ],
    contexts: null,
    'current-context': '',
    kind: 'Config',
    preferences: {},
    users: null,
  }
  client.create(configMaps, {
    metadata: { namespace: PUBLIC, name: 'cluster-info' },
    data: { kubeconfig: printYaml(kubeconfig) },
  })
  grantInNamespaces(client)
  grantEverywhere(client)
}

const subject = (kind: 'Group' | 'User', name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name })
const roleRef = (kind: 'Role' | 'ClusterRole', name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name })
const mayGet = (resources: string, ...resourceNames: string[]): PolicyRule => ({
  apiGroups: [''],
  resources: [resources],
  ...(resourceNames.length > 0 ? { resourceNames } : {}),
  verbs: ['get'],
})

/** What is read by name: both configurations by nodes and by machines that join, the cluster's address by everybody. */
function grantInNamespaces(client: Client): void {
  const readers = [subject('Group', BOOTSTRAPPERS), subject('Group', NODES)]
  for (const [namespace, name, configMap, subjects] of [
    [SYSTEM, 'kubeadm:nodes-kubeadm-config', 'kubeadm-config', readers],
    [SYSTEM, 'kubeadm:kubelet-config', 'kubelet-config', readers],
    [PUBLIC, 'kubeadm:bootstrap-signer-clusterinfo', 'cluster-info', [subject('User', 'system:anonymous')]],
  ] as const) {
    const metadata = { namespace, name } as KubeObject['metadata']
    client.create(roles, { metadata, rules: [mayGet('configmaps', configMap)] })
    client.create(roleBindings, { metadata, roleRef: roleRef('Role', name), subjects: [...subjects] })
  }
}

/** Who joins may ask for a certificate and has it approved; a node may have its next one. */
function grantEverywhere(client: Client): void {
  const approvals = 'system:certificates.k8s.io:certificatesigningrequests'
  client.create(clusterRoles, { metadata: { name: 'kubeadm:get-nodes' }, rules: [mayGet('nodes')] })
  for (const [name, role, whom] of [
    ['kubeadm:get-nodes', 'kubeadm:get-nodes', subject('Group', BOOTSTRAPPERS)],
    ['kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', subject('Group', BOOTSTRAPPERS)],
    ['kubeadm:node-autoapprove-bootstrap', `${approvals}:nodeclient`, subject('Group', BOOTSTRAPPERS)],
    ['kubeadm:node-autoapprove-certificate-rotation', `${approvals}:selfnodeclient`, subject('Group', NODES)],
    ['kubeadm:apiserver-kubelet-client', 'system:kubelet-api-admin', subject('User', 'kube-apiserver-kubelet-client')],
  ] as const)
    client.create(clusterRoleBindings, {
      metadata: { name },
      roleRef: roleRef('ClusterRole', role),
      subjects: [whom],
    })
}
