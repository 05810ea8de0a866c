/**
 * kube-proxy as a program: it reads its configuration and its kubeconfig, and programs its node for as long as it runs. Who ends it
 * leaves the rules as they are. Sources: cmd/kube-proxy/app/{server,server_linux}.go
 */
import type { UserInfo } from '../client/client.ts'
import type { Link } from '../client/link.ts'
import type { RunningComponent } from '../client/machinery.ts'
import type { OnListFailed } from '../client/reflector.ts'
import type { Run } from '../images/programs/support.ts'
import { KubectlError } from '../kubectl/errors.ts'
import { parseYamlValue } from '../kubectl/yaml.ts'
import type { Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import {
  CommandFailed,
  type ControlPlaneHost,
  holding,
  klogOf,
  openFile,
  releaseOf,
  runComponent,
} from './component.ts'
import { destinationOf } from './kubeconfig.ts'
import { UNAUTHORIZED } from './trust.ts'
import { wayTo } from './way.ts'

/** What a node gives the program. */
export interface ProxyHost extends Pick<ControlPlaneHost, 'apiServers' | 'apiServerFailure' | 'trust' | 'later'> {
  /** The rules of the node are kept by that user, along that way, until it is stopped. */
  startProxy(user: UserInfo, link: Link, onListFailed: OnListFailed): RunningComponent
  /** Whom the API server takes the owner of a token for; undefined where it does not know it. */
  userOfToken(token: string): UserInfo | undefined
}

const MEGABYTE = 1024 * 1024
/** Until it has found the node's addresses. */
const START_MS = 50

/** A Pod of one without a configuration is none of the cluster's: `otherwise` is what it does. */
export const kubeProxy =
  (host: ProxyHost, otherwise: Program): Program =>
  (process) => {
    const config = process.argv.find((arg) => arg.startsWith('--config='))?.slice('--config='.length)
    return config === undefined ? otherwise(process) : runComponent(process, () => run(process, host, config))
  }

function* run(process: Process, host: ProxyHost, path: string): Run {
  const klog = klogOf(process)
  const destination = destinationOf(process, kubeconfigOf(process, path), failed)
  const { token = '', tokenFile } = destination
  const user = host.userOfToken(tokenFile === undefined ? token : openFile(process, tokenFile, failed).trim())
  process.useMemory(40 * MEGABYTE)
  yield* waitFor(process.sleep(START_MS))
  const way = yield* wayTo(process, host, destination)
  klog.say('I', 'server_linux.go:49', 'Using iptables proxy')
  klog.print('I', 'server.go:228', `"Successfully retrieved NodeIPs" NodeIPs=["${process.network.ip}"]`)
  klog.say('I', 'server_linux.go:137', 'Using iptables Proxier')
  klog.say('I', 'server.go:539', 'Version info', { version: releaseOf(process) })
  process.useCpu(2)
  let running: RunningComponent | undefined
  let leave: (() => void) | undefined
  const notListed = ({ version, kind }: { version: string; kind: string }, { message }: { message: string }): void => {
    const type = `*${version}.${kind}`
    const err = `failed to list ${type}: ${message}`
    const reflector = 'k8s.io/client-go/informers/factory.go:177'
    klog.say('E', 'reflector.go:227', 'Failed to watch', { err, logger: 'UnhandledError', reflector, type })
  }
  const exitCode = yield* waitFor(
    holding<number>(
      {
        start(resume) {
          for (const signal of ['SIGTERM', 'SIGINT'] as const) process.onSignal(signal, () => resume(2))
          leave = way.follow()
          if (user) running = host.startProxy(user, way.link, notListed)
          else for (const kind of watched) notListed(kind, { message: UNAUTHORIZED })
          return () => undefined
        },
      },
      release,
    ),
  )
  release()
  return exitCode

  function release(): void {
    running?.stop()
    leave?.()
  }
}

/** What it follows of the cluster. */
const watched = [
  { version: 'v1', kind: 'Service' },
  { version: 'v1', kind: 'EndpointSlice' },
]

const failed = (why: string): string => `failed complete: ${why}`

/** @throws CommandFailed */
function kubeconfigOf(process: Process, path: string): string {
  const text = openFile(process, path, failed)
  try {
    const { clientConnection } = (parseYamlValue(text) ?? {}) as { clientConnection?: { kubeconfig?: unknown } }
    return String(clientConnection?.kubeconfig ?? '')
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    throw new CommandFailed(failed(error.message))
  }
}
