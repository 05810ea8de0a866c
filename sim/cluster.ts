/**
 * The composition root: the only place that knows every component. A cluster is made of an engine, a store behind an API
 * server, the control plane, nodes with their kubelets and proxies, a network between them, and somebody with a kubectl.
 */

import { installCloudProvider } from './addons/cloud/cloud-provider.ts'
import { installIngressController } from './addons/ingress-controller.ts'
import { installMetricsServer } from './addons/metrics-server.ts'
import { nodeMetrics, podMetrics } from './api/autoscaling/metrics.ts'
import { namespaces } from './api/core/namespace.ts'
import type { Kind } from './api/meta/kind.ts'
import { resourceName } from './api/meta/kind.ts'
import type { KubeObject } from './api/meta/object.ts'
import { findResource, kinds, virtualKinds } from './api/registry.ts'
import type { Attempt } from './api/scheduling/attempt.ts'
import { ApiServer } from './apiserver/api-server.ts'
import { createRbacAuthorization } from './apiserver/authorization/rbac.ts'
import { bootstrap, bootstrapPolicy } from './apiserver/bootstrap.ts'
import { createClient } from './apiserver/client.ts'
import type { Client } from './client/client.ts'
import type { Cluster, ClusterOptions, ObjectChange } from './cluster-types.ts'
import { adminUser } from './component-context.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { CommandRefused } from './engine/command-refused.ts'
import { Engine } from './engine/engine.ts'
import type { ObjectRef } from './engine/trace.ts'
import { stepsPerSecond } from './engine/work.ts'
import { evictFirstReady } from './faults/evict.ts'
import { injectFault } from './faults/faults.ts'
import { completeLine } from './kubectl/completion.ts'
import type { Files, KubectlContext } from './kubectl/context.ts'
import { memoryFiles } from './kubectl/files.ts'
import { runKubectl } from './kubectl/kubectl.ts'
import { type Patience, patienceFor } from './kubectl/patience.ts'
import { schemaSource } from './kubectl/schema-source.ts'
import { apiServerIP } from './network/address.ts'
import { createNetwork, type Network } from './network/network.ts'
import { printRules } from './network/proxy/print.ts'
import { startTraffic, type TrafficSource } from './network/traffic.ts'
import { patienceForShell } from './node-shell/patience.ts'
import { createNodes, type Nodes } from './nodes.ts'
import { runOutside } from './outside-shell.ts'
import { serveInside } from './rest/inside.ts'
import { createLocalMachine } from './rest/local-machine.ts'
import { loggedRequest, readLoggedRequest } from './rest/logged-request.ts'
import { throughProtobuf } from './rest/protobuf/round-trip.ts'
import { createRest, isRead } from './rest/rest.ts'
import { createSessions, interact, type SessionParts } from './rest/streaming/sessions.ts'
import type { HttpOutcome, HttpRequest } from './rest/types.ts'
import { otherVersions } from './rest/versions/registry.ts'
import { withAllowance } from './runtime/allowance.ts'
import { type Driven, drive } from './runtime/drive.ts'
import { decodeContent } from './runtime/file-content.ts'
import type { Wait } from './runtime/process.ts'
import type { SessionInput as TerminalInput } from './runtime/session-input.ts'
import { ByteDecoder } from './runtime/text-bytes.ts'
import type { Command, CommandResult, EditedFile, LoggedCommand, SessionInput, Workplace } from './scenario/types.ts'
import { serverVersion } from './version.ts'

/** 2026-01-01T00:00:00Z: the wall clock at hand-over unless told. */
const defaultStartEpochMs = Date.UTC(2026, 0, 1)
/** The control plane, the nodes and the system's objects come up in this time, before the hand-over. */
const bootMs = 20_000
/** The namespace of the lines is made last, with what controllers put into it. */
const handOverMs = bootMs + 500
/** Starting kubectl, reading the kubeconfig, discovery from the cache. */
const kubectlStartMs = 80

/** A cluster with its parts in reach, for the scenario engine and tests. */
export interface LiveCluster extends Cluster {
  readonly engine: Engine
  readonly server: ApiServer
  readonly network: Network
  readonly nodes: Nodes
  readonly controlPlane: ControlPlane
  /** The administrator's client. */
  readonly client: Client
  readonly namespace: string
  /**
   * A request of the Kubernetes HTTP API, by the administrator unless it says otherwise. What may change the cluster goes into the log;
   * a read leaves no trace.
   */
  request(request: HttpRequest): HttpOutcome
  /** What could stand at the cursor of a kubectl line. */
  complete(line: string, cursor: number): string[]
  /** How long a command may take when nobody sits there to press Ctrl-C. */
  patience(command: Command): Patience
  /** As `start`, for a cluster whose clock goes on: it is logged as a command that others may come after while it runs. */
  begin(
    command: Command,
    done: (result: CommandResult) => void,
    onOutput?: (stream: 'stdout' | 'stderr', text: string) => void,
  ): Begun
  /** Runs a command without holding up time; `done` is given its result. */
  start(
    command: Command,
    done: (result: CommandResult) => void,
    onOutput?: (stream: 'stdout' | 'stderr', text: string) => void,
  ): Driven
}

/** A command that runs while the clock goes on. */
export interface Begun {
  /** Its place in the log. */
  readonly number: number
  /** What is typed, or how large the screen is now, for a line with a keyboard. */
  input(input: SessionInput): void
  /** Ends it as Ctrl-C does: its exit code is 130. */
  interrupt(): void
}

/** What is typed, and who takes it: what comes before anybody does waits. */
interface Keyboard {
  connect(take: (input: SessionInput) => void): void
  type(input: SessionInput): void
}

function createKeyboard(): Keyboard {
  const waiting: SessionInput[] = []
  let taker: ((input: SessionInput) => void) | undefined
  return {
    connect(take) {
      taker = take
      for (const input of waiting.splice(0)) take(input)
    },
    type(input) {
      if (taker) taker(input)
      else waiting.push(input)
    },
  }
}

/** Gives what is typed to a terminal. */
const typingInto =
  (keyboard: Keyboard) =>
  (terminal: TerminalInput): void => {
    const decoder = new ByteDecoder()
    keyboard.connect((input) => {
      if (input.act === 'write') terminal.type(decoder.decode(decodeContent(input.data)))
      else if (input.act === 'resize') terminal.resize(input)
      else if (input.act === 'end') terminal.end()
    })
  }

/** A booted cluster at its hand-over: nodes ready, system namespaces there, virtual time 0. */
export function createCluster(options: ClusterOptions): LiveCluster {
  const startEpochMs = options.startEpochMs ?? defaultStartEpochMs
  const engine = new Engine({ seed: options.seed, startEpochMs: startEpochMs - handOverMs, limits: options.limits })
  const server = new ApiServer({
    engine,
    strict: options.strict,
    hashesContent: options.hashesContent,
    authorization: createRbacAuthorization,
  })
  const client = createClient(server, { user: adminUser, fieldManager: 'kubectl', latencyMs: 0 })
  const network = createNetwork(engine)
  const apiClient = createClient(server, {
    user: { name: 'system:apiserver', groups: ['system:masters'] },
    fieldManager: 'kube-apiserver',
    isTrusted: true,
  })
  const namespace = options.shape.namespace ?? 'default'
  bootstrap(server, apiClient, apiServerIP)
  bootstrapPolicy(server)
  const controlPlane = startControlPlane(server, options.shape.schedulerProfiles)
  const nodes = createNodes({ server, network, shape: options.shape })
  if (options.shape.metricsServer)
    installMetricsServer({ server, client: apiClient, containers: nodes.containersInUse })
  if (options.shape.ingressController)
    installIngressController({ server, client: apiClient, network, node: options.shape.nodes[0].name })
  if (options.shape.cloudProvider) installCloudProvider({ server, network })
  const metricsKinds = options.shape.metricsServer
    ? [podMetrics as unknown as Kind, nodeMetrics as unknown as Kind]
    : []
  const served: readonly Kind[] = [...kinds, ...virtualKinds, ...metricsKinds]
  engine.runUntil(bootMs)
  if (!client.find(namespaces, { namespace: '', name: namespace }))
    client.create(namespaces, { metadata: { name: namespace }, spec: {} })
  engine.runUntil(handOverMs)

  const { kubeletOf } = nodes
  const sessionParts: SessionParts = {
    server,
    kubeletOf,
    trace: engine.trace,
    note(command) {
      drain()
      log.push({ atMs: nowMs(), command })
    },
  }
  const sessions = createSessions(sessionParts)
  const rest = createRest({
    server,
    kinds: served,
    streaming: { server, kubeletOf, sessions },
    proxying: {
      server,
      network,
      kubeletOf,
      wait(isDone, limitMs) {
        const limit = engine.nowMs + limitMs
        while (!isDone() && (engine.nextDueMs() ?? Number.POSITIVE_INFINITY) <= limit && engine.step());
      },
    },
  })
  serveInside({ server, network, rest, isCutOff: nodes.isCutOff })
  const machine = createLocalMachine({ network, rest, sessions: sessionParts })

  let origin = engine.nowMs
  const log: LoggedCommand[] = []
  /** What was begun and has not ended, by its place in the log. */
  const begun = new Map<number, { end(): void; keyboard: Keyboard }>()
  const trafficSources = new Map<string, TrafficSource>()

  const nowMs = (): number => engine.nowMs - origin

  const onOwnClock = (attempt: Attempt): Attempt => ({ ...attempt, atMs: attempt.atMs - origin })

  const kubectlContext = (
    stdin: string,
    files: Files,
    environment: Readonly<Record<string, string>>,
    out: (stream: 'stdout' | 'stderr', text: string) => void,
    keyboard?: Keyboard,
    edited?: EditedFile,
  ): KubectlContext => ({
    client,
    clientFor: (user) => createClient(server, { user, fieldManager: 'kubectl', latencyMs: 0 }),
    kinds: served,
    versions: otherVersions,
    inGoOrder: throughProtobuf,
    namespace,
    stdin,
    files,
    environment,
    edited,
    stdout: (text) => out('stdout', text),
    stderr: (text) => out('stderr', text),
    nowEpochMs: () => engine.epochMs,
    sleep: (ms) => ({
      start(resume) {
        const timer = engine.after(ms, 'kubectl wait', () => resume(undefined))
        return () => engine.cancel(timer)
      },
    }),
    node: nodes.access,
    ask(path, user, accept, sent) {
      const { method, body: text } = sent ?? { method: 'GET', body: '' }
      const headers = { accept, 'user-agent': `kubectl/${serverVersion}`, 'content-type': 'application/json' }
      const outcome = rest.handle({ method, url: path, headers, body: new TextEncoder().encode(text) }, user, true)
      if (outcome.kind !== 'answer') return undefined
      const { status, body } = outcome
      return { status, body: typeof body === 'string' ? body : new TextDecoder().decode(body) }
    },
    ...(keyboard
      ? { interact: (request, streams) => interact(sessionParts, request, streams, (take) => keyboard.connect(take)) }
      : {}),
    schema: schemaSource,
    insight: {
      schedulingAttempts: (pod) => controlPlane.attempts.get(pod).map(onOwnClock),
      trace(objects) {
        const wanted = new Set(objects.map(refText))
        return engine.trace
          .records()
          .filter(({ object }) => object && wanted.has(refText(object)))
          .map((record) => ({ ...record, atMs: record.atMs - origin }))
      },
      explainAccess(request) {
        const { allowed, reason } = server.authorization.authorize(request)
        const { grants, errors } = server.authorization.rulesFor(request.user, request.namespace)
        const isPrivileged = request.user.groups.includes('system:masters')
        return { isAllowed: allowed, reason, isPrivileged, grants, errors }
      },
      traffic: () => [...trafficSources.values()].map((source) => source.report()),
      walk(from, target, protocol) {
        const start =
          from.kind === 'outside'
            ? network.outside
            : from.kind === 'pod'
              ? network.sandbox(from)
              : network.nodeNames().includes(from.name)
                ? network.node(from.name)
                : undefined
        return start && network.walk(start, target, protocol)
      },
      proxyRules: (node, service) =>
        network.nodeNames().includes(node) ? printRules(network.rules(node), service, engine.nowMs) : undefined,
    },
  })

  /** A command that is done at once. @returns its exit code @throws CommandRefused when it names what is not there */
  function perform(command: Command, out: (stream: 'stdout' | 'stderr', text: string) => void): number {
    switch (command.op) {
      case 'fault':
        engine.trace.current = 0
        injectFault({ engine, server, client, nodes, controlPlane }, command.fault)
        break
      case 'evict': {
        const problem = evictFirstReady(client, namespace, command.selector)
        if (problem) out('stderr', problem)
        return problem ? 1 : 0
      }
      case 'staticPod':
        nodes.writeStaticPod(command.node, command.file, command.manifest)
        break
      case 'hostFile': {
        const content = nodes.readHostFile(command.node, command.path)
        out('stdout', content ?? '')
        return content === undefined ? 1 : 0
      }
      case 'request':
        answerRequest(readLoggedRequest(command))
        break
      case 'openSession':
      case 'session':
        drain()
        sessions.perform(command)
        break
      case 'interrupt':
        begun.get(command.number)?.end()
        break
      case 'input':
        begun.get(command.number)?.keyboard.type(command.input)
        break
      case 'traffic':
        trafficSources.set(
          command.traffic.name,
          startTraffic({ engine, network, namespace, traffic: command.traffic, originMs: origin }),
        )
        break
    }
    return 0
  }

  function start(
    command: Command,
    done: (result: CommandResult) => void,
    onOutput?: (stream: 'stdout' | 'stderr', text: string) => void,
    keyboard?: Keyboard,
    isBegun = false,
  ): Driven {
    const atMs = nowMs()
    const output = { stdout: '', stderr: '' }
    const out = (stream: 'stdout' | 'stderr', text: string): void => {
      output[stream] += text
      onOutput?.(stream, text)
    }
    const finish = (exit: number, prompt?: string): void =>
      done({ atMs, doneMs: nowMs(), exit, ...output, ...(prompt ? { prompt } : {}) })
    const finished: Driven = { isDone: true, interrupt: () => undefined }
    const line = kubectlLine(command)
    if (line) {
      engine.trace.current = 0
      engine.trace.record('you', line.shown, undefined, line.stdin ? { stdin: line.stdin } : undefined)
      const files = memoryFiles(line.workplace)
      const context = {
        ...kubectlContext(line.stdin, files, line.workplace.environment, out, keyboard, line.edited),
        ...(isBegun ? { machine } : {}),
      }
      return drive(kubectlProcess(line.words, context), (exit) => {
        const { used, written } = files
        done({ atMs, doneMs: nowMs(), exit, ...output, ...(line.isAtWorkplace ? { files: { used, written } } : {}) })
      })
    }
    if (command.op === 'node') {
      engine.trace.current = 0
      engine.trace.record('you', `ssh ${command.node} ${command.line}`)
      const { node, line: text, stdin, session } = command
      return nodes.shell(node, { line: text, stdin, session, keyboard: keyboard && typingInto(keyboard) }, out, finish)
    }
    if (command.op === 'outside') {
      engine.trace.current = 0
      engine.trace.record('you', command.line)
      return runOutside({ engine, network }, command, out, finish)
    }
    try {
      finish(perform(command, out))
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error
      out('stderr', `error: ${error.message}\n`)
      finish(1)
    }
    return finished
  }

  function begin(
    command: Command,
    done: (result: CommandResult) => void,
    onOutput?: (stream: 'stdout' | 'stderr', text: string) => void,
  ): Begun {
    drain()
    const atMs = nowMs()
    const number = log.push({ atMs, command, isBegun: true }) - 1
    const keyboard = createKeyboard()
    const screen = command.op === 'kubectl' || command.op === 'node' ? command.keyboard : undefined
    if (screen) keyboard.type({ act: 'resize', ...screen })
    const driven = start(
      command,
      (result) => {
        begun.delete(number)
        done(result)
      },
      onOutput,
      screen && keyboard,
      true,
    )
    if (driven.isDone) return { number, input: () => undefined, interrupt: () => undefined }
    const end = (): void => {
      begun.delete(number)
      driven.interrupt()
      // 128 and SIGINT, as a shell tells it.
      done({ atMs, doneMs: nowMs(), exit: 130, stdout: '', stderr: '' })
    }
    begun.set(number, { end, keyboard })
    const act = (given: Command, perform: () => void): void => {
      if (!begun.has(number)) return
      drain()
      log.push({ atMs: nowMs(), command: given })
      perform()
    }
    return {
      number,
      input: (input) => act({ op: 'input', number, input }, () => keyboard.type(input)),
      interrupt: () => act({ op: 'interrupt', number }, end),
    }
  }

  /** Whatever is due at this moment happens before the next command, so that a replay has the same order. */
  const drain = (): void => engine.runUntil(engine.nowMs)

  function answerRequest(request: HttpRequest): HttpOutcome {
    if (!isRead(request)) {
      drain()
      engine.trace.current = 0
      engine.trace.record('you', `${request.method} ${request.url}`)
    }
    if (isRead(request)) return rest.handle(request, adminUser, false)
    return engine.compute(() => rest.handle(request, adminUser, true))
  }

  const patience = (command: Command): Patience =>
    command.op === 'node' ? patienceForShell(command.line) : patienceFor(command.op === 'kubectl' ? command.line : '')

  /** Runs a command to its end, advancing virtual time. */
  function run(command: Command): CommandResult {
    let result: CommandResult | undefined
    const output = { stdout: '', stderr: '' }
    const begun = nowMs()
    const { ms, isEndless } = patience(command)
    const limit = engine.nowMs + ms
    const driven = start(
      command,
      (given) => {
        result = given
      },
      (stream, text) => {
        output[stream] += text
      },
    )
    while (!result && (engine.nextDueMs() ?? limit) < limit && engine.step());
    if (result) return result
    driven.interrupt()
    engine.runUntil(limit)
    if (!isEndless) output.stderr += `error: the command was still waiting after ${ms / 1000} s and was interrupted\n`
    // 128 and SIGINT, as a shell tells it.
    return { atMs: begun, doneMs: nowMs(), exit: 130, ...output }
  }

  const setupResults = (options.setup?.commands ?? []).map(run)
  // A whole millisecond: then moments that are told from the hand-over on and added to it again are exactly what they were.
  if (options.setup) engine.runUntil(Math.ceil(engine.nowMs + options.setup.settleMs))
  // From here on time counts for those outside: what the wall clock showed at boot is the same in every run.
  origin = engine.nowMs
  for (const traffic of options.traffic ?? []) start({ op: 'traffic', traffic }, () => undefined)

  const parts: Omit<LiveCluster, keyof Readings> = {
    engine,
    server,
    network,
    nodes,
    controlPlane,
    client,
    namespace,
    seed: options.seed,
    trace: engine.trace,
    setupResults,
    log,
    start,
    begin,
    execute(command) {
      const at = log.push({ atMs: nowMs(), command }) - 1
      const result = run(command)
      // A workplace may be large; the history needs what the line used of it.
      if (command.op === 'kubectl' && command.workplace && result.files) {
        const workplace = { ...command.workplace, files: result.files.used }
        log[at] = { ...log[at], command: { ...command, workplace } }
      }
      return result
    },
    request(request) {
      const readable = rest.readable(request)
      if (!isRead(readable)) drain()
      if (!isRead(readable)) log.push({ atMs: nowMs(), command: loggedRequest(readable) })
      return answerRequest(readable)
    },
    patience,
    complete: (line, cursor) => completeLine(line, cursor, { kinds: served, client, namespace }),
    advance: (ms) => engine.runUntil(engine.nowMs + ms),
    settle: (maxMs) => engine.runUntilSettled(engine.nowMs + maxMs),
    step: () => engine.step(),
    objects(resource, at = {}) {
      const kind = findResource(resource)
      if (!kind) throw new Error(`no resource ${resource}`)
      const revision = at.atMs === undefined ? undefined : server.etcd.revisionAt(at.atMs + origin)
      return server.etcd.range(resourceName(kind), { revision, prefix: at.namespace ? `${at.namespace}/` : '' }).items
    },
    changes(resource) {
      const kind = findResource(resource)
      if (!kind) throw new Error(`no resource ${resource}`)
      const bucket = resourceName(kind as Kind<KubeObject>)
      const changes: ObjectChange[] = []
      for (const change of server.etcd.history()) {
        if (change.bucket !== bucket || change.atMs < origin) continue
        const { revision, type, value, record } = change
        changes.push({ atMs: change.atMs - origin, revision, type, object: value, record })
      }
      return changes
    },
    schedulingAttempts: (limit, isWanted) => controlPlane.attempts.latest(limit, isWanted).map(onOwnClock),
    traffic: (name) => trafficSources.get(name)?.report(),
    stateHash: () => engine.stateHash.digest(),
  }
  return Object.assign(new Readings(engine, server, origin), parts)
}

/**
 * What of a cluster is read anew each time. By a class: a getter of an object literal costs a hidden class of its own for each
 * object, which lies among the old objects and keeps a cluster that is done with from being collected early.
 */
class Readings {
  readonly #engine: Engine
  readonly #server: ApiServer
  readonly #origin: number

  constructor(engine: Engine, server: ApiServer, origin: number) {
    this.#engine = engine
    this.#server = server
    this.#origin = origin
  }

  get nowMs(): number {
    return this.#engine.nowMs - this.#origin
  }
  get epochMs(): number {
    return this.#engine.epochMs
  }
  get isSettled(): boolean {
    return this.#engine.isSettled
  }
  get eventsProcessed(): number {
    return this.#engine.eventsProcessed
  }
  get notSimulated(): readonly string[] {
    return [...this.#server.notSimulated]
  }
}

function* kubectlProcess(words: string | string[], context: KubectlContext): Generator<Wait, number, unknown> {
  yield context.sleep(kubectlStartMs)
  try {
    const exit = yield* withAllowance(kubectlSteps, runKubectl(words, context))
    if (exit !== undefined) return exit
    context.stderr('error: the command was stopped: it needs more computing than one command may take\n')
  } catch (error) {
    // A text, a number or a stack that is longer than the language lets one be: the line's failure, and not the cluster's.
    if (!(error instanceof RangeError)) throw error
    context.stderr('error: the command was stopped: it needs more memory than one command may take\n')
  }
  return 1
}

/** Of computing that one line of kubectl may take: half a second. */
const kubectlSteps = stepsPerSecond / 2

const refText = ({ kind, namespace = '', name }: ObjectRef): string => `${kind}/${namespace}/${name}`

interface KubectlLine {
  words: string | string[]
  stdin: string
  workplace: Workplace
  isAtWorkplace: boolean
  edited?: EditedFile
  shown: string
}

const noFiles: Workplace = { directory: '/', environment: {}, files: {} }

function kubectlLine(command: Command): KubectlLine | undefined {
  if (command.op === 'kubectl') {
    const { line, stdin = '', workplace } = command
    return {
      words: line,
      stdin,
      workplace: workplace ?? noFiles,
      isAtWorkplace: workplace !== undefined,
      shown: line,
      edited: command.edited,
    }
  }
  if (command.op !== 'apply' && command.op !== 'create') return undefined
  const line = `kubectl ${command.op} -f -${command.args ? ` ${command.args}` : ''}`
  return { words: line, stdin: command.manifest, workplace: noFiles, isAtWorkplace: false, shown: line }
}

/** The same cluster again, up to a moment: its options and its log say everything. */
export function replayCluster(
  options: ClusterOptions,
  log: readonly LoggedCommand[],
  untilMs: number,
  onResult?: (result: CommandResult) => void,
): LiveCluster {
  const cluster = createCluster(options)
  for (const { atMs, command, isBegun } of log) {
    if (atMs > untilMs) break
    if (atMs > cluster.nowMs) cluster.advance(atMs - cluster.nowMs)
    if (isBegun) {
      cluster.begin(command, (result) => onResult?.(result))
      continue
    }
    const result = cluster.execute(command)
    onResult?.(result)
  }
  if (untilMs > cluster.nowMs) cluster.advance(untilMs - cluster.nowMs)
  return cluster
}
