/** What the control plane's programs have in common: their flags, their logs, the API server that they ask, the ports they answer on. */

import type { Client } from '../client/client.ts'
import type { Link } from '../client/link.ts'
import type { RunningComponent } from '../client/machinery.ts'
import type { EtcdMembers, Joining, MemberStatus } from '../etcd/members.ts'
import type { Run } from '../images/programs/support.ts'
import { componentArguments } from '../kubeadm/manifests.ts'
import { type JournalEntry, klogLine } from '../kubelet/journal.ts'
import type { HttpResponse, NetworkNamespace, PortServer } from '../network/types.ts'
import { FileError } from '../runtime/files.ts'
import { type Process, type Wait, waitFor } from '../runtime/process.ts'
import { type FlagNames, pflagStyle, readFlags } from '../text/go-flags.ts'
import { releases, serverVersion } from '../version.ts'
import { knownFlags } from './known-flags.ts'
import type { ComponentName, ComponentProcess, ElectedName } from './process.ts'
import type { ServerTrust } from './trust.ts'

/** What a control-plane node gives the programs that make its part of the control plane. */
export interface ControlPlaneHost {
  readonly name: string
  readonly ip: string
  readonly network: NetworkNamespace
  /** The addresses of all nodes of the control plane: on each an API server may answer. */
  readonly apiServers: readonly string[]
  /** With which a component asks the API server, along its way there. */
  clientOf(component: ElectedName, link: Link): Client
  /** One more process of that component, here. */
  run(component: ComponentName, process: ComponentProcess): RunningComponent
  /** Why the API server does not answer; undefined while it does. */
  apiServerFailure(): string | undefined
  readonly etcd: EtcdPart
  readonly trust: ServerTrust
  /** Acts after so many milliseconds; nobody waits for it. Returns how to give it up. */
  later(ms: number, act: () => void): () => void
}

/** What a server of etcd shows its clients, and whose certificates it takes from them. */
export interface EtcdTls {
  /** In PEM, as it is in its file now. @throws CommandFailed */
  certificate(): string
  /** In PEM, who signs what it takes from them; undefined where it asks for no certificate. */
  readonly clientAuthorities: string | undefined
}

/** How a process is a member of etcd. */
export interface EtcdRun {
  readonly tls: EtcdTls
  /** --quota-backend-bytes: 0 is the default, less is none. */
  readonly quotaBytes: number
  /** As what a member begins that finds no data. */
  readonly joining: Joining | undefined
  /** Told when it has to end since it was removed. */
  onRemoved(): void
}

/** What a member of etcd tells of itself and its data. */
export interface EtcdFigures {
  readonly member: Omit<MemberStatus, 'revision'>
  /** The ids of the other members. */
  readonly peers: readonly string[]
  readonly isServing: boolean
  readonly alarms: readonly string[]
  readonly revision: number
  readonly compactRevision: number
  readonly keys: number
  readonly sizeBytes: number
  readonly inUseBytes: number
  /** Infinity without one. */
  readonly quotaBytes: number
}

/** The member of etcd on a node, for the process that is it. */
export interface EtcdPart {
  /** Takes the member for one process; false while another one has it. */
  start(run: EtcdRun): boolean
  stop(): void
  /** What a member is told that begins with an empty folder: see `EtcdMembers.invitation`. */
  invitation(name: string, initialCluster: string): ReturnType<EtcdMembers['invitation']>
  /** The id as which others know it that say it has started; undefined when there are none. */
  bootstrappedId(): string | undefined
  /** Of the process that has the member. */
  readonly tls: EtcdTls | undefined
  /** Whether it can write. */
  isServing(): boolean
  /** Of what is written. */
  revision(): number
  /** What it tells of itself; undefined where it is no member. */
  figures(): EtcdFigures | undefined
  /** Other members. */
  readonly others: number
  /** Makes everything what it was then. @throws CommandFailed where that is not kept any more */
  restore(revision: number): void
}

/** Which release a component is: what its image is tagged with. */
export const releaseOf = ({ imageTag }: Process): string => (releases.includes(imageTag) ? imageTag : serverVersion)

/** A program that ends for that reason. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
}

/** By name, as they were given. */
export type Flags = ReadonlyMap<string, string>

type Severity = JournalEntry['severity']
type Values = JournalEntry['values']

/** Writes lines to stderr as klog does. */
export interface Klog {
  /** `"message" key="value"` */
  say(severity: Severity, source: string, message: string, values?: Values): void
  /** The message as it is. */
  print(severity: Severity, source: string, message: string): void
}

export function klogOf(process: Process): Klog {
  const entry = (severity: Severity, source: string, message: string, values: Values): string =>
    klogLine({ atMs: process.nowEpochMs(), unit: 'kubelet', pid: process.pid, severity, source, message, values }, 0)
  return {
    say: (severity, source, message, values = {}) =>
      process.stderr.write(`${entry(severity, source, message, values)}\n`),
    print(severity, source, message) {
      const line = entry(severity, source, '', {})
      process.stderr.write(`${line.slice(0, -'""'.length)}${message}\n`)
    },
  }
}

/** Flags of one of Kubernetes' programs, or its exit code once it has printed why there are none. */
export function readComponentFlags(process: Process, component: ComponentName): ReadonlyMap<string, string> | number {
  const read = readFlags(process.argv.slice(1), knownFlags[component] as FlagNames, pflagStyle)
  const fail = (why: string, hasUsage: boolean): number => {
    // Simplified: the flags are not listed.
    if (hasUsage && component !== 'kube-apiserver') process.stderr.write(`Usage:\n  ${component} [flags]\n\n`)
    process.stderr.write(`Error: ${why}\n`)
    return 1
  }
  if ('error' in read) return fail(read.error, true)
  const { flags, positional } = read
  if (positional.length > 0)
    return fail(
      `${JSON.stringify(component)} does not take any arguments, got [${positional.map((word) => JSON.stringify(word)).join(' ')}]`,
      false,
    )
  return flags
}

/**
 * Runs what a component does; what it cannot go on with is its last line.
 * Source: k8s.io/component-base/cli/run.go
 */
export function* runComponent(process: Process, body: () => Run): Run {
  try {
    return yield* body()
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    klogOf(process).say('E', 'run.go:72', 'command failed', { err: error.message })
    return 1
  }
}

/** Fails as opening the file does, where it cannot be read. @throws CommandFailed */
export function openFile(process: Process, path: string, words = (why: string): string => why): string {
  try {
    return process.files.read(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new CommandFailed(words(`${error.code === 'EISDIR' ? 'read' : 'open'} ${path}: ${goReason(error)}`))
  }
}

/** Why, as Go words it: `no such file or directory`. */
export const goReason = ({ message }: FileError): string => message.replace(/^\w/, (letter) => letter.toLowerCase())

/** The same for a file that a flag names: its text, '' where the flag is not given. @throws CommandFailed */
export function openFlag(process: Process, flags: Flags, name: string, words?: (why: string) => string): string {
  const path = flags.get(name)
  return path ? openFile(process, path, words) : ''
}

/** Whether a flag that has been read as a boolean is set. */
export const isTrue = (value: string | undefined): boolean => value !== undefined && /^(1|t|true)$/i.test(value)

/** What a flag lists, separated by commas. */
export const listOf = (value: string | undefined): string[] => (value ? value.split(',') : [])

/** A URL's scheme, host and port. */
export function partsOf(url: string): { scheme: string; name: string; port: number } {
  const [, scheme = 'https', name = '', port] = /^(?:(\w+):\/\/)?([^:/]*)(?::(\d+))?/.exec(url) ?? []
  return { scheme, name, port: Number(port ?? (scheme === 'http' ? 80 : 443)) }
}

/** How long a connection is waited for. */
export const DIAL_MS = 5000

/**
 * Waits for a signal to end, or for `end` to be called, whichever comes first; then, or when the process is killed, `release` gives back
 * what it holds outside of itself. Ports close by themselves.
 */
export function* untilEnd(
  process: Process,
  begin: (end: (exitCode: number) => void) => void,
  release: () => void,
): Generator<Wait, number, unknown> {
  const exitCode = yield* waitFor<number>({
    start(resume) {
      let isOver = false
      const once = (how: number): void => {
        if (isOver) return
        isOver = true
        resume(how)
      }
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.onSignal(signal, () => once(0))
      begin(once)
      return release
    },
  })
  release()
  return exitCode
}

/** The same wait; `release` is called when the process is killed in it. */
export const holding = <T>(wait: Wait<T>, release: () => void): Wait<T> => ({
  start(resume) {
    const cancel = wait.start(resume)
    return () => {
      cancel()
      release()
    }
  },
})

/** Why it is not well, by path; undefined when it is. */
export type Health = (path: string) => string | undefined

export const plainAnswer = (status: number, body: string): HttpResponse => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body,
})

/** The answer to a question for health; undefined at other paths. */
export function healthAnswer(path: string, health: Health): HttpResponse | undefined {
  if (!/^\/(healthz|livez|readyz)$/.test(path)) return undefined
  const why = health(path)
  return why === undefined ? plainAnswer(200, 'ok') : plainAnswer(500, why)
}

/** Opens the port, or fails as binding it does. @returns what closes it @throws CommandFailed */
export function listenOrFail(process: Process, address: string, port: number, server: PortServer): () => void {
  const listening = process.network.listen(port, server)
  if ('error' in listening)
    throw new CommandFailed(
      `failed to create listener: failed to listen on ${address}:${port}: listen tcp ${address}:${port}: bind: ${listening.error}`,
    )
  return listening.close
}

/** Flags that say something here; what others say makes no difference. */
const used: Readonly<Record<ComponentName, ReadonlySet<string>>> = {
  'kube-apiserver': new Set(
    'secure-port etcd-servers etcd-cafile etcd-certfile etcd-keyfile tls-cert-file tls-private-key-file client-ca-file advertise-address service-account-key-file service-account-signing-key-file requestheader-client-ca-file kubelet-client-certificate kubelet-client-key proxy-client-cert-file proxy-client-key-file anonymous-auth authentication-config'.split(
      ' ',
    ),
  ),
  'kube-controller-manager': new Set(
    'kubeconfig authentication-kubeconfig authorization-kubeconfig bind-address secure-port client-ca-file requestheader-client-ca-file root-ca-file service-account-private-key-file controllers cluster-signing-cert-file cluster-signing-key-file cluster-signing-kube-apiserver-client-cert-file cluster-signing-kube-apiserver-client-key-file cluster-signing-kubelet-client-cert-file cluster-signing-kubelet-client-key-file cluster-signing-kubelet-serving-cert-file cluster-signing-kubelet-serving-key-file cluster-signing-legacy-unknown-cert-file cluster-signing-legacy-unknown-key-file'.split(
      ' ',
    ),
  ),
  'kube-scheduler': new Set(
    'kubeconfig authentication-kubeconfig authorization-kubeconfig bind-address secure-port'.split(' '),
  ),
}

/** Says of which flags the cluster takes no notice: those that kubeadm does not give, or gives another value. */
export function tellOfUnused(
  process: Process,
  component: ComponentName,
  flags: ReadonlyMap<string, string>,
  host: ControlPlaneHost,
): void {
  const usual = componentArguments(component, host)
  const unused = [...flags].filter(([name, value]) => !used[component].has(name) && usual[name] !== value)
  if (unused.length === 0) return
  const told = unused.map(([name, value]) => `--${name}=${value}`).join(' ')
  process.stderr.write(`podium: not simulated, so without effect: ${told}
`)
}
