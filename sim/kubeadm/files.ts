/**
 * What kubeadm leaves on a control-plane node besides what every node has. Simplified: certificates and keys that nobody looks into.
 * Sources: cmd/kubeadm/app/phases/{certs/certlist,kubeconfig/kubeconfig}.go
 */
import { encodeBase64Text } from '../api/meta/base64.ts'
import { clusterAuthority } from '../controllers/root-ca/controller.ts'
import { printYaml } from '../kubectl/printers/yaml.ts'
import { manifestFolder } from '../kubelet/manifest-files.ts'
import { apiServerIP, apiServerPort } from '../network/address.ts'
import { type ControlPlanePlace, staticPodManifests } from './manifests.ts'
import { CONTROLLER_MANAGER_CONF, PKI, SCHEDULER_CONF } from './places.ts'

const pairs = [
  'ca',
  'apiserver',
  'apiserver-kubelet-client',
  'apiserver-etcd-client',
  'front-proxy-ca',
  'front-proxy-client',
  'etcd/ca',
  'etcd/server',
  'etcd/peer',
  'etcd/healthcheck-client',
]

/** Contents by path. @param members all nodes of the control plane, the first of which was there first */
export function controlPlaneFiles(
  place: ControlPlanePlace,
  members: readonly ControlPlanePlace[],
): Readonly<Record<string, string>> {
  const local = `https://${place.ip}:${apiServerPort}`
  const shared = `https://${apiServerIP}:${apiServerPort}`
  const manifests = Object.entries(staticPodManifests(place, members))
  return {
    ...certificateFiles,
    '/etc/kubernetes/admin.conf': kubeconfig('kubernetes-admin', shared),
    '/etc/kubernetes/super-admin.conf': kubeconfig('kubernetes-super-admin', shared),
    [CONTROLLER_MANAGER_CONF]: kubeconfig('system:kube-controller-manager', local),
    [SCHEDULER_CONF]: kubeconfig('system:kube-scheduler', local),
    ...Object.fromEntries(manifests.map(([file, text]) => [`${manifestFolder}/${file}`, text])),
    '/var/lib/etcd/member/snap/': '',
    '/var/lib/etcd/member/wal/': '',
  }
}

const certificateFiles: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    pairs.flatMap((name) =>
      ['crt', 'key'].map((kind) => [`${PKI}/${name}.${kind}`, `${name}.${kind} of the cluster\n`]),
    ),
  ),
  [`${PKI}/ca.crt`]: clusterAuthority,
  [`${PKI}/sa.key`]: 'key of the service accounts\n',
  [`${PKI}/sa.pub`]: 'public key of the service accounts\n',
}

function kubeconfig(user: string, server: string): string {
  const context = `${user}@kubernetes`
  return printYaml({
    apiVersion: 'v1',
    clusters: [
      { cluster: { 'certificate-authority-data': encodeBase64Text(clusterAuthority), server }, name: 'kubernetes' },
    ],
    contexts: [{ context: { cluster: 'kubernetes', user }, name: context }],
    'current-context': context,
    kind: 'Config',
    users: [
      {
        name: user,
        user: {
          'client-certificate-data': encodeBase64Text(`certificate of ${user}\n`),
          'client-key-data': encodeBase64Text(`key of ${user}\n`),
        },
      },
    ],
  })
}
