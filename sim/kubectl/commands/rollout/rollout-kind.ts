/** What `rollout` must know of a kind. One file a kind exports one of these; rollouts.ts lists them. */
import type { PodTemplateSpec } from '../../../api/core/pod-types.ts'
import type { Kind } from '../../../api/meta/kind.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import type { Invocation } from '../../command.ts'

/** A workload with a template, so that it can be rolled out. */
export interface RolledOut extends KubeObject {
  spec: { template: PodTemplateSpec; paused?: boolean }
}

export interface FoundRollout<T extends RolledOut = RolledOut> {
  kind: Kind<T>
  object: T
}

export interface RolloutStatus {
  /** The line that is printed. */
  text: string
  isDone: boolean
}

export interface Revision {
  revision: number
  /** As --revision shows it. */
  template: PodTemplateSpec
  changeCause: string | undefined
  /** What -o prints of it. */
  printed: { kind: Kind; object: KubeObject }
}

export interface Rollout<T extends RolledOut = RolledOut> {
  /** How far a rollout is. @param revision the one asked for, or 0. @throws KubectlError when it has failed or can't be told */
  status(object: T, revision: number): RolloutStatus
  /** In any order. */
  revisions(invocation: Invocation, found: FoundRollout<T>): Revision[]
  /** Goes back to --to-revision, or to the revision before the newest; returns what to print. */
  rollBack(invocation: Invocation, found: FoundRollout<T>): string
  canPause: boolean
}
