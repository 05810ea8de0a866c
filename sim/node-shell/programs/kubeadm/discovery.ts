/**
 * How a machine that joins comes to know the cluster: from cluster-info, for which a token and the hash of the authority vouch, or from a file.
 * Sources: cmd/kubeadm/app/discovery, discovery/token, discovery/file
 */

import { configMaps } from '../../../api/core/config-map.ts'
import { decodeBase64Text } from '../../../api/meta/base64.ts'
import { isRecord } from '../../../api/meta/json.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import { openFile, partsOf } from '../../../components/component.ts'
import type { Destination } from '../../../components/trust.ts'
import { KubectlError } from '../../../kubectl/errors.ts'
import { parseYamlValue } from '../../../kubectl/yaml.ts'
import { keyPairProblem } from '../../../pki/key-pair.ts'
import { readFirstCertificate } from '../../../pki/x509.ts'
import type { Process, Wait } from '../../../runtime/process.ts'
import { waitFor } from '../../../runtime/process.ts'
import { anonymous, clientFor, refusedRequest } from '../../cluster-client.ts'
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
  if (!readFirstCertificate(found.authority))
    throw new KubeadmError(
      'error execution phase preflight: could not get CA certificate from discovery kubeconfig: data does not contain any valid RSA or ECDSA certificates',
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
  const given = materialOf(process, cluster, 'certificate-authority', 'certificate authority file')
  const certificate = materialOf(process, user, 'client-certificate', 'client cert file')
  const key = materialOf(process, user, 'client-key', 'client key file')
  const token = tokenOf(process, user)
  const problem = certificate && key ? keyPairProblem(certificate, key) : undefined
  if (problem !== undefined) throw failed(problem)
  const credentials = token ? { token } : certificate && key ? { certificate, key } : undefined
  const server = String(cluster.server ?? '')
  const address = server.replace(/^https:\/\//, '')
  const holder = token ? machine.userOfToken(token) : certificate ? undefined : anonymous
  const where: Destination = {
    server,
    host: partsOf(server).name,
    // Nobody vouches for a server whose authority is not told.
    authorities: cluster['insecure-skip-tls-verify'] === true ? undefined : (given ?? ''),
    certificate,
    hasToken: holder !== undefined,
  }
  const endMs = process.nowEpochMs() + DISCOVERY_MS
  for (;;) {
    try {
      const { data = {} } = clientFor(machine, where, holder).get(configMaps, CLUSTER_INFO)
      const own = clusterIn(parseYamlValue(data.kubeconfig ?? ''))['certificate-authority-data']
      const authority = given || (typeof own === 'string' ? (decodeBase64Text(own) ?? '') : '')
      return { authority, server: address, credentials }
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      // Whoever wrote the file may have closed the ConfigMap: the certificate of the server has held.
      if (error.code === 403) return { authority: given ?? '', server: address, credentials }
      const why =
        error.reason === 'Unreachable' ? refusedRequest(where, CLUSTER_INFO_PATH, error.message) : error.message
      if (process.nowEpochMs() >= endMs)
        throw failed(`Abort reading the cluster-info ConfigMap after timeout of 5m0s: ${why}`)
    }
    yield* waitFor(process.sleep(DISCOVERY_POLL_MS))
  }
}

/** The cluster of a kubeconfig that has no name, or else that of its context, and the context's user. @throws KubeadmError */
function partsOfKubeconfig(process: Process, path: string): { cluster: Fields; user: Fields } {
  let value: unknown
  try {
    value = parseYamlValue(openFile(process, path, (why) => failed(why).message))
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    throw failed(error.message.replace(/^.*?(?=yaml:)/s, ''))
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

/** What stands in a kubeconfig, or in the file that it names. @param words for that file @throws CommandFailed */
function materialOf(process: Process, of: Fields, name: string, words: string): string | undefined {
  const [data, path] = [of[`${name}-data`], of[name]]
  if (typeof data === 'string' && data !== '') return decodeBase64Text(data) ?? ''
  return typeof path === 'string' && path !== '' ? fileNamed(process, path, words) : undefined
}

/** '' for none. @throws CommandFailed */
function tokenOf(process: Process, { token, tokenFile }: Fields): string {
  if (typeof token === 'string' && token !== '') return token
  return typeof tokenFile === 'string' && tokenFile !== '' ? fileNamed(process, tokenFile, 'token file').trim() : ''
}

const fileNamed = (process: Process, path: string, words: string): string =>
  openFile(process, path, (why) => failed(`error while reading ${words} defined in kubeconfig: ${why}`).message)

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
  for (const hash of hashes) {
    const problem = hashProblem(hash)
    if (problem !== undefined) throw failed(`invalid discovery token CA certificate hash: ${problem}`)
  }
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

/** Why a text is no hash of a public key. Source: cmd/kubeadm/app/util/pubkeypin */
function hashProblem(text: string): string | undefined {
  const [, format, value = ''] = /^([^:]*):([^:]*)$/.exec(text) ?? []
  if (format === undefined) return 'invalid hash, expected "format:hex-value". Known format(s) are: sha256'
  if (format.toLowerCase() !== 'sha256')
    return `unknown hash format ${JSON.stringify(format)}. Known format(s) are: sha256`
  const bytes = Math.floor(value.length / 2)
  if (bytes !== 32) return `invalid hash ${JSON.stringify(text)}, expected a 32 byte SHA-256 hash, found ${bytes} bytes`
  const [other] = /[^0-9a-f]/i.exec(value) ?? []
  if (other !== undefined)
    return `invalid hash ${JSON.stringify(text)}, could not decode SHA-256 from hex: encoding/hex: invalid byte: U+${other.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} '${other}'`
  return value.length % 2 === 1
    ? `invalid hash ${JSON.stringify(text)}, could not decode SHA-256 from hex: encoding/hex: odd length hex string`
    : undefined
}
