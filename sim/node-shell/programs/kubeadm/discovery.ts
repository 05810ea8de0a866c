/**
 * How a machine that joins comes to know the cluster: from cluster-info, for which a token and the hash of the authority vouch, or from a file.
 * Sources: cmd/kubeadm/app/discovery, discovery/token, discovery/file
 */
import { readFirstCertificate } from '../../../api/certificates/x509.ts'
import { configMaps } from '../../../api/core/config-map.ts'
import { decodeBase64Text } from '../../../api/meta/base64.ts'
import { isRecord } from '../../../api/meta/json.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import { CommandFailed, openFile } from '../../../components/component.ts'
import type { Destination } from '../../../components/kubeconfig.ts'
import { KubectlError } from '../../../kubectl/errors.ts'
import { parseYamlValue } from '../../../kubectl/yaml.ts'
import type { Process, Wait } from '../../../runtime/process.ts'
import { waitFor } from '../../../runtime/process.ts'
import { clientFor, refusedRequest } from '../../cluster-client.ts'
import { type Invocation, KubeadmError } from './command-line.ts'
import type { JoinConfiguration } from './join-configuration.ts'
import { publicKeyHash } from './public-key-hash.ts'

const DISCOVERY_MS = 5 * 60_000
const DISCOVERY_POLL_MS = 5000

/** The cluster, as the machine has come to know it, and with what the kubelet asks for its first certificate. */
export interface Identity {
  readonly authority: string
  /** `172.18.0.2:6443` */
  readonly server: string
  readonly credentials: Credentials
}

export type Credentials = { readonly token: string } | { readonly certificate: string; readonly key: string }

/** With these words, what the machine is told of the cluster is not believed. */
const failed = (why: string): KubeadmError =>
  new KubeadmError(`error execution phase preflight: couldn't validate the identity of the API Server: ${why}`)

/** @throws KubeadmError */
export function* discover(
  invocation: Invocation,
  { bootstrapToken, file, tlsBootstrapToken }: JoinConfiguration,
): Generator<Wait, Identity, unknown> {
  if (bootstrapToken)
    return { ...(yield* discoverByToken(invocation, bootstrapToken)), credentials: { token: tlsBootstrapToken } }
  const path = file!.kubeConfigPath
  if (path.startsWith('https:'))
    throw new KubeadmError('podium: a discovery file behind a URL is not simulated: fetch it, and name the file')
  const { credentials, ...found } = yield* discoverByFile(invocation, path)
  const own = tlsBootstrapToken === '' ? credentials : { token: tlsBootstrapToken }
  if (!own)
    throw new KubeadmError(
      'error execution phase preflight: could not find authentication credentials for the TLS bootstrap process. Please use Token discovery, a discovery file with embedded authentication credentials or a discovery file without authentication credentials but with the TLSBootstrapToken flag',
    )
  return { ...found, credentials: own }
}

/**
 * What a kubeconfig says of its cluster: the server has to show a certificate that the file's authority has signed. Simplified: of who asks,
 * a token, or a certificate and its key. Source: cmd/kubeadm/app/discovery/file @throws KubeadmError
 */
function* discoverByFile(
  { process, machine }: Invocation,
  path: string,
): Generator<Wait, Omit<Identity, 'credentials'> & { credentials?: Credentials }, unknown> {
  const { cluster, user } = partsOfKubeconfig(process, path)
  const [authority, certificate, key] = [
    materialOf(process, cluster, 'certificate-authority'),
    materialOf(process, user, 'client-certificate'),
    materialOf(process, user, 'client-key'),
  ]
  const token = typeof user.token === 'string' ? user.token : ''
  const credentials = token ? { token } : certificate && key ? { certificate, key } : undefined
  const server = String(cluster.server ?? '')
  const holder = token ? machine.userOfToken(token) : certificate ? undefined : anonymous
  const where: Destination = {
    server,
    host: server.replace(/^\w+:\/\//, '').split(':')[0]!,
    authorities: authority,
    certificate,
    hasToken: holder !== undefined,
  }
  const endMs = process.nowEpochMs() + DISCOVERY_MS
  for (;;) {
    try {
      clientFor(machine, where, holder).get(configMaps, CLUSTER_INFO)
      break
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      // Whoever wrote the file may have closed the ConfigMap: the certificate of the server has held.
      if (error.code === 403) break
      const why =
        error.reason === 'Unreachable' ? refusedRequest(where, CLUSTER_INFO_PATH, error.message) : error.message
      if (process.nowEpochMs() >= endMs)
        throw failed(`Abort reading the cluster-info ConfigMap after timeout of 5m0s: ${why}`)
    }
    yield* waitFor(process.sleep(DISCOVERY_POLL_MS))
  }
  if (!readFirstCertificate(authority ?? ''))
    throw new KubeadmError(
      'error execution phase preflight: could not get CA certificate from discovery kubeconfig: data does not contain any valid RSA or ECDSA certificates',
    )
  return { authority: authority!, server: server.replace(/^https:\/\//, ''), credentials }
}

/** The cluster of a kubeconfig that has no name, or else that of its context, and the context's user. @throws KubeadmError */
function partsOfKubeconfig(process: Process, path: string): { cluster: Fields; user: Fields } {
  let value: unknown
  try {
    value = parseYamlValue(openFile(process, path))
  } catch (error) {
    if (error instanceof CommandFailed) throw failed(error.message)
    if (!(error instanceof KubectlError)) throw error
    throw failed(`error loading config file ${JSON.stringify(path)}: ${error.message.replace(/^.*?(?=yaml:)/s, '')}`)
  }
  const { clusters, contexts, users, 'current-context': current = '' } = isRecord(value) ? value : {}
  const named = (list: unknown, name: unknown, field: string): Fields | undefined => {
    const found: unknown = Array.isArray(list) ? list.find((item) => isRecord(item) && item.name === name) : undefined
    return isRecord(found) && isRecord(found[field]) ? found[field] : undefined
  }
  if (!Array.isArray(clusters) || clusters.length === 0)
    throw failed('the provided kubeconfig file must have at least one Cluster defined')
  const context = named(contexts, current, 'context')
  const cluster = named(clusters, '', 'cluster') ?? named(clusters, context?.cluster, 'cluster')
  if (!cluster)
    throw failed(
      `the provided kubeconfig file is malformed: ${context ? 'no matching cluster for the current context' : 'the current context is invalid'}: ${String(current)}`,
    )
  return { cluster, user: named(users, context?.user, 'user') ?? {} }
}

type Fields = Record<string, unknown>

/** What stands in a kubeconfig, or in the file that it names. @throws KubeadmError */
function materialOf(process: Process, of: Fields, name: string): string | undefined {
  const [data, path] = [of[`${name}-data`], of[name]]
  if (typeof data === 'string') return decodeBase64Text(data) ?? ''
  if (typeof path !== 'string') return undefined
  try {
    return openFile(process, path)
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    throw failed(error.message)
  }
}

const anonymous = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

const CLUSTER_INFO = { namespace: 'kube-public', name: 'cluster-info' }
const CLUSTER_INFO_PATH = '/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s'

/** What cluster-info says, once the token and the hash of the authority vouch for it. @throws KubeadmError */
function* discoverByToken(
  { process, machine }: Invocation,
  { apiServerEndpoint, token, caCertHashes: hashes }: NonNullable<JoinConfiguration['bootstrapToken']>,
): Generator<Wait, Omit<Identity, 'credentials'>, unknown> {
  const [host = '', port = ''] = apiServerEndpoint.split(':')
  const where: Destination = {
    server: `https://${host}:${port}`,
    host,
    // Whom it may trust it is about to be told.
    authorities: undefined,
    certificate: undefined,
    hasToken: true,
  }
  const endMs = process.nowEpochMs() + DISCOVERY_MS
  let text: string | undefined
  for (let why = ''; text === undefined; ) {
    try {
      const { data = {} } = clientFor(machine, where, anonymous).get(configMaps, CLUSTER_INFO)
      if (machine.signsWith(token)) text = data.kubeconfig ?? ''
      why = `could not find a JWS signature in the cluster-info ConfigMap for token ID ${JSON.stringify(token.slice(0, 6))}`
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      const told =
        error.reason === 'Unreachable' ? refusedRequest(where, CLUSTER_INFO_PATH, error.message) : error.message
      why = `failed to request the cluster-info ConfigMap: ${told}`
    }
    if (text !== undefined) break
    if (process.nowEpochMs() >= endMs) throw failed(why)
    yield* waitFor(process.sleep(DISCOVERY_POLL_MS))
  }
  const { 'certificate-authority-data': data, server } = clusterIn(parseYamlValue(text))
  const authority = typeof data === 'string' ? (decodeBase64Text(data) ?? '') : ''
  const found = readFirstCertificate(authority)
  if (!found || typeof server !== 'string') throw failed('malformed kubeconfig in the cluster-info ConfigMap')
  const own = `sha256:${publicKeyHash(found)}`
  const malformed = hashes.find((hash) => !/^sha256:[0-9a-f]{64}$/i.test(hash))
  if (malformed !== undefined)
    throw failed(
      `invalid discovery token CA certificate hash: invalid hash ${JSON.stringify(malformed)}, expected a public key hash of the form "sha256:HEX"`,
    )
  if (hashes.length > 0 && !hashes.some((hash) => hash.toLowerCase() === own))
    throw failed(
      `cluster CA found in cluster-info ConfigMap is invalid: none of the public keys ${JSON.stringify(own)} are pinned`,
    )
  return { authority, server: server.replace(/^https:\/\//, '') }
}

/** The cluster of a kubeconfig that has one. */
function clusterIn(kubeconfig: unknown): Record<string, unknown> {
  const clusters = isRecord(kubeconfig) ? kubeconfig.clusters : undefined
  const first: unknown = Array.isArray(clusters) ? clusters[0] : undefined
  return isRecord(first) && isRecord(first.cluster) ? first.cluster : {}
}
