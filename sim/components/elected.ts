/**
 * kube-scheduler and kube-controller-manager as programs: each reads its flags and files, answers on its port, and works
 * while it holds its Lease. One that loses it ends, and its kubelet starts it again.
 * Sources: cmd/kube-scheduler/app/server.go, cmd/kube-controller-manager/app/controllermanager.go
 */
import { buildInfo, printMetrics } from '../client/component-metrics.ts'
import type { RunningComponent } from '../client/machinery.ts'
import type { Run } from '../images/programs/support.ts'
import { isLoopback } from '../images/programs/web-server.ts'
import type { Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import {
  type ControlPlaneHost,
  type Flags,
  type Klog,
  klogOf,
  listenOrFail,
  openFile,
  readComponentFlags,
  releaseOf,
  runComponent,
  tellOfUnused,
  untilEnd,
} from './component.ts'
import { controllersOf, openSigners } from './controller-manager-flags.ts'
import { destinationOf } from './kubeconfig.ts'
import { secureServer } from './secure-server.ts'
import { UNAUTHORIZED } from './trust.ts'
import { type WayToServer, wayTo } from './way.ts'

interface Elected {
  readonly name: 'kube-scheduler' | 'kube-controller-manager'
  readonly port: number
  readonly memoryBytes: number
  readonly startCpuMs: number
  /** Reads what it needs before it begins. @throws CommandFailed */
  open(process: Process, flags: Flags): void
  starting(klog: Klog, version: string): void
  /** Reads what it needs once it leads: by signer, the certificate that it signs with. @throws CommandFailed */
  openLeading?(process: Process, flags: Flags): ReadonlyMap<string, string>
  /** Whether a controller runs, by its name. @throws CommandFailed */
  controllers?(flags: Flags): (name: string) => boolean
  lost(klog: Klog): void
  /** It holds back what it says of its Lease until it has seen the cluster. */
  syncsFirst: boolean
}

const MEGABYTE = 1024 * 1024
const configuration = 'configmaps/extension-apiserver-authentication'

const scheduler: Elected = {
  name: 'kube-scheduler',
  port: 10259,
  memoryBytes: 30 * MEGABYTE,
  startCpuMs: 400,
  open(process, flags) {
    openDelegated(process, flags)
    if (flags.get('config')) openFile(process, flags.get('config')!)
  },
  starting: (klog, version) => klog.say('I', 'server.go:183', 'Starting Kubernetes Scheduler', { version }),
  lost: (klog) => klog.say('E', 'server.go:338', 'Leaderelection lost'),
  syncsFirst: true,
}

const controllerManager: Elected = {
  name: 'kube-controller-manager',
  port: 10257,
  memoryBytes: 60 * MEGABYTE,
  startCpuMs: 500,
  open(process, flags) {
    openDelegated(process, flags)
    const { client, requestHeader } = authorities(flags)
    if (client) openFile(process, client, (why) => `unable to load client CA provider: ${why}`)
    if (requestHeader)
      openFile(process, requestHeader, (why) => `unable to create request header authentication config: ${why}`)
  },
  starting: (klog, version) => klog.say('I', 'controllermanager.go:211', 'Starting', { version }),
  openLeading(process, flags) {
    const key = flags.get('service-account-private-key-file')
    if (key) openFile(process, key, (why) => `error reading key for service account token controller: ${why}`)
    const root = flags.get('root-ca-file')
    if (root) openFile(process, root, (why) => `error parsing root-ca-file at ${root}: ${why}`)
    return openSigners(process, flags)
  },
  controllers: controllersOf,
  lost: (klog) => klog.say('E', 'controllermanager.go:440', 'leaderelection lost/stopped'),
  syncsFirst: false,
}

const authorities = (flags: Flags) => ({
  client: flags.get('client-ca-file'),
  requestHeader: flags.get('requestheader-client-ca-file'),
})

function openDelegated(process: Process, flags: Flags): void {
  const authentication = flags.get('authentication-kubeconfig')
  const words = (why: string): string => `failed to get delegated authentication kubeconfig: ${why}`
  if (authentication) destinationOf(process, authentication, (why) => words(words(why)))
  const authorization = flags.get('authorization-kubeconfig')
  if (authorization)
    destinationOf(process, authorization, (why) => `failed to get delegated authorization kubeconfig: ${why}`)
}

export const kubeScheduler = (host: ControlPlaneHost): Program => programOf(scheduler, host)
export const kubeControllerManager = (host: ControlPlaneHost): Program => programOf(controllerManager, host)

const programOf =
  (elected: Elected, host: ControlPlaneHost): Program =>
  (process) =>
    runComponent(process, () => run(process, elected, host))

function* run(process: Process, elected: Elected, host: ControlPlaneHost): Run {
  const { name } = elected
  const flags = readComponentFlags(process, name)
  if (typeof flags === 'number') return flags
  const klog = klogOf(process)
  const runs = elected.controllers?.(flags)
  process.useMemory(elected.memoryBytes)
  klog.print('I', 'serving.go:411', 'Generated self-signed cert in-memory')
  const destination = destinationOf(process, flags.get('kubeconfig') ?? '')
  elected.open(process, flags)
  yield* waitFor(process.cpu(elected.startCpuMs))
  const way = yield* wayTo(process, host, destination)
  tellOfMissingConfiguration(klog, flags, way)
  elected.starting(klog, releaseOf(process))
  tellOfUnused(process, name, flags, host)
  const address = flags.get('bind-address') ?? '0.0.0.0'
  const port = Number(flags.get('secure-port') ?? elected.port)
  // Until it has seen the cluster once it is not ready.
  let hasSynced = false
  const notReady = (path: string): string | undefined => {
    hasSynced ||= way.failure() === undefined
    return path === '/readyz' && elected.syncsFirst && !hasSynced
      ? '[+]ping ok\n[-]sched-handler-sync failed: reason withheld\nreadyz check failed\n'
      : undefined
  }
  let running: RunningComponent | undefined
  const close =
    port > 0
      ? listenOrFail(
          process,
          address,
          port,
          secureServer({
            client: host.clientOf(name, way.link),
            nowMs: () => process.nowEpochMs(),
            isLocal: isLoopback(address),
            health: notReady,
            metrics: () => printMetrics([buildInfo(releaseOf(process)), ...(running?.families?.() ?? [])]),
          }),
        )
      : () => undefined
  klog.print('I', 'secure_serving.go:214', `Serving securely on ${address}:${port}`)
  process.useCpu(10)
  let failure: unknown
  let signers: ReadonlyMap<string, string> | undefined
  let leave: (() => void) | undefined
  const begin = (stop: (exitCode: number) => void): void => {
    leave = way.follow()
    if (!elected.syncsFirst || way.failure() === undefined)
      klog.say('I', 'leaderelection.go:258', 'Attempting to acquire leader lease...', { lock: `kube-system/${name}` })
    running = host.run(name, {
      host: host.name,
      link: way.link,
      ...(runs && {
        manager: {
          runs,
          signsWith: (signer) => signers?.get(signer),
          makesHostPaths: flags.get('enable-hostpath-provisioner') === 'true',
        },
      }),
      onRefused: (why) => tellOfRefusal(elected, klog, way, why),
      onLeading() {
        klog.say('I', 'leaderelection.go:272', 'Successfully acquired lease', { lock: `kube-system/${name}` })
        try {
          signers = elected.openLeading?.(process, flags)
        } catch (error) {
          failure = error
          stop(1)
        }
      },
      onLost() {
        elected.lost(klog)
        stop(1)
      },
    })
  }
  const exitCode = yield* untilEnd(process, begin, () => {
    running?.stop()
    leave?.()
  })
  close()
  if (failure !== undefined) throw failure
  return exitCode
}

/** Without the ConfigMap that says who may come, it goes on; where flags name the files, it does not ask. */
function tellOfMissingConfiguration(klog: Klog, flags: Flags, way: WayToServer): void {
  const failure = way.failure()
  if (failure === undefined || authorities(flags).requestHeader) return
  const url = `${way.server}/api/v1/namespaces/kube-system/${configuration}`
  klog.print(
    'W',
    'authentication.go:397',
    `Error looking up in-cluster authentication configuration: ${askedInVain(url, failure)}`,
  )
  klog.print(
    'W',
    'authentication.go:398',
    'Continuing without authentication configuration. This may treat all requests as anonymous.',
  )
}

/** Who is answered is told what; who is not, where he asked. */
const askedInVain = (url: string, failure: string): string =>
  failure === UNAUTHORIZED ? failure : `Get "${url}": ${failure}`

/** One that waits to see the cluster first has not asked for its Lease yet. */
function tellOfRefusal({ name, syncsFirst }: Elected, klog: Klog, way: WayToServer, why: string): void {
  const failure = way.failure()
  if (failure !== undefined && failure !== UNAUTHORIZED && syncsFirst) return
  const url = `${way.server}/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${name}?timeout=5s`
  const err = failure === undefined ? why : askedInVain(url, failure)
  klog.say('E', 'leaderelection.go:461', 'Error retrieving lease lock', { err, lock: `kube-system/${name}` })
}
