/** The Deployments that a rollout command names. */
import type { Deployment, ReplicaSet } from '../../../api/apps/types.ts'
import type { Kind } from '../../../api/meta/kind.ts'
import type { Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { type Found, fetchSelection, selectResources } from '../../resources.ts'
import { findTargets } from '../../targets.ts'

export interface FoundDeployment {
  kind: Kind<Deployment>
  object: Deployment
}

/** @param refusal worded for a kind that has no rollouts: `no history viewer has been implemented for "Pod"` */
export function findDeployments(
  invocation: Invocation,
  refusal: (kind: Kind) => string,
  onError: (error: unknown) => void,
): FoundDeployment[] {
  requireResource(invocation)
  return findTargets(invocation, invocation.args, onError).flatMap((found) => {
    if (isDeployment(found)) return [found]
    onError(new KubectlError(refusal(found.kind)))
    return []
  })
}

/** As findDeployments, but a type without a name stands for all of its objects. */
export function findDeploymentsOrAll(
  invocation: Invocation,
  refusal: (kind: Kind) => string,
  onError: (error: unknown) => void,
) {
  requireResource(invocation)
  return fetchSelection(invocation, selectResources(invocation, invocation.args), onError).flatMap((found) => {
    if (isDeployment(found)) return [found]
    onError(new KubectlError(refusal(found.kind)))
    return []
  })
}

function requireResource(invocation: Invocation): void {
  if (invocation.args.length === 0 && invocation.flags.list('filename').length === 0) {
    throw new KubectlError('required resource not specified')
  }
}

const isDeployment = (found: Found): found is Found & FoundDeployment =>
  found.kind.kind === 'Deployment' && found.kind.group === 'apps'

export const replicaSetKind = (invocation: Invocation): Kind<ReplicaSet> =>
  invocation.resources.find('replicasets.apps') as unknown as Kind<ReplicaSet>

/** `Deployment.apps`, `Pod` */
export const groupKind = (kind: Kind): string => (kind.group ? `${kind.kind}.${kind.group}` : kind.kind)
