/**
 * What kubeadm leaves on a control-plane node besides what every node has.
 * Sources: cmd/kubeadm/app/phases/{certs/certlist,kubeconfig/kubeconfig}.go
 */

import { encodeBase64Text } from '../api/meta/base64.ts'
import { printYaml } from '../kubectl/printers/yaml.ts'
import { manifestFolder } from '../kubelet/manifest-files.ts'
import { apiServerIP, apiServerPort } from '../network/address.ts'
import type { Authority } from '../pki/authority.ts'
import { pkcs1Pem, publicKeyPem, rsaKey } from '../pki/rsa-key.ts'
import { certificates, type Issued, madeCertificates } from './certificates.ts'
import { type ControlPlanePlace, staticPodManifests } from './manifests.ts'
import { PKI } from './places.ts'

/**
 * Contents by path.
 * @param members all nodes of the control plane, the first of which was there first
 * @param certifiedMs when the cluster's certificates were made, in milliseconds since 1970
 * @param authority the cluster's own
 * @param release of Kubernetes that it was set up with
 */
export function controlPlaneFiles(
  place: ControlPlanePlace,
  members: readonly ControlPlanePlace[],
  certifiedMs: number,
  authority: Authority,
  release: string,
): Readonly<Record<string, string>> {
  const manifests = Object.entries(staticPodManifests(place, members, release))
  const { files, kubeconfigs } = madeCertificates(place, certifiedMs, authority)
  const kubeconfigText = (name: string): string =>
    kubeconfigOf({
      user: userOf(name),
      server: serverOf(name, place),
      authority: files[`${PKI}/ca.crt`],
      issued: kubeconfigs.get(name)!,
    })
  const key = rsaKey(`service accounts of ${certifiedMs}`)
  return {
    ...files,
    [`${PKI}/sa.key`]: pkcs1Pem(key),
    [`${PKI}/sa.pub`]: publicKeyPem(key),
    ...Object.fromEntries([...kubeconfigs.keys()].map((name) => [`/etc/kubernetes/${name}`, kubeconfigText(name)])),
    // As kubeadm's last words tell to do.
    '/root/.kube/config': kubeconfigText('admin.conf'),
    ...Object.fromEntries(manifests.map(([file, text]) => [`${manifestFolder}/${file}`, text])),
    ...emptyMember,
  }
}

/** What a member of etcd beside the nodes' control plane has on its node. */
export function etcdFiles(
  place: ControlPlanePlace,
  certifiedMs: number,
  authority: Authority,
): Readonly<Record<string, string>> {
  const { files } = madeCertificates(place, certifiedMs, authority, ['etcd-ca'])
  const ofEtcd = Object.entries(files).filter(([path]) => path.startsWith(`${PKI}/etcd/`))
  return { ...Object.fromEntries(ofEtcd), ...emptyMember }
}

/** Whether kubeadm lets root alone read it: keys, kubeconfigs and manifests. */
export const isForRoot = (path: string): boolean =>
  (path.startsWith(PKI) && /\.(key|pub)$/.test(path)) ||
  /^\/etc\/kubernetes\/[^/]+\.conf$/.test(path) ||
  (path.startsWith(`${manifestFolder}/`) && path.endsWith('.yaml')) ||
  path === '/root/.kube/config'

const emptyMember: Readonly<Record<string, string>> = {
  '/var/lib/etcd/member/snap/': '',
  '/var/lib/etcd/member/wal/': '',
}

const userOf = (kubeconfig: string): string =>
  certificates.find(({ name }) => name === kubeconfig)!.content(nowhere).commonName
const nowhere: ControlPlanePlace = { name: '', ip: '' }

/** The components ask the API server beside them, administrators the address of all. */
export const serverOf = (kubeconfig: string, { ip }: ControlPlanePlace): string =>
  `https://${kubeconfig.endsWith('admin.conf') ? apiServerIP : ip}:${apiServerPort}`

/** A kubeconfig with what it needs inside. */
export function kubeconfigOf({
  user,
  server,
  authority,
  issued,
}: {
  user: string
  server: string
  authority: string
  issued: Issued
}): string {
  const context = `${user}@kubernetes`
  return printYaml({
    apiVersion: 'v1',
    clusters: [{ cluster: { 'certificate-authority-data': encodeBase64Text(authority), server }, name: 'kubernetes' }],
    contexts: [{ context: { cluster: 'kubernetes', user }, name: context }],
    'current-context': context,
    kind: 'Config',
    users: [
      {
        name: user,
        user: {
          'client-certificate-data': encodeBase64Text(issued.certificate),
          'client-key-data': encodeBase64Text(issued.privateKey),
        },
      },
    ],
  })
}
