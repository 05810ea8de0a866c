/** The kinds that have rollouts, a line each; and the objects of these kinds that a rollout command names. */
import type { Kind } from '../../../api/meta/kind.ts'
import type { Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { type Found, fetchSelection, selectResources } from '../../resources.ts'
import { findTargets } from '../../targets.ts'
import { daemonSetRollout } from './daemon-set-rollout.ts'
import { deploymentRollout } from './deployment-rollout.ts'
import type { FoundRollout, Rollout } from './rollout-kind.ts'
import { statefulSetRollout } from './stateful-set-rollout.ts'

const rollouts: Readonly<Record<string, Rollout<never>>> = {
  'DaemonSet.apps': daemonSetRollout,
  'Deployment.apps': deploymentRollout,
  'StatefulSet.apps': statefulSetRollout,
}

export const rolloutOf = (kind: Kind): Rollout => rollouts[groupKind(kind)] as unknown as Rollout

/** @param refusal worded for a kind that has no rollouts: `no history viewer has been implemented for "Pod"` */
export function findRollouts(
  invocation: Invocation,
  refusal: (kind: Kind) => string,
  onError: (error: unknown) => void,
): FoundRollout[] {
  requireResource(invocation)
  return findTargets(invocation, invocation.args, onError).flatMap((found) => withRollout(found, refusal, onError))
}

/** As findRollouts, but a type without a name stands for all of its objects. */
export function findRolloutsOrAll(
  invocation: Invocation,
  refusal: (kind: Kind) => string,
  onError: (error: unknown) => void,
): FoundRollout[] {
  requireResource(invocation)
  return fetchSelection(invocation, selectResources(invocation, invocation.args), onError).flatMap((found) =>
    withRollout(found, refusal, onError),
  )
}

function withRollout(found: Found, refusal: (kind: Kind) => string, onError: (error: unknown) => void): FoundRollout[] {
  if (Object.hasOwn(rollouts, groupKind(found.kind))) return [found as unknown as FoundRollout]
  onError(new KubectlError(refusal(found.kind)))
  return []
}

function requireResource(invocation: Invocation): void {
  if (invocation.args.length === 0 && invocation.flags.list('filename').length === 0) {
    throw new KubectlError('required resource not specified')
  }
}

/** `Deployment.apps`, `Pod` */
export const groupKind = (kind: Kind): string => (kind.group ? `${kind.kind}.${kind.group}` : kind.kind)
