/** What a kubelet knows of one Pod while a worker looks after it. */
import type { Pod } from '../api/core/pod-types.ts'
import type { Condition } from '../api/meta/object.ts'
import type { Timer } from '../engine/engine.ts'
import type { MountedVolume } from '../storage/types.ts'
import type { RuntimePodStatus } from './pod-cache.ts'

/** Why a container could not be started, as the last sync found. */
export interface StartFailureReason {
  reason: string
  message: string
}

/** `sync`: keep its containers running. `terminating`: stop them. `terminated`: clean up. `finished`: nothing left to do. */
export type WorkerPhase = 'sync' | 'terminating' | 'terminated' | 'finished'

export interface PodRecord {
  readonly uid: string
  /** The newest version seen, with the resources that the node has granted. */
  pod: Pod
  /** The same as the API has it. */
  desired: Pod
  /** Why the kubelet ends the Pod of its own accord. */
  eviction: { reason: string; message: string; condition?: Condition } | undefined
  /** A resize that is not granted. */
  pendingResize: { reason: 'Infeasible' | 'Deferred'; message: string; generation: number } | undefined
  /** Resources that are granted and not in effect yet; why not, if something is in the way. */
  resizing: { generation: number; error?: string } | undefined
  phase: WorkerPhase
  /** The object is gone from the API. */
  isGone: boolean
  isWorking: boolean
  isPending: boolean
  /** When the last sync ended; -1 before the first. */
  lastSyncMs: number
  /** When the runtime was last asked for this Pod alone; -1 before. */
  observedMs: number
  /** Seconds that termination may take; it only ever shrinks. */
  graceSeconds: number | undefined
  /** Ends the wait that the worker is in, when it may be cut short. */
  interrupt: (() => void) | undefined
  abandon: (() => void) | undefined
  requeue: Timer | undefined
  deadline: Timer | undefined
  cache: RuntimePodStatus
  readonly volumes: Map<string, MountedVolume>
  readonly startFailures: Map<string, StartFailureReason>
}

export const newPodRecord = (pod: Pod, cache: RuntimePodStatus): PodRecord => ({
  uid: pod.metadata.uid,
  pod,
  desired: pod,
  eviction: undefined,
  pendingResize: undefined,
  resizing: undefined,
  phase: 'sync',
  isGone: false,
  isWorking: false,
  isPending: false,
  lastSyncMs: -1,
  observedMs: -1,
  graceSeconds: undefined,
  interrupt: undefined,
  abandon: undefined,
  requeue: undefined,
  deadline: undefined,
  cache,
  volumes: new Map(),
  startFailures: new Map(),
})

/** `name_namespace(uid)`, as kubelet messages name a Pod. */
export const podTitle = (pod: Pod): string => `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`
