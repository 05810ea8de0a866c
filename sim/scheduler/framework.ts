/** The scheduling framework: what a plugin is given and what it may say at each extension point. Source: https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/ */
import type { Node } from '../api/core/types.ts'
import type { ObjectKey } from '../api/meta/object.ts'
import type { Random } from '../engine/random.ts'
import type { ClusterIndex, NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** Why a node, or every node, will not do. */
export interface Rejection {
  readonly plugin: string
  /** As messages count them: `Insufficient cpu`. */
  readonly reasons: readonly string[]
  /** True when removing Pods from the node would not help. */
  readonly isUnresolvable: boolean
}

export const unschedulable = (plugin: string, ...reasons: readonly string[]): Rejection => ({
  plugin,
  reasons,
  isUnresolvable: false,
})
export const unresolvable = (plugin: string, ...reasons: readonly string[]): Rejection => ({
  plugin,
  reasons,
  isUnresolvable: true,
})

/** What plugins hand on from one extension point to the next within a cycle; a key a plugin. */
export class StateKey<T> {
  readonly name: string
  /** Never set: ties the key to the type of its value. */
  declare readonly value: T
  constructor(name: string) {
    this.name = name
  }
}

/** One attempt to place one Pod. */
export class Cycle {
  readonly info: PodInfo
  /** The nodes as this attempt sees them. */
  readonly nodes: readonly NodeInfo[]
  readonly index: ClusterIndex
  private readonly state = new Map<StateKey<unknown>, unknown>()

  constructor(info: PodInfo, nodes: readonly NodeInfo[], index: ClusterIndex) {
    this.info = info
    this.nodes = nodes
    this.index = index
  }

  write<T>(key: StateKey<T>, value: T): void {
    this.state.set(key, value)
  }

  /** What was written under the key in this cycle. */
  read<T>(key: StateKey<T>): T | undefined {
    return this.state.get(key) as T | undefined
  }
}

/** Something that may let a Pod that was rejected fit now. */
export type ClusterEvent =
  | { on: 'node'; change: 'add' | 'allocatable' | 'labels' | 'taints' | 'delete'; node: Node; old?: Node }
  /** A Pod that has a node. */
  | { on: 'assigned-pod'; change: 'add' | 'labels' | 'requests' | 'delete'; info: PodInfo; old?: PodInfo }
  /** A volume, a storage class or the drivers of a node came or changed, or an attachment is gone. */
  | { on: 'volume'; change: 'volume' | 'class' | 'csi-node' | 'attachment' }
  | { on: 'claim'; change: 'add' | 'update'; claim: ObjectKey }
  /** A claim of devices, a class of them, or what a driver has of them came or changed. */
  | { on: 'devices' }
  /** The waiting Pod itself. */
  | { on: 'pod'; change: 'labels' | 'requests' | 'tolerations' | 'gates' | 'claims'; info: PodInfo }

/** `skip`: the plugin has nothing to say on this Pod, and is left out of the cycle. */
export type PreFilterResult = 'skip' | { nodes: ReadonlySet<string> } | Rejection | undefined

/** Something has to happen before the Pod can be bound: `done` is called when it has, or with why it never will. */
export interface BindWait {
  begin(done: (rejection: Rejection | undefined) => void): void
}

export interface SchedulerPlugin {
  readonly name: string
  /** By which its score counts; 1 unless told. */
  readonly weight?: number
  /** A reason keeps the Pod out of the queue: no attempt is made, nothing is said. */
  preEnqueue?(info: PodInfo): string | undefined
  /** Which of two waiting Pods goes first. */
  isBefore?(a: PodInfo, b: PodInfo, aQueuedMs: number, bQueuedMs: number): boolean
  preFilter?(cycle: Cycle): PreFilterResult
  filter?(cycle: Cycle, node: NodeInfo): Rejection | undefined
  /** After all nodes were rejected: makes room. */
  postFilter?(cycle: Cycle, context: PostFilterContext): PostFilterResult
  preScore?(cycle: Cycle, nodes: readonly NodeInfo[]): 'skip' | undefined
  /** A whole number; 0 to 100 after normalizeScore. */
  score?(cycle: Cycle, node: NodeInfo): number
  normalizeScore?(cycle: Cycle, scores: number[], nodes: readonly NodeInfo[]): void
  reserve?(cycle: Cycle, node: NodeInfo): Rejection | undefined
  unreserve?(cycle: Cycle, node: NodeInfo): void
  /** Simplified: a plugin may refuse here, but not have the Pod wait. */
  permit?(cycle: Cycle, node: NodeInfo): Rejection | undefined
  preBind?(cycle: Cycle, node: NodeInfo): Rejection | BindWait | undefined
  /** True when it has bound the Pod; may throw what the API server answered. */
  bind?(cycle: Cycle, node: NodeInfo): boolean
  /** Queueing hint: whether this may let in a Pod that the plugin has rejected. Without one nothing does. */
  wakes?(info: PodInfo, event: ClusterEvent): boolean
}

export interface PostFilterContext {
  readonly rejections: ReadonlyMap<NodeInfo, Rejection>
  readonly random: Random
  /** Where room was made for the Pod in an earlier attempt. */
  readonly nominatedNode: string | undefined
  /** Runs PreFilter and the filters for a node as it is now: with Pods taken off it, or put back. */
  filter(node: NodeInfo): Rejection | undefined
}

export interface PostFilterResult {
  message: string
  /** The plugin failed: no other one is asked, and only this message is told. */
  isError?: boolean
  /** The node where room was made, which the Pod will be tried on next. */
  nominatedNode?: string
  victims?: readonly PodInfo[]
}

/** Scales scores so that the greatest is 100; `isReversed` makes the least the best. Source: helper.DefaultNormalizeScore */
export function normalizeByGreatest(scores: number[], isReversed: boolean): void {
  let greatest = 0
  for (const score of scores) if (score > greatest) greatest = score
  for (let i = 0; i < scores.length; i++) {
    const scaled = greatest === 0 ? scores[i] : Math.trunc((100 * scores[i]) / greatest)
    scores[i] = isReversed ? 100 - scaled : scaled
  }
}
