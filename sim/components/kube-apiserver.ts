/**
 * kube-apiserver as a program: reads its flags and files, waits for etcd, and then the API server answers. What it cannot start with is
 * told in the words of v1.36, in the order in which it finds out. Simplified: of its flags, only those that name files, addresses and
 * ports do something; others are told to be without effect.
 * Sources: cmd/kube-apiserver/app, pkg/controlplane/apiserver/options/validation.go, apiserver/pkg/server/options
 */

import { StatusError } from '../api/meta/status-error.ts'
import { SwitchedLink } from '../client/link.ts'
import type { Run } from '../images/programs/support.ts'
import { dialError } from '../kubelet/probe-checks.ts'
import { apiServerIP, apiServerPort } from '../network/address.ts'
import type { PortServer, TcpResult } from '../network/types.ts'
import { holdsCertificates, keyPairProblem } from '../pki/key-pair.ts'
import { clientDistrustOf, distrustOf, readFirstCertificate } from '../pki/x509.ts'
import type { Process, Program, Wait } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { type AdmitsAnonymous, anonymousOf } from './anonymous.ts'
import {
  CommandFailed,
  type ControlPlaneHost,
  DIAL_MS,
  type Flags,
  klogOf,
  listenOrFail,
  listOf,
  openFlag,
  partsOf,
  readComponentFlags,
  releaseOf,
  runComponent,
  tellOfUnused,
  untilEnd,
} from './component.ts'
import { notVerified } from './trust.ts'

const MEMORY_BYTES = 280 * 1024 * 1024
const START_CPU_MS = 1500
/** It gives up when etcd did not answer for so long. Source: context of the storage's start, 20 s */
const ETCD_PATIENCE_MS = 20_000
const ETCD_RETRY_MS = 1000
/** How often it looks whether its certificate was renewed. Source: apiserver/pkg/server/dynamiccertificates FileRefreshDuration */
const RELOAD_MS = 60_000

const admissionPlugins = new Set(
  (
    'AlwaysAdmit AlwaysDeny AlwaysPullImages CertificateApproval CertificateSigning CertificateSubjectRestriction ClusterTrustBundleAttest ' +
    'DefaultIngressClass DefaultStorageClass DefaultTolerationSeconds DenyServiceExternalIPs EventRateLimit ExtendedResourceToleration ' +
    'ImagePolicyWebhook JobValidation LimitPodHardAntiAffinityTopology LimitRanger MutatingAdmissionPolicy MutatingAdmissionWebhook ' +
    'NamespaceAutoProvision NamespaceExists NamespaceLifecycle NodeDeclaredFeatureValidator NodeRestriction ' +
    'OwnerReferencesPermissionEnforcement PersistentVolumeClaimResize PodGroupProtection PodGroupWorkloadExists PodNodeSelector ' +
    'PodResizeValidator PodSecurity PodTolerationRestriction PodTopologyLabels Priority ResourceQuota RuntimeClass ServiceAccount ' +
    'StorageObjectInUseProtection TaintNodesByCondition ValidatingAdmissionPolicy ValidatingAdmissionWebhook'
  ).split(' '),
)
const authorizationModes = new Set(['AlwaysAllow', 'AlwaysDeny', 'ABAC', 'Webhook', 'RBAC', 'Node'])

export const kubeApiServer =
  (host: ControlPlaneHost): Program =>
  (process) =>
    runComponent(process, () => run(process, host))

function* run(process: Process, host: ControlPlaneHost): Run {
  const flags = readComponentFlags(process, 'kube-apiserver')
  if (typeof flags === 'number') return flags
  const klog = klogOf(process)
  checkOptions(flags)
  klog.print(
    'I',
    'options.go:263',
    `external host was not specified, using ${flags.get('advertise-address') ?? host.ip}`,
  )
  process.useMemory(MEMORY_BYTES)
  openFlag(
    process,
    flags,
    'service-account-signing-key-file',
    (why) => `failed to parse service-account-issuer-key-file: ${why}`,
  )
  const serving = new ServingPair(process, flags)
  const clientAuthorities = readAuthorities(process, flags)
  const admitsAnonymous = anonymousOf(process, flags)
  openFlag(process, flags, 'service-account-key-file')
  for (const flag of ['etcd-cafile', 'etcd-certfile', 'etcd-keyfile']) openFlag(process, flags, flag)
  klog.print('I', 'server.go:187', `Version: ${releaseOf(process)}`)
  tellOfUnused(process, 'kube-apiserver', flags, host)
  yield* waitFor(process.cpu(START_CPU_MS))
  openFlag(process, flags, 'requestheader-client-ca-file')
  yield* untilEtcdAnswers(process, flags, host)
  const openPart = (flag: string): string =>
    openFlag(process, flags, flag, (why) => `problem initializing API group "": ${why}`)
  let kubeletClient = openPart('kubelet-client-certificate')
  openPart('kubelet-client-key')
  for (const flag of ['proxy-client-cert-file', 'proxy-client-key-file']) openFlag(process, flags, flag)

  const port = Number(flags.get('secure-port') ?? apiServerPort)
  const close = listenOrFail(process, '0.0.0.0', port, forwarding(host, admitsAnonymous))
  klog.print('I', 'secure_serving.go:214', `Serving securely on [::]:${port}`)
  process.useCpu(60)
  // Where nobody looks for it, it answers nobody.
  const trust = new SwitchedLink()
  let leave: () => void
  const distrust = (): string | undefined =>
    distrustOf(serving.certificate, {
      host: apiServerIP,
      authorities: host.trust.clusterAuthority(),
      nowEpochMs: process.nowEpochMs(),
    })
  const follow = (): void => {
    serving.reload()
    kubeletClient = unlessFailed(() => openFlag(process, flags, 'kubelet-client-certificate')) ?? kubeletClient
    if (distrust() === undefined) trust.open()
    else trust.cut('not trusted', () => notVerified(distrust() ?? ''))
    leave = host.later(Math.min(RELOAD_MS, serving.msUntilExpiry()), follow)
  }
  follow()
  const tls = {
    certificate: () => serving.certificate,
    clientAuthorities: () => clientAuthorities,
    kubeletClient: () => kubeletClient,
  }
  const running =
    port === apiServerPort
      ? host.run('kube-apiserver', { host: host.name, link: trust, tls, admitsAnonymous, release: releaseOf(process) })
      : undefined
  const exitCode = yield* untilEnd(
    process,
    () => undefined,
    () => {
      leave()
      running?.stop()
    },
  )
  close()
  klog.say('I', 'genericapiserver.go:700', '[graceful-termination] shutdown event', { name: 'ShutdownInitiated' })
  return exitCode
}

/** What it shows: read from its files again and again, so that a renewed certificate is shown without a restart. */
class ServingPair {
  certificate = ''
  private readonly process: Process
  private readonly flags: Flags

  /** @throws CommandFailed */
  constructor(process: Process, flags: Flags) {
    this.process = process
    this.flags = flags
    this.load()
  }

  private load(): void {
    const [certificate, key] = ['tls-cert-file', 'tls-private-key-file'].map((flag) =>
      openFlag(this.process, this.flags, flag),
    )
    if (!certificate && !key) return
    const problem = keyPairProblem(certificate, key)
    if (problem !== undefined) throw new CommandFailed(problem)
    this.certificate = certificate
  }

  /** Keeps what it has where the files are no pair. */
  reload(): void {
    unlessFailed(() => this.load())
  }

  msUntilExpiry(): number {
    const { notAfterMs = 0 } = readFirstCertificate(this.certificate) ?? {}
    const left = notAfterMs + 1 - this.process.nowEpochMs()
    return left > 0 ? left : Number.POSITIVE_INFINITY
  }
}

/** What is read again while the process runs; undefined where that fails. */
function unlessFailed<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    return undefined
  }
}

/** @throws CommandFailed */
function readAuthorities(process: Process, flags: Flags): string {
  const path = flags.get('client-ca-file')
  const text = openFlag(process, flags, 'client-ca-file')
  if (path && !holdsCertificates(text))
    throw new CommandFailed(
      text === ''
        ? `missing content for CA bundle "client-ca-bundle::${path}"`
        : `error loading CA bundle for "client-ca-bundle::${path}": data does not contain any valid RSA or ECDSA certificates`,
    )
  return text
}

/** @throws CommandFailed with all that is wrong */
function checkOptions(flags: Flags): void {
  const errors: string[] = []
  if (!flags.get('etcd-servers')) errors.push('--etcd-servers must be specified')
  const port = Number(flags.get('secure-port') ?? apiServerPort)
  if (port < 1 || port > 65_535)
    errors.push(`--secure-port ${port} must be between 1 and 65535, inclusive. It cannot be turned off with 0`)
  for (const mode of listOf(flags.get('authorization-mode')))
    if (!authorizationModes.has(mode)) errors.push(`authorization-mode ${JSON.stringify(mode)} is not a valid mode`)
  if (!flags.get('service-account-issuer')) errors.push('service-account-issuer is a required flag')
  if (!flags.get('service-account-key-file'))
    errors.push('either `--service-account-key-file` or `--service-account-signing-endpoint` must be set')
  for (const plugin of ['enable-admission-plugins', 'disable-admission-plugins'])
    for (const name of listOf(flags.get(plugin)))
      if (!admissionPlugins.has(name)) errors.push(`${plugin} plugin ${JSON.stringify(name)} is unknown`)
  const range = flags.get('service-cluster-ip-range')
  if (range !== undefined && !/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(range))
    errors.push('service-cluster-ip-range[0] is not a valid cidr')
  if (errors.length > 0) throw new CommandFailed(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`)
}

/** @throws CommandFailed when none of its servers answers in time */
function* untilEtcdAnswers(process: Process, flags: Flags, host: ControlPlaneHost): Generator<Wait, void, unknown> {
  const klog = klogOf(process)
  const servers = listOf(flags.get('etcd-servers'))
  const untilMs = process.nowEpochMs() + ETCD_PATIENCE_MS
  for (let channel = 1; process.nowEpochMs() < untilMs; channel++) {
    for (const server of servers) {
      const { scheme, name, port } = partsOf(server)
      const result = yield* waitFor(grpcConnection(process, name, port))
      const isEtcd = result.ok && result.status !== undefined && scheme === 'https'
      const refusal = isEtcd ? handshakeFailure(process, flags, host, name) : undefined
      if (isEtcd && refusal === undefined) return
      const why =
        refusal ??
        (result.ok || result.error === 'reset' || result.error === 'not-tls'
          ? 'error reading server preface: http2: frame too large'
          : `transport: Error while dialing: ${dialError(result, name, port, 'i/o timeout')}`)
      const address = `${name}:${port}`
      klog.print(
        'W',
        'logging.go:55',
        `[core] [Channel #${channel} SubChannel #${channel + 1}] grpc: addrConn.createTransport failed to connect to {Addr: "${address}", ServerName: "${address}", }. Err: connection error: desc = ${JSON.stringify(why)}`,
      )
    }
    yield* waitFor(process.sleep(ETCD_RETRY_MS))
  }
  throw new CommandFailed('context deadline exceeded')
}

/**
 * Why the API server and the etcd beside it do not trust each other; undefined when they do. Simplified: members on other nodes are
 * trusted, and so is an etcd that comes back while the API server runs. Source: crypto/tls, the names of its alerts
 */
function handshakeFailure(process: Process, flags: Flags, host: ControlPlaneHost, name: string): string | undefined {
  const { tls } = host.etcd
  if (!tls || ![host.ip, '127.0.0.1', 'localhost'].includes(name)) return undefined
  const read = (flag: string): string => openFlag(process, flags, flag)
  const nowEpochMs = process.nowEpochMs()
  const distrust = distrustOf(tls.certificate(), { host: name, authorities: read('etcd-cafile'), nowEpochMs })
  if (distrust !== undefined) return `transport: authentication handshake failed: ${notVerified(distrust)}`
  const { clientAuthorities: authorities } = tls
  if (authorities === undefined) return undefined
  if (!flags.get('etcd-certfile')) return 'error reading server preface: remote error: tls: certificate required'
  const rejected = clientDistrustOf(read('etcd-certfile'), { authorities, nowEpochMs })
  if (rejected === undefined) return undefined
  const alert = rejected.includes('expired')
    ? 'expired certificate'
    : rejected.includes('unknown authority')
      ? 'unknown certificate authority'
      : 'bad certificate'
  return `error reading server preface: remote error: tls: ${alert}`
}

/** Of what listens there, only etcd's clients' port speaks gRPC. */
const grpcConnection = (process: Process, host: string, port: number): Wait<TcpResult & { status?: string }> => ({
  start: (resume) => process.network.grpcHealth({ host, port }, '', DIAL_MS, resume),
})

const unauthorized = new StatusError(401, 'Unauthorized', 'Unauthorized')

/** The port of this node leads to where the API server answers. */
const forwarding = (host: ControlPlaneHost, admitsAnonymous: AdmitsAnonymous): PortServer => ({
  tls: true,
  http(request, reply) {
    const showsNothing =
      request.certificate === undefined &&
      !Object.keys(request.headers).some((name) => name.toLowerCase() === 'authorization')
    if (showsNothing && !admitsAnonymous(request.path.split('?', 1)[0]!)) {
      const body = `${JSON.stringify(unauthorized.toStatus(), null, 2)}\n`
      reply({ status: unauthorized.code, headers: { 'Content-Type': 'application/json' }, body })
      return
    }
    host.network.http({ host: apiServerIP, port: apiServerPort }, request, 60_000, (result) => {
      if (result.ok) reply(result.response)
    })
  },
})
