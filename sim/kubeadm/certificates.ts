/**
 * The certificates of a control-plane node: which there are, for whom, and who signs them. One list for what kubeadm leaves on a node, for
 * what it renews and for what it tells of their dates. Sources: cmd/kubeadm/app/phases/certs/certlist.go, phases/kubeconfig/kubeconfig.go
 */

import { apiServerIP, apiServerServiceIP } from '../network/address.ts'
import { type Authority, authorityOf, BACKDATE_MS } from '../pki/authority.ts'
import { type Issuer, issueCertificate, writeName } from '../pki/issue.ts'
import { pkcs1Pem, rsaKey } from '../pki/rsa-key.ts'
import type { ControlPlanePlace } from './manifests.ts'
import { CERTIFICATE_LIFETIME_MS, PKI } from './places.ts'

export type AuthorityName = 'ca' | 'etcd-ca' | 'front-proxy-ca'

export interface KnownAuthority {
  readonly name: AuthorityName
  readonly longName: string
  /** Below the folder of certificates, without `.crt` and `.key`. */
  readonly file: string
  readonly commonName: string
}

/** Which a kubeadm cluster has, in the order of their names. */
export const authorities: readonly KnownAuthority[] = [
  {
    name: 'ca',
    longName: 'self-signed Kubernetes CA to provision identities for other Kubernetes components',
    file: 'ca',
    commonName: 'kubernetes',
  },
  {
    name: 'etcd-ca',
    longName: 'self-signed CA to provision identities for etcd',
    file: 'etcd/ca',
    commonName: 'etcd-ca',
  },
  {
    name: 'front-proxy-ca',
    longName: 'self-signed CA to provision identities for front proxy',
    file: 'front-proxy-ca',
    commonName: 'front-proxy-ca',
  },
]

/** What a certificate says, whoever signs it. */
export interface CertificateContent {
  readonly commonName: string
  readonly organizations?: readonly string[]
  readonly usages: readonly ('server auth' | 'client auth')[]
  readonly dnsNames?: readonly string[]
  readonly addresses?: readonly string[]
}

export interface KnownCertificate {
  /** As `kubeadm certs renew` takes it. */
  readonly name: string
  readonly longName: string
  readonly authority: AuthorityName
  /** Below the folder of certificates, without `.crt` and `.key`; of a kubeconfig its name below /etc/kubernetes. */
  readonly file: string
  /** The certificate stands within a kubeconfig. */
  readonly isKubeconfig?: boolean
  content(place: ControlPlanePlace): CertificateContent
}

const both = ['server auth', 'client auth'] as const
const etcdNames = ({ name, ip }: ControlPlanePlace) => ({
  commonName: name,
  usages: both,
  dnsNames: [name, 'localhost'].sort(),
  addresses: [ip, '127.0.0.1', '::1'],
})
const client = (commonName: string, ...organizations: string[]) => ({
  content: (): CertificateContent => ({ commonName, organizations, usages: ['client auth'] }),
})
const kubeconfig = (name: string, longName: string) => ({
  name,
  longName,
  authority: 'ca' as const,
  file: name,
  isKubeconfig: true,
})

/** All that kubeadm renews, in the order of their names. */
export const certificates: readonly KnownCertificate[] = [
  {
    ...kubeconfig(
      'admin.conf',
      'certificate embedded in the kubeconfig file for the admin to use and for kubeadm itself',
    ),
    ...client('kubernetes-admin', 'kubeadm:cluster-admins'),
  },
  {
    name: 'apiserver',
    longName: 'certificate for serving the Kubernetes API',
    authority: 'ca',
    file: 'apiserver',
    content: ({ name, ip }) => ({
      commonName: 'kube-apiserver',
      usages: ['server auth'],
      dnsNames: [
        name,
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
      ].sort(),
      addresses: [apiServerServiceIP, ip, ...(ip === apiServerIP ? [] : [apiServerIP])],
    }),
  },
  {
    name: 'apiserver-etcd-client',
    longName: 'certificate the apiserver uses to access etcd',
    authority: 'etcd-ca',
    file: 'apiserver-etcd-client',
    ...client('kube-apiserver-etcd-client'),
  },
  {
    name: 'apiserver-kubelet-client',
    longName: 'certificate for the API server to connect to kubelet',
    authority: 'ca',
    file: 'apiserver-kubelet-client',
    ...client('kube-apiserver-kubelet-client'),
  },
  {
    ...kubeconfig(
      'controller-manager.conf',
      'certificate embedded in the kubeconfig file for the controller manager to use',
    ),
    ...client('system:kube-controller-manager'),
  },
  {
    name: 'etcd-healthcheck-client',
    longName: 'certificate for liveness probes to healthcheck etcd',
    authority: 'etcd-ca',
    file: 'etcd/healthcheck-client',
    ...client('kube-etcd-healthcheck-client'),
  },
  {
    name: 'etcd-peer',
    longName: 'certificate for etcd nodes to communicate with each other',
    authority: 'etcd-ca',
    file: 'etcd/peer',
    content: etcdNames,
  },
  {
    name: 'etcd-server',
    longName: 'certificate for serving etcd',
    authority: 'etcd-ca',
    file: 'etcd/server',
    content: etcdNames,
  },
  {
    name: 'front-proxy-client',
    longName: 'certificate for the front proxy client',
    authority: 'front-proxy-ca',
    file: 'front-proxy-client',
    ...client('front-proxy-client'),
  },
  {
    ...kubeconfig('scheduler.conf', 'certificate embedded in the kubeconfig file for the scheduler manager to use'),
    ...client('system:kube-scheduler'),
  },
  {
    ...kubeconfig('super-admin.conf', 'certificate embedded in the kubeconfig file for the super-admin'),
    ...client('kubernetes-super-admin', 'system:masters'),
  },
]

export interface Issued {
  /** In PEM. */
  readonly certificate: string
  /** In PEM. */
  readonly privateKey: string
}

/** Signs a certificate of a new key, which holds for a year. @param madeMs now, in milliseconds since 1970 */
export function issue(
  content: CertificateContent,
  authority: Issuer,
  madeMs: number,
  lifetimeMs = CERTIFICATE_LIFETIME_MS,
): Issued {
  const { commonName, organizations, usages, dnsNames, addresses } = content
  const seed = `${commonName} ${usages.join()} ${dnsNames?.join() ?? ''} of ${madeMs}`
  const key = rsaKey(seed)
  const certificate = issueCertificate({
    subject: writeName(commonName, organizations),
    publicKey: key.publicKey,
    issuer: authority,
    usages: ['digital signature', 'key encipherment', ...usages],
    dnsNames,
    addresses,
    notBeforeMs: madeMs - BACKDATE_MS,
    notAfterMs: madeMs + lifetimeMs,
    seed,
    serialBytes: 8,
  })
  return { certificate, privateKey: pkcs1Pem(key) }
}

/**
 * What kubeadm makes on a node of the control plane: files by path, and what goes into its kubeconfigs by their names.
 * @param madeMs when the cluster was made, in milliseconds since 1970
 * @param cluster the cluster's authority
 * @param of whose: those authorities and what they sign; all of them unless told
 */
export function madeCertificates(
  place: ControlPlanePlace,
  madeMs: number,
  cluster: Authority,
  of: readonly AuthorityName[] = authorities.map(({ name }) => name),
): { files: Readonly<Record<string, string>>; kubeconfigs: ReadonlyMap<string, Issued> } {
  const files: Record<string, string> = {}
  const kubeconfigs = new Map<string, Issued>()
  const put = (file: string, { certificate, privateKey }: Issued): void => {
    files[`${PKI}/${file}.crt`] = certificate
    files[`${PKI}/${file}.key`] = privateKey
  }
  for (const { name, file, commonName } of authorities.filter((known) => of.includes(known.name))) {
    const authority = name === 'ca' ? cluster : authorityOf(commonName, madeMs)
    put(file, authority)
    for (const known of certificates.filter((one) => one.authority === name)) {
      const issued = issue(known.content(place), authority, madeMs)
      if (known.isKubeconfig) kubeconfigs.set(known.name, issued)
      else put(known.file, issued)
    }
  }
  return { files, kubeconfigs }
}
