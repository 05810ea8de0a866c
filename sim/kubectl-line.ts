/** Runs a line of kubectl in a cluster, with all that it works with there: clients, nodes, files, and what `podium` reads of the past. */

import { StatusError } from './api/meta/status-error.ts'
import type { Attempt } from './api/scheduling/attempt.ts'
import { createClient } from './apiserver/client.ts'
import { userOfToken } from './apiserver/tokens.ts'
import type { Client } from './client/client.ts'
import type { ClusterParts } from './cluster-parts.ts'
import { knownUser, UNAUTHORIZED } from './components/trust.ts'
import type { ObjectRef } from './engine/trace.ts'
import { stepsPerSecond } from './engine/work.ts'
import { type EtcdMembers, REQUEST_TIMEOUT_MS } from './etcd/members.ts'
import type { Credentials, Insight, KubectlContext } from './kubectl/context.ts'
import { KubectlError } from './kubectl/errors.ts'
import { memoryFiles } from './kubectl/files.ts'
import { runKubectl } from './kubectl/kubectl.ts'
import { schemaSource } from './kubectl/schema-source.ts'
import { printRules } from './network/proxy/print.ts'
import type { NodeKubectlIO } from './node-shell/machine.ts'
import { keyPairProblem } from './pki/key-pair.ts'
import { throughProtobuf } from './rest/protobuf/round-trip.ts'
import { interact } from './rest/streaming/sessions.ts'
import { otherVersions } from './rest/versions/registry.ts'
import { withAllowance } from './runtime/allowance.ts'
import { type Driven, drive } from './runtime/drive.ts'
import type { Keyboard } from './runtime/keyboard.ts'
import type { Wait } from './runtime/process.ts'
import { type CommandRun, type Emit, type KubectlInput, recordAsYours } from './scenario/commands/command.ts'
import type { Workplace } from './scenario/types.ts'
import { serverVersion } from './version.ts'

/** Starting kubectl, reading the kubeconfig, discovery from the cache. */
const kubectlStartMs = 80
/** Of computing that one line may take: half a second. */
const kubectlSteps = stepsPerSecond / 2

/** So often it is looked whether etcd has a leader. */
const leaderPollMs = 100

export const noFiles: Workplace = { directory: '/', environment: {}, files: {} }

/**
 * Runs a line; what it did to the files of a workplace is part of the result.
 * @param originMs the engine's time at the hand-over
 */
export function runKubectlLine(
  parts: ClusterParts,
  input: KubectlInput,
  { out, finish, keyboard, isBegun }: CommandRun,
  originMs: number,
): Driven {
  const { line, stdin = '', workplace, edited } = input
  recordAsYours(parts, line, stdin)
  const { environment } = workplace ?? noFiles
  const files = memoryFiles(workplace ?? noFiles)
  const context = contextOf(parts, { stdin, files, environment, out, keyboard, edited }, originMs)
  const { members } = parts.server
  const process = kubectlProcess(line, isBegun ? { ...context, machine: parts.machine } : context, members)
  return drive(process, (exit) => {
    const { used, written } = files
    finish(exit, workplace ? { files: { used, written } } : undefined)
  })
}

function* kubectlProcess(
  line: string,
  context: KubectlContext,
  members: EtcdMembers | undefined,
): Generator<Wait, number, unknown> {
  yield context.sleep(kubectlStartMs)
  // A request that finds no leader waits for one. Simplified: a line waits before it begins, also one that asks the server nothing.
  let waitedMs = 0
  for (; members?.isElecting && waitedMs < REQUEST_TIMEOUT_MS; waitedMs += leaderPollMs)
    yield context.sleep(leaderPollMs)
  try {
    context.client.takeChargedMs?.()
    const exit = yield* withAllowance(kubectlSteps, runKubectl(line, context))
    // Webhooks that the server asked keep the line waiting. Simplified: at its end, whichever of its requests they were asked about.
    const chargedMs = (context.client.takeChargedMs?.() ?? 0) - waitedMs
    if (chargedMs > 0) yield context.sleep(chargedMs)
    if (exit !== undefined) return exit
    context.stderr('error: the command was stopped: it needs more computing than one command may take\n')
  } catch (error) {
    // A text, a number or a stack that is longer than the language lets one be: the line's failure, and not the cluster's.
    if (!(error instanceof RangeError)) throw error
    context.stderr('error: the command was stopped: it needs more memory than one command may take\n')
  }
  return 1
}

interface LineIO extends Pick<KubectlContext, 'stdin' | 'files' | 'environment' | 'edited'> {
  out: Emit
  keyboard: Keyboard | undefined
}

/** What a line works with: the cluster, the files and the streams of the one who types. */
export function contextOf(
  parts: ClusterParts,
  { stdin, files, environment, out, keyboard, edited }: LineIO,
  originMs: number,
): KubectlContext {
  const { server, engine, rest, sessionParts, discovery } = parts
  const served = parts.kinds()
  return {
    client: discovery.over(parts.client),
    clientWith: (credentials) => clientWith(parts, credentials),
    clientFor: (user) => discovery.over(createClient(server, { user, fieldManager: 'kubectl', latencyMs: 0 })),
    kinds: discovery.kinds,
    discover: () => discovery.refresh(served),
    versions: otherVersions,
    inGoOrder: throughProtobuf,
    namespace: parts.namespace,
    stdin,
    files,
    environment,
    keptKubeconfig: parts.kubeconfig,
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
    node: parts.nodes.access,
    ask(path, user, accept, sent) {
      const { method, body: text } = sent ?? { method: 'GET', body: '' }
      const headers = { accept, 'user-agent': `kubectl/${serverVersion}`, 'content-type': 'application/json' }
      if (server.link.failure !== undefined) return undefined
      const outcome = rest.handle(
        { method, url: path, headers, body: new TextEncoder().encode(text) },
        { otherwise: user },
        true,
      )
      if (outcome.kind !== 'answer') return undefined
      const { status, body } = outcome
      return { status, body: typeof body === 'string' ? body : new TextDecoder().decode(body) }
    },
    ...(keyboard
      ? { interact: (request, streams) => interact(sessionParts, request, streams, (take) => keyboard.connect(take)) }
      : {}),
    schema: schemaSource,
    insight: insightOf(parts, originMs),
  }
}

/** What a kubectl on a node works with: no insight into the simulator, and no session. */
export function nodeContextOf(parts: ClusterParts, client: Client, io: NodeKubectlIO): KubectlContext {
  const out: Emit = (stream, text) => (stream === 'stdout' ? io.stdout(text) : io.stderr(text))
  const {
    insight: _,
    keptKubeconfig: __,
    ...context
  } = contextOf(parts, { ...io, out, keyboard: undefined, edited: undefined }, 0)
  return { ...context, client: parts.discovery.over(client) }
}

/**
 * A client as whom the credentials name. Simplified: the address in a kubeconfig and whom it trusts are not looked at outside of the cluster.
 * @returns undefined for a kubeconfig without any: a sandbox's leads there by its address
 * @throws StatusError 401; KubectlError for a certificate and a key that do not belong together
 */
function clientWith(parts: ClusterParts, { certificate, key, token }: Credentials): Client | undefined {
  const { server, discovery, nodes, engine } = parts
  if (certificate === undefined && token === undefined) return undefined
  if (certificate !== undefined) {
    const problem = keyPairProblem(certificate, key ?? '')
    if (problem !== undefined) throw new KubectlError(problem)
  }
  // Source: kubernetes/pkg/kubeapiserver/authenticator/config.go: a certificate that is known is looked at first
  const user =
    (certificate === undefined ? undefined : knownUser(nodes.trust, certificate, engine.epochMs)) ??
    (token === undefined ? undefined : userOfToken(server, token))
  if (!user) throw new StatusError(401, 'Unauthorized', UNAUTHORIZED)
  return discovery.over(createClient(server, { user, fieldManager: 'kubectl', latencyMs: 0 }))
}

function insightOf({ engine, server, network, controlPlane, traffic }: ClusterParts, originMs: number): Insight {
  const sinceHandOver = (attempt: Attempt): Attempt => ({ ...attempt, atMs: attempt.atMs - originMs })
  return {
    schedulingAttempts: (pod) => controlPlane.attempts.get(pod).map(sinceHandOver),
    trace(objects) {
      const wanted = new Set(objects.map(refText))
      return engine.trace
        .records()
        .filter(({ object }) => object && wanted.has(refText(object)))
        .map((record) => ({ ...record, atMs: record.atMs - originMs }))
    },
    explainAccess(request) {
      const { allowed, reason } = server.authorization.authorize(request)
      const { grants, errors } = server.authorization.rulesFor(request.user, request.namespace)
      const isPrivileged = request.user.groups.includes('system:masters')
      return { isAllowed: allowed, reason, isPrivileged, grants, errors }
    },
    traffic: () => [...traffic.values()].map((source) => source.report()),
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
  }
}

const refText = ({ kind, namespace = '', name }: ObjectRef): string => `${kind}/${namespace}/${name}`
