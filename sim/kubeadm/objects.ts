/** The objects that kubeadm leaves in a cluster, for itself and for who joins. Sources: cmd/kubeadm/app/phases/{uploadconfig,bootstraptoken/clusterinfo,kubelet} */
import type { Authority } from '../api/certificates/authority.ts'
import { configMaps } from '../api/core/config-map.ts'
import { encodeBase64Text } from '../api/meta/base64.ts'
import { defaultServiceRange } from '../apiserver/service-addresses.ts'
import type { Client } from '../client/client.ts'
import { printYaml } from '../kubectl/printers/yaml.ts'
import { apiServerIP, apiServerPort } from '../network/address.ts'
import { ETCD_DATA, PKI } from './places.ts'

/** Simplified: without the configuration of the kubelets and of kube-proxy. @param members of the control plane @param release that it was set up with */
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
    metadata: { namespace: 'kube-system', name: 'kubeadm-config' },
    data: { ClusterConfiguration: printYaml(configuration) },
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
    metadata: { namespace: 'kube-public', name: 'cluster-info' },
    data: { kubeconfig: printYaml(kubeconfig) },
  })
}
