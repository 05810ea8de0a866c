/** What the built-in kubectl needs of its surroundings: a client, a node's logs and exec, time, files and streams. */
import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import type { Attempt } from '../api/scheduling/attempt.ts'
import type { Schema } from '../api/schema/types.ts'
import type { Grant, RequestInfo } from '../apiserver/request.ts'
import type { Client, UserInfo } from '../client/client.ts'
import type { ObjectRef, TraceRecord } from '../engine/trace.ts'
import type { HttpRequest, HttpResponse, PortServer, Target, Walk } from '../network/types.ts'
import type { Wait } from '../runtime/process.ts'
import type { EditedFile, FileContent, SessionRequest, TrafficReport } from '../scenario/types.ts'

export type { Grant, RequestInfo } from '../apiserver/request.ts'

export interface LogRequest {
  /** Who asks. */
  user: UserInfo
  namespace: string
  pod: string
  container: string
  follow?: boolean
  previous?: boolean
  tailLines?: number
  sinceSeconds?: number
  /** RFC 3339 */
  sinceTime?: string
  timestamps?: boolean
  limitBytes?: number
}

export interface ExecRequest {
  /** Who asks. */
  user: UserInfo
  namespace: string
  pod: string
  container: string
  command: readonly string[]
  /** All of its input; undefined without -i. */
  stdin?: string
  tty?: boolean
}

export type InteractiveRequest = Exclude<SessionRequest, { kind: 'port-forward' }>

/** How an exec ended: with an exit code, or before the program could be started. */
export type ExecOutcome = { exitCode: number } | { error: string }

/** What only a node can answer. Both throw a StatusError at once when the request is refused. */
export interface NodeAccess {
  /** Hands over what the log holds; with `follow` it ends when the container has ended. */
  logs(request: LogRequest, onText: (text: string) => void): Wait<void>
  /** Sends input to a container's first process, and hands over its output until it ends. */
  attach(request: Omit<ExecRequest, 'command' | 'tty'>, onText: (text: string) => void): Wait<ExecOutcome>
  exec(request: ExecRequest, streams: { stdout(text: string): void; stderr(text: string): void }): Wait<ExecOutcome>
}

/** A file system as kubectl needs it. Paths may be relative to the folder that the command is run in. */
export interface Files {
  /** Undefined when there is no such file. */
  read(path: string): FileContent | undefined
  /** Names of the files and folders in a folder, sorted; undefined when there is no such folder. */
  list(path: string): readonly string[] | undefined
  write(path: string, content: FileContent): void
  /** With those above it; nothing for one that is there. */
  makeFolder(path: string): void
  /** The absolute path. */
  resolve(path: string): string
  remove(path: string): void
}

/** Of a request that changes something: JSON. */
export interface SentBody {
  method: 'POST' | 'PUT' | 'DELETE'
  body: string
}

/** The machine that kubectl runs on. */
export interface LocalMachine {
  /**
   * Listens until it is closed.
   * @param address an IP address
   * @param port 0 for one that is free
   */
  listen(address: string, port: number, server: PortServer): { port: number; close(): void } | { error: string }
  /** Asks the API server. @returns why it does not answer, if nobody listens there */
  api(user: UserInfo, request: HttpRequest, reply: (response: HttpResponse) => void): string | undefined
  /**
   * The way to a Pod's ports: gives what answers for one of them, and is told why a connection came to nothing.
   * @throws StatusError when it is refused
   */
  forward(request: {
    user: UserInfo
    namespace: string
    pod: string
  }): (port: number, failed: (why: string) => void) => PortServer
}

export interface Credentials {
  /** `https://172.18.0.2:6443`; undefined where the kubeconfig leads nowhere. */
  readonly server: string | undefined
  /** Whom it trusts, in PEM; undefined for whom the machine trusts, or for anybody. */
  readonly authorities: string | undefined
  /** In PEM. */
  readonly certificate: string | undefined
  /** In PEM. */
  readonly key: string | undefined
  readonly token: string | undefined
}

export interface KubectlContext {
  client: Client
  /** A client under another identity, for --as. */
  clientFor(user: UserInfo): Client
  /**
   * A client as whom the credentials name; undefined where they name nobody and the one who types is known anyway.
   * @throws StatusError 401 for credentials that are not valid; KubectlError for those that cannot be used
   */
  clientWith?(credentials: Credentials): Client | undefined
  /** Host and port of the server, as errors name it; that of the one who types unless told. */
  serverHost?: string
  /** Every kind that the server has, as far as it is known where kubectl runs. */
  kinds: readonly Kind[]
  /** What it has by now. */
  discover?(): readonly Kind[]
  /** An object with its fields in the order that Go's types declare them; undefined for a kind without such a type. */
  inGoOrder?(object: KubeObject): KubeObject | undefined
  /** Versions that are served besides those of the kinds. */
  versions?: readonly ServedVersion[]
  /** The namespace of the current kubeconfig context. */
  namespace: string
  /** All of the command's input. */
  stdin: string
  /** Files of the one who types. */
  files: Files
  /** The kubeconfig of somebody who has no place for files, once it was changed; without it none can be. */
  keptKubeconfig?: { text?: string }
  /** What an editor was opened on and left with, of a line that opens one; undefined where there is none. */
  edited?: EditedFile
  /** HOME, KUBECONFIG… */
  environment: Readonly<Record<string, string>>
  stdout(text: string): void
  stderr(text: string): void
  /** Whether the output goes to a person and not into a pipe. */
  isTerminal?: boolean
  /** The virtual wall clock, in milliseconds since 1970. */
  nowEpochMs(): number
  sleep(ms: number): Wait<void>
  node: NodeAccess
  /** Undefined where a line has to end by itself: nothing may stay open then. */
  machine?: LocalMachine
  /** Connects the keyboard to a program in a container until it ends; undefined where `stdin` is all that comes. */
  interact?(
    request: InteractiveRequest,
    streams: { stdout(text: string): void; stderr(text: string): void },
  ): Wait<ExecOutcome>
  /**
   * A GET of the HTTP API as the user; undefined when nobody answers. Without it what only that tells is refused.
   * @param path with its query
   * @param sent what is sent instead
   */
  ask?(path: string, user: UserInfo, accept: string, sent?: SentBody): { status: number; body: string } | undefined
  /** Which release this kubectl is; that of the server unless told. */
  release?: string
  /** What the server says of itself; as of `version.ts` unless told. */
  serverVersion?: string
  /** Field descriptions for `explain`; without it explain is refused. */
  schema?: SchemaSource
  /** What Podium knows besides what a cluster tells; without it `kubectl podium` is refused. */
  insight?: Insight
}

/** A kind in another version than the one it is stored in. */
export interface ServedVersion {
  kind: Kind
  stored: Kind
  /** Get a copy of their own, which they may change. */
  fromStored(object: Record<string, unknown>): Record<string, unknown>
  toStored(object: Record<string, unknown>): Record<string, unknown>
  /** Fields that are selected by another name in the stored version. */
  selectableAs?: Readonly<Record<string, string>>
}

/** What the simulator can look up and a real cluster would not say. */
export interface Insight {
  /** The scheduler's attempts to place a Pod, oldest first. @param pod `namespace/name` */
  schedulingAttempts(pod: string): readonly Attempt[]
  /** What was done to any of the objects, in order; its times are of the cluster's clock. */
  trace(objects: readonly ObjectRef[]): readonly TraceRecord[]
  /** Whether the request is allowed, and what its user holds where it would have to. */
  explainAccess(request: RequestInfo): AccessExplanation
  /** What came of the requests of each traffic source so far. */
  traffic(): readonly TrafficReport[]
  /** Where a connection would go; undefined when there is nobody there to make it. */
  walk(from: WalkStart, target: Target, protocol: 'TCP' | 'UDP'): Walk | undefined
  /**
   * The rules of a node's kube-proxy and the command that prints them; undefined when there is no such machine.
   * @param service only those of that one, as `namespace/name`
   */
  proxyRules(node: string, service: string | undefined): { tool: string; text: string } | undefined
}

export type WalkStart =
  | { kind: 'pod'; namespace: string; name: string }
  | { kind: 'node'; name: string }
  | { kind: 'outside' }

export interface AccessExplanation {
  isAllowed: boolean
  reason: string | undefined
  /** Everything does: a member of system:masters. */
  isPrivileged: boolean
  /** What the user holds there. */
  grants: readonly Grant[]
  /** Bindings that name a role nobody made. */
  errors: readonly string[]
}

/** The definitions of the API's schemas. */
export interface SchemaSource {
  /** @param name such as `io.k8s.api.core.v1.Pod` */
  definition(name: string): Schema | undefined
}

export type Run = Generator<Wait, number, unknown>
