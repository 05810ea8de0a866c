/** The admission chain: plugins that may change a write (first pass) and may refuse it (second pass), in the server's order. */
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../../api/meta/object.ts'
import type { UserInfo } from '../../client/client.ts'
import type { Authorization } from '../request.ts'
import type { Outgoing } from '../webhooks/call.ts'

export interface AdmissionRequest {
  /** A session in a container is a CONNECT. */
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  kind: Kind
  subresource: string
  namespace: string
  name: string
  /** A fresh copy on the mutating pass: plugins may change it. Undefined for DELETE. */
  object: KubeObject | undefined
  old: KubeObject | undefined
  user: UserInfo
  /** What a part of an object is sent as, where that is not the object: a Scale, a Binding, an Eviction. */
  sentAs?: SentAs
  /** Nothing may be written on account of it. */
  isDryRun: boolean
  /** A policy changed the object: all plugins are asked once more. Source: k8s.io/apiserver/pkg/admission/reinvocation.go */
  reinvocation?: 'due' | 'under way'
  /** Mutating webhooks: who was asked and may be asked again, who is to be, and what came of the last round. */
  webhookRounds?: { asked: Set<string>; again: Set<string>; last: KubeObject | undefined }
  /** Adds a warning to the answer. */
  warn(text: string): void
  /** Virtual milliseconds that the answer comes later. */
  spend(ms: number): void
}

export interface SentAs {
  kind: { group: string; version: string; kind: string }
  object: object | undefined
  old: object | undefined
}

/** What plugins may read of the cluster, and the run's randomness. */
export interface AdmissionContext {
  find<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T | undefined
  list<T extends KubeObject>(kind: Kind<T>, namespace?: string): readonly T[]
  /** A random suffix as names have it, from the server's own stream. */
  suffix(): string
  nowMs(): number
  /** The wall clock. */
  nowEpochMs(): number
  /** Writes a status as the server itself: what admission reckons. */
  updateStatus<T extends KubeObject>(kind: Kind<T>, object: T): void
  readonly authorization: Authorization
  /** The way to webhooks. */
  readonly outgoing: Outgoing
}

export interface AdmissionPlugin {
  name: string
  /** May change request.object; throws a StatusError to refuse. */
  admit?(request: AdmissionRequest, context: AdmissionContext): void
  /** Throws a StatusError to refuse. */
  validate?(request: AdmissionRequest, context: AdmissionContext): void
}
