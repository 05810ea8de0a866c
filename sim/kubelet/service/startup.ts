/**
 * What becomes of a kubelet that is started: which command it is, whether its files let it run, and where it looks for the API server.
 * Simplified: of its configuration only what names files, sockets and the API server is read, whom it lets in where, what it keeps of its
 * machine, how many Pods it takes and where they ask for names; the rest is what the machine is.
 * Sources: cmd/kubelet/app/server.go, pkg/kubelet/kubeletconfig, pkg/kubelet/certificate/bootstrap; systemd, exec_spawn
 */

import { decodeBase64Text } from '../../api/meta/base64.ts'
import { isRecord, jsonTypeName } from '../../api/meta/json.ts'
import { isIPv4, isIPv6 } from '../../api/meta/names.ts'
import { WorkExceeded } from '../../engine/work.ts'
import { type ContainerFiles, executableMark } from '../../runtime/file-system.ts'
import { FileError } from '../../runtime/files.ts'
import { nodeProgramMark } from '../../runtime/kernel.ts'
import { pflagStyle, readFlags } from '../../text/go-flags.ts'
import type { ParseManifest } from '../manifest-files.ts'
import { kubeletFlags } from './flags.ts'
import { type Reservation, reservationIn, reservationProblem } from './reservation.ts'
import { commandOf, type LoadedUnit } from './unit.ts'

const RUNTIME_SOCKETS: readonly string[] = [
  'unix:///run/containerd/containerd.sock',
  'unix:///var/run/containerd/containerd.sock',
]
/** Its certificate and its key, where kubeadm's kubeconfig of it says that they are. */
export const kubeletCredential = '/var/lib/kubelet/pki/kubelet-client-current.pem'

export interface Startup {
  readonly argv: readonly string[]
  /** Why it ends at once; undefined where it runs. */
  readonly failure?: StartFailure
  /** What its kubeconfig says; undefined where that was always right. */
  readonly server?: ApiServerPlace
  /** It has no kubeconfig: it runs what stands in its files, and asks nobody. */
  readonly isAlone?: boolean
  /** It waits for its first certificate. */
  readonly isBootstrapping?: boolean
  readonly letsIn?: LetsIn
  /** On which it answers everybody, without encryption; 0 for none. */
  readonly readOnlyPort?: number
  /** What it keeps of its machine; the usual unless told. */
  readonly reservation?: Reservation
  /** What its Pods get; the usual where it is not told. */
  readonly forPods?: ForPods
}

/** Source: KubeletConfiguration of kubelet.config.k8s.io/v1beta1 */
export interface ForPods {
  readonly maxPods: number
  /** Addresses of name servers for Pods of dnsPolicy ClusterFirst; without one they ask those of the node. */
  readonly clusterDNS: readonly string[]
  /** '' where names of Services are not completed. */
  readonly clusterDomain: string
}

/** Whom it answers. Source: buildAuth in kubernetes/cmd/kubelet/app/auth.go */
export interface LetsIn {
  /** It has the API server look at tokens. */
  readonly tokens: boolean
  /** Somebody without credentials is `system:anonymous`. */
  readonly anonymous: boolean
  /** Whoever is let in may do everything. */
  readonly allToAll: boolean
  /** In PEM, who signs the certificates of those whom it knows by them; '' where it looks at none, undefined for the cluster's own authority. */
  readonly clientAuthorities?: string
}

/** Where the API server is, and what the kubelet shows it. */
export interface ApiServerPlace {
  readonly host: string
  readonly port: number
  /** In PEM; '' where it has none. */
  readonly certificate: string
}

export interface StartFailure {
  /** Lines of systemd, where there is nothing to run; else the last words of the kubelet. */
  readonly systemd?: readonly string[]
  readonly message?: string
  /** As systemd tells it: `1/FAILURE`. */
  readonly status: string
}

/** What it has of its node. */
export interface StartupFiles {
  readonly files: ContainerFiles
  /** Whether a file is as it was when the machine was set up: then what it says is known. */
  isUntouched(path: string): boolean
  /** Which release the program at a path is; undefined for what is no kubelet. */
  releaseOf(path: string): string | undefined
  parse: ParseManifest
  /** What the machine has. */
  readonly capacity: { cpu: string; memory: string }
}

/** @param unit as it was when systemd read it last */
export function startupOf(unit: LoadedUnit, place: StartupFiles): Startup {
  const argv = commandOf(unit, place.files)
  const [binary = ''] = argv
  const failed = executionProblem(place, binary)
  if (failed) return { argv: argv.length > 0 ? argv : ['(kubelet)'], failure: failed }
  try {
    return { argv, ...run(argv, place) }
  } catch (error) {
    if (!(error instanceof KubeletError)) throw error
    return { argv, failure: { message: error.message, status: '1/FAILURE' } }
  }
}

/** The kubelet ends with these words. */
class KubeletError extends Error {}

const failedToRun = (why: string): KubeletError => new KubeletError(`failed to run Kubelet: ${why}`)

/** Source: ValidateKubeletConfiguration in kubernetes/pkg/kubelet/apis/config/validation */
const invalid = (why: string): KubeletError =>
  new KubeletError(
    `failed to validate kubelet configuration, error: invalid configuration: ${why}, path: &TypeMeta{Kind:,APIVersion:,}`,
  )

/** Why there is no kubelet to run at a path. */
function executionProblem({ files, releaseOf }: StartupFiles, path: string): StartFailure | undefined {
  const notExecuted = (why: string, ...before: string[]): StartFailure => ({
    systemd: [...before, `kubelet.service: Failed at step EXEC spawning ${path}: ${why}`],
    status: '203/EXEC',
  })
  const noSuchFile = 'No such file or directory'
  if (path === '') return notExecuted('Argument list too long')
  if (!files.exists(path))
    return notExecuted(noSuchFile, `kubelet.service: Unable to locate executable '${path}': ${noSuchFile}`)
  const { type, mode } = files.stat(path)
  if (type !== 'file' || (mode & 0o111) === 0) return notExecuted('Permission denied')
  const text = files.read(path)
  if (text.startsWith(`${executableMark}${nodeProgramMark}/usr/bin/kubelet`) && releaseOf(path)) return undefined
  // Another program does what it does, and is over.
  return text.startsWith(executableMark) || text.startsWith('#!')
    ? { status: '1/FAILURE' }
    : notExecuted('Exec format error')
}

/** @throws KubeletError */
function run(argv: readonly string[], place: StartupFiles): Omit<Startup, 'argv' | 'failure'> {
  const { files } = place
  const read = readFlags(argv.slice(1), kubeletFlags, pflagStyle)
  if ('error' in read) throw new KubeletError(`failed to parse kubelet flag: ${read.error}`)
  const { flags, positional } = read
  if (positional.length > 0) throw new KubeletError(`unknown command ${positional[0]}`)
  const path = flags.get('config')
  const config = path ? configurationIn(place, path) : {}
  const way = wayToServer(place, flags)
  const authority = flags.get('client-ca-file') ?? config.clientCAFile
  const clientAuthorities = authority ? readOrFail(files, authority, failedToRun) : ''
  if (authority) {
    if (!clientAuthorities.includes('-----BEGIN CERTIFICATE-----'))
      throw failedToRun(
        `error loading CA bundle for "client-ca-bundle::${authority}": data does not contain any valid RSA or ECDSA certificates`,
      )
  }
  const socket = flags.get('container-runtime-endpoint') || config.containerRuntimeEndpoint || RUNTIME_SOCKETS[0]!
  const endpoint = socket.includes('://') ? socket : `unix://${socket}`
  if (!RUNTIME_SOCKETS.includes(`unix://${followed(files, endpoint.replace('unix://', ''))}`))
    throw failedToRun(
      `validate service connection: validate CRI v1 runtime API for endpoint ${JSON.stringify(endpoint)}: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${endpoint.replace('unix://', '')}: connect: no such file or directory"`,
    )
  // Flags win; without a file for its configuration the defaults are those of flags, which let everybody do everything.
  const isOn = (flag: string): boolean | undefined =>
    flags.has(flag) ? !['false', 'f', '0'].includes(flags.get(flag)!.toLowerCase()) : undefined
  const anonymous = isOn('anonymous-auth') ?? config.anonymous ?? !path
  const tokens = isOn('authentication-token-webhook') ?? config.tokens ?? path !== undefined
  const mode = flags.get('authorization-mode') ?? config.authorizationMode ?? (path ? 'Webhook' : 'AlwaysAllow')
  const port = flags.get('read-only-port')
  const readOnlyPort = port === undefined ? (config.readOnlyPort ?? (path ? 0 : READ_ONLY_PORT)) : Number(port)
  if (readOnlyPort < 0 || readOnlyPort > 65_535)
    throw invalid(`readOnlyPort (--read-only-port) ${readOnlyPort} must be between 0 and 65535, inclusive`)
  if (config.forPods && config.forPods.maxPods < 0)
    throw invalid(`maxPods (--max-pods) ${config.forPods.maxPods} must not be a negative number`)
  const reservation = reservationIn(flags, config.reserves ?? {}, failedToRun)
  const tooMuch = reservationProblem(reservation, place.capacity)
  if (tooMuch) throw failedToRun(`failed to start ContainerManager: ${tooMuch}`)
  return {
    ...way,
    readOnlyPort,
    reservation,
    ...(config.forPods ? { forPods: config.forPods } : {}),
    letsIn: { anonymous, tokens, allToAll: mode === 'AlwaysAllow', clientAuthorities },
  }
}

/** Without a configuration a kubelet listens there. Source: applyLegacyDefaults in kubernetes/cmd/kubelet/app/options/options.go */
const READ_ONLY_PORT = 10_255

interface Configuration {
  clientCAFile?: string
  containerRuntimeEndpoint?: string
  anonymous?: boolean
  tokens?: boolean
  authorizationMode?: string
  readOnlyPort?: number
  /** As it stands there: kubeReserved, systemReserved, evictionHard. */
  reserves?: Readonly<Record<string, unknown>>
  forPods?: ForPods
}

/** @throws KubeletError */
function configurationIn({ files, isUntouched, parse }: StartupFiles, path: string): Configuration {
  const failed = (why: string): KubeletError =>
    new KubeletError(
      `failed to load kubelet config file, path: ${path}, error: failed to load Kubelet config file ${path}, error ${why}`,
    )
  const text = readOrFail(files, path, (why) =>
    failed(`failed to read kubelet config file ${JSON.stringify(path)}, error: ${why}`),
  )
  if (isUntouched(path)) return { clientCAFile: '/etc/kubernetes/pki/ca.crt' }
  if (text.trim() === '') throw failed(`kubelet config file ${JSON.stringify(path)} was empty`)
  const value = parsed(text, path, parse, (reason) => failed(`failed to decode: ${reason}`))
  const { kind, apiVersion } = value
  if (!kind) throw failed(`failed to decode: Object 'Kind' is missing in '${JSON.stringify(value).slice(0, 200)}'`)
  if (kind !== 'KubeletConfiguration' || !/^kubelet\.config\.k8s\.io\/v1(?:alpha1|beta1)$/.test(String(apiVersion)))
    throw failed(
      `failed to decode: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? '')} in scheme "k8s.io/kubernetes/pkg/kubelet/apis/config/scheme/scheme.go:33"`,
    )
  const mistyped = (found: unknown, field: string, type: string): KubeletError =>
    failed(
      `failed to decode: json: cannot unmarshal ${jsonTypeName(found)} into Go struct field KubeletConfiguration.${field} of type ${type}`,
    )
  const textIn = (of: unknown, name: string, field: string): string | undefined => {
    const found = isRecord(of) ? of[name] : undefined
    if (found === undefined || found === null || typeof found === 'string') return found ?? undefined
    throw mistyped(found, field, 'string')
  }
  const portIn = (found: unknown): number | undefined => {
    if (found === undefined || found === null || Number.isInteger(found)) return (found as number | null) ?? undefined
    throw mistyped(found, 'readOnlyPort', 'int32')
  }
  const authentication = isRecord(value.authentication) ? value.authentication : {}
  const isEnabled = (of: unknown): boolean | undefined =>
    isRecord(of) && typeof of.enabled === 'boolean' ? of.enabled : undefined
  return {
    clientCAFile: textIn(authentication.x509, 'clientCAFile', 'authentication.x509.clientCAFile'),
    containerRuntimeEndpoint: textIn(value, 'containerRuntimeEndpoint', 'containerRuntimeEndpoint'),
    anonymous: isEnabled(authentication.anonymous) ?? false,
    tokens: isEnabled(authentication.webhook) ?? true,
    authorizationMode: textIn(value.authorization, 'mode', 'authorization.mode'),
    readOnlyPort: portIn(value.readOnlyPort),
    reserves: value,
    forPods: forPodsIn(value, mistyped),
  }
}

function forPodsIn(
  { maxPods, clusterDNS, clusterDomain }: Readonly<Record<string, unknown>>,
  mistyped: (found: unknown, field: string, type: string) => KubeletError,
): ForPods {
  if (maxPods !== undefined && maxPods !== null && !Number.isInteger(maxPods))
    throw mistyped(maxPods, 'maxPods', 'int32')
  if (clusterDNS !== undefined && clusterDNS !== null && !Array.isArray(clusterDNS))
    throw mistyped(clusterDNS, 'clusterDNS', '[]string')
  if (clusterDomain !== undefined && clusterDomain !== null && typeof clusterDomain !== 'string')
    throw mistyped(clusterDomain, 'clusterDomain', 'string')
  // What is no address is passed over with a line in the log.
  const servers = ((clusterDNS ?? []) as unknown[]).map(String).filter((one) => isIPv4(one) || isIPv6(one))
  // 0 is what the defaults take for nothing.
  return { maxPods: Number(maxPods ?? 0) || MAX_PODS, clusterDNS: servers, clusterDomain: clusterDomain ?? '' }
}

const MAX_PODS = 110

/** As connect(2) follows it: a path that leads nowhere is as it is written. */
function followed(files: ContainerFiles, path: string): string {
  try {
    return files.resolve(path)
  } catch (error) {
    if (error instanceof FileError) return path
    throw error
  }
}

/** Where the kubeconfig leads, and with what. @throws KubeletError without one that can be read */
function wayToServer(
  { files, isUntouched, parse }: StartupFiles,
  flags: ReadonlyMap<string, string>,
): Pick<Startup, 'server' | 'isAlone' | 'isBootstrapping'> {
  const [path, bootstrap] = [flags.get('kubeconfig'), flags.get('bootstrap-kubeconfig')]
  if (!path) return { isAlone: true }
  if (!files.exists(path)) {
    if (!bootstrap) throw failedToRun(`invalid kubeconfig: stat ${path}: no such file or directory`)
    if (files.exists(bootstrap)) return { isBootstrapping: true }
    throw failedToRun(`unable to load bootstrap kubeconfig: stat ${bootstrap}: no such file or directory`)
  }
  const text = readOrFail(files, path, (why) => failedToRun(`invalid kubeconfig: ${why}`))
  const credentialIn = (file: string): string =>
    readOrFail(files, file, (why) => failedToRun(`invalid configuration: unable to read client-cert ${file}: ${why}`))
  if (isUntouched(path)) {
    if (!isUntouched(kubeletCredential)) credentialIn(kubeletCredential)
    return {}
  }
  const value = parsed(text, path, parse, (reason) => failedToRun(`error loading config file "${path}": ${reason}`))
  const named = (list: unknown, name: unknown): Record<string, unknown> => {
    const found = Array.isArray(list) ? list.find((item) => isRecord(item) && item.name === name) : undefined
    return isRecord(found) ? found : {}
  }
  const { context } = named(value.contexts, value['current-context'])
  const names = isRecord(context) ? context : {}
  const { cluster } = named(value.clusters, names.cluster)
  const { user } = named(value.users, names.user)
  const address = isRecord(cluster) && typeof cluster.server === 'string' ? cluster.server : ''
  if (!address) throw failedToRun('invalid configuration: no configuration has been provided')
  const [, scheme = 'https', host = '', port] = /^(?:(\w+):\/\/)?([^:/]+)(?::(\d+))?/.exec(address) ?? []
  const { 'client-certificate': file, 'client-certificate-data': data } = isRecord(user) ? user : {}
  const certificate =
    typeof file === 'string' ? credentialIn(file) : typeof data === 'string' ? (decodeBase64Text(data) ?? '') : ''
  return { server: { host, port: Number(port ?? (scheme === 'http' ? 80 : 443)), certificate } }
}

/** @throws what `words` makes of it, for a text that is no YAML */
function parsed(
  text: string,
  path: string,
  parse: ParseManifest,
  words: (reason: string) => KubeletError,
): Record<string, unknown> {
  let value: unknown
  try {
    value = parse(text, path)
  } catch (error) {
    if (!(error instanceof Error) || error instanceof FileError || error instanceof WorkExceeded) throw error
    throw words(error.message.slice(Math.max(0, error.message.indexOf('yaml:'))))
  }
  if (!isRecord(value)) throw words('it holds no object')
  return value
}

/** @throws what `words` makes of it, as Go words why */
function readOrFail(files: ContainerFiles, path: string, words: (why: string) => KubeletError): string {
  try {
    return files.read(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw words(
      error.code === 'EISDIR' ? `read ${path}: is a directory` : `open ${path}: ${error.message.toLowerCase()}`,
    )
  }
}
