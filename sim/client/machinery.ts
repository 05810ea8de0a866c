/** The client machinery's interfaces: what controllers, the scheduler, kubelets and proxies are built with. */

import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import type { Engine } from '../engine/engine.ts'
import type { Authority } from '../pki/authority.ts'
import type { Family } from '../text/metrics-text.ts'
import type { Client } from './client.ts'
import type { SharedInformer } from './informer.ts'

export interface InformerFactory {
  /** The shared informer of that kind (and selectors); asking again gives the same one. */
  informer<T extends KubeObject>(
    kind: Kind<T>,
    options?: { namespace?: string; fieldSelector?: string; labelSelector?: string },
  ): SharedInformer<T>
  /** Starts every informer that was asked for and is not running: list, then watch. */
  start(): void
  /** Stops the watches; caches keep what they hold. */
  stop(): void
}

/** Keys that wait for a reconcile: each at most once, none by two workers, failures retried with back-off. */
export interface WorkQueue {
  /** The current trace record becomes the cause of the reconcile. */
  add(key: string): void
  addAfter(key: string, delayMs: number): void
  addRateLimited(key: string): void
  forget(key: string): void
  stop(): void
  /** What it has done so far. */
  readonly figures: WorkQueueFigures
}

export interface WorkQueueFigures {
  /** As metrics name it; null for one of a program that is not Kubernetes' own. */
  readonly name: string | null
  /** Keys that wait. */
  readonly depth: number
  readonly adds: number
  readonly retries: number
}

export interface WorkQueueOptions {
  name: string
  /** See `WorkQueueFigures`; the name unless told. */
  metricName?: string | null
  /** A StatusError thrown (or any thrown by the API) retries the key with back-off. */
  reconcile: (key: string) => void
  /** Keys in work at once; a worker is busy for as long as the calls of its reconcile took. */
  workers?: number
  /** 5 ms doubling to 1000 s, as DefaultTypedControllerRateLimiter, unless told. */
  baseDelayMs?: number
  maxDelayMs?: number
  /** How often a failing key is retried before it is dropped (deployment controller: 15); without one, for ever. */
  maxRetries?: number
}

/** What an event is about: an object, or a part of one (`spec.containers{main}`). */
export interface EventRecorder {
  event(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, fieldPath?: string): void
}

/** What every component is given when it starts. */
export interface ComponentContext {
  engine: Engine
  /** Under the component's own identity. */
  client: Client
  informers: InformerFactory
  /** Component name as events show it: `replicaset-controller`. */
  recorder(component: string, host?: string): EventRecorder
  queue(options: WorkQueueOptions): WorkQueue
  /** All of its queues. */
  readonly queues: readonly WorkQueue[]
  /** Who signs the cluster's certificates. */
  clusterAuthority(): Authority
  /** Who signs what is asked of that signer; undefined where nobody does. */
  signerOf(name: string): Pick<Authority, 'name' | 'publicKey' | 'sign'> | undefined
  /** Volumes of the provisioner `kubernetes.io/host-path` are made. */
  readonly makesHostPaths: boolean
}

/** A component that can be stopped (a fault) and started again with empty caches. */
export interface RunningComponent {
  stop(): void
  /** What it tells of itself as metrics. */
  families?(): readonly Family[]
}

/** How many requests a client makes a second, beyond a burst. Source: client-go rest.Config's QPS and Burst */
export interface RequestRate {
  perSecond: number
  burst: number
}

/** A controller: one of these a folder of sim/controllers, listed in its registry. */
export interface ControllerSpec {
  /** As in `--controllers`: `deployment-controller`. */
  name: string
  /** The service account it acts under: `deployment-controller` in kube-system. */
  serviceAccount: string
  /** Kinds it watches, for the map of who listens to what. */
  watches: readonly Kind[]
  /** What its client holds itself to, where that is not the rate that all controllers have unless told. */
  requestRate?: RequestRate
  start(context: ComponentContext): RunningComponent
}
