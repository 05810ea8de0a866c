/**
 * What becomes of a kubelet that is started: which command it is, whether its files let it run, and where it looks for the API server.
 * Simplified: of its configuration only what names files, sockets and the API server is read; the rest is what the machine is.
 * Sources: cmd/kubelet/app/server.go, pkg/kubelet/kubeletconfig, pkg/kubelet/certificate/bootstrap; systemd, exec_spawn
 */
import { pflagStyle, readFlags } from '../../components/flags.ts'
import { PKI } from '../../kubeadm/places.ts'
import type { ContainerFiles } from '../../runtime/file-system.ts'
import { FileError } from '../../runtime/files.ts'
import type { ParseManifest } from '../manifest-files.ts'
import { kubeletFlags } from './flags.ts'
import { commandOf } from './unit.ts'

const RUNTIME_SOCKETS: readonly string[] = [
  'unix:///run/containerd/containerd.sock',
  'unix:///var/run/containerd/containerd.sock',
]

export interface Startup {
  readonly argv: readonly string[]
  /** Why it ends at once; undefined where it runs. */
  readonly failure?: StartFailure
  /** Where its kubeconfig says that the API server is; undefined where it was always right. */
  readonly server?: { readonly host: string; readonly port: number }
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
  parse: ParseManifest
}

/** @param unit as it was when systemd read it last */
export function startupOf(unit: string, place: StartupFiles): Startup {
  const { files } = place
  const argv = commandOf(unit, files)
  const [binary = ''] = argv
  const missing = executableProblem(files, binary)
  if (missing !== undefined)
    return {
      argv,
      failure: {
        systemd: [
          ...(missing === noSuchFile ? [`kubelet.service: Unable to locate executable '${binary}': ${missing}`] : []),
          `kubelet.service: Failed at step EXEC spawning ${binary}: ${missing}`,
        ],
        status: '203/EXEC',
      },
    }
  try {
    return { argv, ...run(argv, place) }
  } catch (error) {
    if (!(error instanceof KubeletError)) throw error
    return { argv, failure: { message: error.message, status: '1/FAILURE' } }
  }
}

/** The kubelet ends with these words. */
class KubeletError extends Error {}

const noSuchFile = 'No such file or directory'

function executableProblem(files: ContainerFiles, path: string): string | undefined {
  if (!files.exists(path)) return noSuchFile
  const { type, mode } = files.stat(path)
  return type === 'directory' || (mode & 0o111) === 0 ? 'Permission denied' : undefined
}

/** @throws KubeletError */
function run(argv: readonly string[], place: StartupFiles): Pick<Startup, 'server'> {
  const { files } = place
  const read = readFlags(argv.slice(1), kubeletFlags, pflagStyle)
  if ('error' in read) throw new KubeletError(`failed to parse kubelet flag: ${read.error}`)
  const { flags, positional } = read
  if (positional.length > 0) throw new KubeletError(`unknown command ${positional[0]}`)
  const path = flags.get('config')
  const config = path ? configurationIn(place, path) : {}
  const server = serverOf(place, flags)
  const failed = (why: string): KubeletError => new KubeletError(`failed to run Kubelet: ${why}`)
  const authority = flags.get('client-ca-file') ?? config.authentication?.x509?.clientCAFile
  if (authority) {
    const why = unreadable(files, authority)
    if (why !== undefined) throw failed(why)
    if (!files.read(authority).includes('-----BEGIN CERTIFICATE-----'))
      throw failed(
        `error loading CA bundle for "client-ca-bundle::${authority}": data does not contain any valid RSA or ECDSA certificates`,
      )
  }
  const socket = flags.get('container-runtime-endpoint') ?? config.containerRuntimeEndpoint ?? RUNTIME_SOCKETS[0]!
  const endpoint = socket.includes('://') ? socket : `unix://${socket}`
  if (!RUNTIME_SOCKETS.includes(endpoint)) {
    const place = endpoint.replace('unix://', '')
    throw failed(
      `validate service connection: validate CRI v1 runtime API for endpoint ${JSON.stringify(endpoint)}: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${place}: connect: no such file or directory"`,
    )
  }
  return { server }
}

interface Configuration {
  authentication?: { x509?: { clientCAFile?: string } }
  containerRuntimeEndpoint?: string
}

/** @throws KubeletError */
function configurationIn({ files, isUntouched, parse }: StartupFiles, path: string): Configuration {
  const failed = (why: string): KubeletError =>
    new KubeletError(
      `failed to load kubelet config file, path: ${path}, error: failed to load Kubelet config file ${path}, error ${why}`,
    )
  const why = unreadable(files, path)
  if (why !== undefined) throw failed(`failed to read kubelet config file ${JSON.stringify(path)}, error: ${why}`)
  if (isUntouched(path)) return { authentication: { x509: { clientCAFile: `${PKI}/ca.crt` } } }
  const text = files.read(path)
  if (text.trim() === '') throw failed(`kubelet config file ${JSON.stringify(path)} was empty`)
  const value = parsed(text, path, parse, (reason) => failed(`failed to decode: ${reason}`))
  const { kind, apiVersion } = value as { kind?: string; apiVersion?: string }
  if (!kind) throw failed(`failed to decode: Object 'Kind' is missing in '${JSON.stringify(value).slice(0, 200)}'`)
  if (kind !== 'KubeletConfiguration' || !/^kubelet\.config\.k8s\.io\/v1(?:alpha1|beta1)$/.test(apiVersion ?? ''))
    throw failed(
      `failed to decode: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? '')} in scheme "k8s.io/kubernetes/pkg/kubelet/apis/config/scheme/scheme.go:33"`,
    )
  return value as Configuration
}

/** Where the kubeconfig leads; undefined where it leads to the API server. @throws KubeletError without one */
function serverOf({ files, isUntouched, parse }: StartupFiles, flags: ReadonlyMap<string, string>): Startup['server'] {
  const [path, bootstrap] = [flags.get('kubeconfig'), flags.get('bootstrap-kubeconfig')]
  if (!path) return undefined
  const failed = (why: string): KubeletError => new KubeletError(`failed to run Kubelet: ${why}`)
  if (!files.exists(path)) {
    if (!bootstrap) throw failed(`invalid kubeconfig: stat ${path}: no such file or directory`)
    throw failed(`unable to load bootstrap kubeconfig: stat ${bootstrap}: no such file or directory`)
  }
  if (isUntouched(path)) return undefined
  const value = parsed(files.read(path), path, parse, (reason) =>
    failed(`error loading config file "${path}": ${reason}`),
  )
  const config = value as { 'current-context'?: string; contexts?: unknown; clusters?: unknown }
  const named = (list: unknown, name: string | undefined): Record<string, Record<string, string>> | undefined =>
    Array.isArray(list) ? list.find((item?: { name?: string }) => item?.name === name) : undefined
  const context = named(config.contexts, config['current-context'])?.context
  const address = named(config.clusters, context?.cluster)?.cluster?.server
  if (!address) throw failed('invalid configuration: no configuration has been provided')
  const [, scheme = 'https', host = '', port] = /^(?:(\w+):\/\/)?([^:/]+)(?::(\d+))?/.exec(address) ?? []
  return { host, port: Number(port ?? (scheme === 'http' ? 80 : 443)) }
}

/** @throws what `words` makes of it, for a text that is no YAML */
function parsed(text: string, path: string, parse: ParseManifest, words: (reason: string) => KubeletError): object {
  let value: unknown
  try {
    value = parse(text, path)
  } catch (error) {
    if (!(error instanceof Error) || error instanceof FileError) throw error
    throw words(error.message.slice(Math.max(0, error.message.indexOf('yaml:'))))
  }
  if (typeof value !== 'object' || value === null) throw words('it holds no object')
  return value
}

/** Why a file cannot be read, as Go words it. */
function unreadable(files: ContainerFiles, path: string): string | undefined {
  if (!files.exists(path)) return `open ${path}: no such file or directory`
  return files.stat(path).type === 'directory' ? `read ${path}: is a directory` : undefined
}
