/** A cluster as those outside it have it: its parts, the log of what was done to it, and reads of its whole past. */
import type { Kind } from './api/meta/kind.ts'
import { resourceName } from './api/meta/kind.ts'
import type { KubeObject } from './api/meta/object.ts'
import { findResource } from './api/registry.ts'
import { assembleCluster, type ClusterParts } from './cluster-parts.ts'
import type { Cluster, ClusterOptions, ObjectChange } from './cluster-types.ts'
import { type CommandLog, createCommandLog } from './command-log.ts'
import { completeLine } from './kubectl/completion.ts'
import { nodeContextOf } from './kubectl-line.ts'
import type { CommandResult, LoggedCommand } from './scenario/types.ts'

/** A cluster with its parts in reach, for the scenario engine and tests. */
export interface LiveCluster
  extends Cluster,
    Pick<ClusterParts, 'engine' | 'server' | 'network' | 'nodes' | 'controlPlane' | 'client' | 'namespace'>,
    Omit<CommandLog, 'run' | 'log' | 'execute'> {
  /** The files by which its nodes ran when it was handed over. */
  readonly handedOverFiles: ReturnType<ClusterParts['nodes']['configuration']>
  /** What could stand at the cursor of a kubectl line. */
  complete(line: string, cursor: number): string[]
}

/** A booted cluster at its hand-over: nodes ready, system namespaces there, what the setup makes done, virtual time 0. */
export function createCluster(options: ClusterOptions): LiveCluster {
  const log: LoggedCommand[] = []
  const clock = { originMs: 0 }
  const parts: ClusterParts = assembleCluster(
    options,
    (command) => {
      engine.runUntil(engine.nowMs)
      log.push({ atMs: engine.nowMs - clock.originMs, command })
    },
    (nodeClient, io) => nodeContextOf(parts, nodeClient, io),
  )
  const { engine, server, client, namespace, controlPlane, traffic } = parts
  clock.originMs = engine.nowMs
  const commands = createCommandLog(parts, clock, log)
  const setupResults = (options.setup?.commands ?? []).map(commands.run)
  // A whole millisecond: then moments that are told from the hand-over on and added to it again are exactly what they were.
  if (options.setup) engine.runUntil(Math.ceil(engine.nowMs + options.setup.settleMs))
  // From here on time counts for those outside: what the wall clock showed at boot is the same in every run.
  const originMs = engine.nowMs
  clock.originMs = originMs
  const handedOverFiles = parts.nodes.configuration()
  for (const one of options.traffic ?? []) commands.start({ op: 'traffic', traffic: one }, () => undefined)

  const cluster: Omit<LiveCluster, keyof Readings> = {
    engine,
    server,
    network: parts.network,
    nodes: parts.nodes,
    handedOverFiles,
    controlPlane,
    client,
    namespace,
    seed: options.seed,
    trace: engine.trace,
    setupResults,
    log,
    start: commands.start,
    begin: commands.begin,
    execute: commands.execute,
    request: commands.request,
    patience: commands.patience,
    complete: (line, cursor) => completeLine(line, cursor, { kinds: parts.kinds(), client, namespace }),
    advance: (ms) => engine.runUntil(engine.nowMs + ms),
    settle: (maxMs) => engine.runUntilSettled(engine.nowMs + maxMs),
    step: () => engine.step(),
    objects(resource, at = {}) {
      const revision = at.atMs === undefined ? undefined : server.etcd.revisionAt(at.atMs + originMs)
      const prefix = at.namespace ? `${at.namespace}/` : ''
      return server.etcd.range(bucketOf(resource), { revision, prefix }).items
    },
    changes(resource) {
      const bucket = bucketOf(resource)
      const changes: ObjectChange[] = []
      for (const change of server.etcd.history()) {
        if (change.bucket !== bucket || change.atMs < originMs) continue
        const { revision, type, value, record } = change
        changes.push({ atMs: change.atMs - originMs, revision, type, object: value, record })
      }
      return changes
    },
    schedulingAttempts: (limit, isWanted) =>
      controlPlane.attempts.latest(limit, isWanted).map((attempt) => ({ ...attempt, atMs: attempt.atMs - originMs })),
    traffic: (name) => traffic.get(name)?.report(),
    etcdMembers: (atMs) => server.members?.standingAt(atMs === undefined ? engine.nowMs : atMs + originMs) ?? [],
    etcdTurns: () =>
      server.members?.standingTurns().flatMap((atMs) => (atMs < originMs ? [] : [atMs - originMs])) ?? [],
    stateHash: () => engine.stateHash.digest(),
  }
  return Object.assign(new Readings(parts, originMs), cluster)
}

/** Where the store keeps objects of a resource. Custom resources are known by their whole name alone. @throws Error for a resource that there is not */
function bucketOf(resource: string): string {
  const kind = findResource(resource)
  if (kind) return resourceName(kind as Kind<KubeObject>)
  if (/^[a-z0-9-]+\.[^.]+\../.test(resource)) return resource
  throw new Error(`no resource ${resource}`)
}

/**
 * What of a cluster is read anew each time. By a class: a getter of an object literal costs a hidden class of its own for each
 * object, which lies among the old objects and keeps a cluster that is done with from being collected early.
 */
class Readings {
  readonly #parts: Pick<ClusterParts, 'engine' | 'server'>
  readonly #originMs: number

  constructor(parts: Pick<ClusterParts, 'engine' | 'server'>, originMs: number) {
    this.#parts = parts
    this.#originMs = originMs
  }

  get nowMs(): number {
    return this.#parts.engine.nowMs - this.#originMs
  }
  get epochMs(): number {
    return this.#parts.engine.epochMs
  }
  get isSettled(): boolean {
    return this.#parts.engine.isSettled
  }
  get eventsProcessed(): number {
    return this.#parts.engine.eventsProcessed
  }
  get notSimulated(): readonly string[] {
    return [...this.#parts.server.notSimulated]
  }
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
