/** What a cluster offers to those outside it: commands, time, and reads of its whole past. */
import type { KubeObject } from './api/meta/object.ts'
import type { Attempt } from './api/scheduling/attempt.ts'
import type { EngineLimits } from './engine/engine.ts'
import type { Trace } from './engine/trace.ts'
import type { MemberStanding } from './etcd/members.ts'
import type {
  ClusterShape,
  Command,
  CommandResult,
  LoggedCommand,
  TrafficReport,
  TrafficSpec,
} from './scenario/types.ts'

export interface ClusterOptions {
  seed: string
  shape: ClusterShape
  /** The wall clock at virtual time 0; a fixed date unless told. */
  startEpochMs?: number
  limits?: Partial<EngineLimits>
  /** The private key of the cluster's authority, RSA in PEM: what it signs is then believed outside. Drawn, and good for nothing outside, unless told. */
  authorityKey?: string
  /** What makes the world before the hand-over, and how long it is left to settle. */
  setup?: { commands: readonly Command[]; settleMs: number }
  /** Traffic that runs from the hand-over on. */
  traffic?: readonly TrafficSpec[]
  /** Deep-freezes what is stored and keeps the state hash over contents: for tests. */
  strict?: boolean
  /** The state hash covers what objects hold, not only what happened when: for grades that anybody may recompute. */
  hashesContent?: boolean
}

/** One change of an object, as the store remembers it. */
export interface ObjectChange {
  atMs: number
  revision: number
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: KubeObject
  /** The trace record of the write. */
  record: number
}

export interface Cluster {
  readonly seed: string
  readonly nowMs: number
  readonly epochMs: number
  /** Nothing is due but heartbeats, probes and the like. */
  readonly isSettled: boolean
  readonly trace: Trace
  /** What came of the setup's commands, in order. */
  readonly setupResults: readonly CommandResult[]
  /** Every command so far, with its time. */
  readonly log: readonly LoggedCommand[]
  /** Logs the command, runs it, and advances virtual time until it has ended (rollout status waits, and so does this). */
  execute(command: Command): CommandResult
  /** Lets that much virtual time pass. */
  advance(ms: number): void
  /** Runs until settled, at most that long; tells whether it is. */
  settle(maxMs: number): boolean
  /** Runs the next event that is due; false when none is. */
  step(): boolean
  /** Objects of a resource (`pods`, `deployments.apps`), now or as they were, sorted by namespace and name. */
  objects(resource: string, options?: { namespace?: string; atMs?: number }): readonly KubeObject[]
  /** Every change of a resource's objects since the start, in order. */
  changes(resource: string): readonly ObjectChange[]
  /** The last attempt of each of the `limit` Pods that the scheduler tried last and that the caller wants, the newest first. */
  schedulingAttempts(limit: number, isWanted: (attempt: Attempt) => boolean): readonly Attempt[]
  traffic(name: string): TrafficReport | undefined
  /** Who leads whom among the members of etcd, now or as it was; none where etcd never fails. */
  etcdMembers(atMs?: number): readonly MemberStanding[]
  /** When that changed. */
  etcdTurns(): readonly number[]
  /** Sixteen hexadecimal digits over everything that happened so far. */
  stateHash(): string
  /** Events processed so far. */
  readonly eventsProcessed: number
  /** Fields and the like that were accepted and have no effect here. */
  readonly notSimulated: readonly string[]
}
