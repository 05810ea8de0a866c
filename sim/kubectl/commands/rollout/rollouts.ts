/** The kinds that have rollouts, a line each; and the objects of these kinds that a rollout command names. */
import type { Kind } from '../../../api/meta/kind.ts'
import type { Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { type Found, fetchSelection, selectResources } from '../../resources.ts'
import { findTargets } from '../../targets.ts'
import { daemonSetRollout } from './daemon-set-rollout.ts'
import { deploymentRollout } from './deployment-rollout.ts'
import type { FoundRollout, RolledOut, Rollout } from './rollout-kind.ts'
import { statefulSetRollout } from './stateful-set-rollout.ts'

const rollouts: Readonly<Record<string, Rollout<never>>> = {
  'DaemonSet.apps': daemonSetRollout,
  'Deployment.apps': deploymentRollout,
  'StatefulSet.apps': statefulSetRollout,
}

export const rolloutOf = (kind: Kind): Rollout => rollouts[groupKind(kind)] as unknown as Rollout

export const hasRollouts = (kind: Kind): boolean => Object.hasOwn(rollouts, groupKind(kind))

/** Kinds that kubectl knows as workloads and that have no rollouts. Source: k8s.io/kubectl/pkg/apps/kind_visitor.go */
const otherWorkloads = ['CronJob.batch', 'Job.batch', 'Pod', 'ReplicaSet.apps', 'ReplicationController']

/** The objects that a line names; a type without a name stands for all of its objects. */
export function findWorkloads(invocation: Invocation, onError: (error: unknown) => void): Found[] {
  requireResource(invocation)
  return invocation.flags.list('filename').length > 0
    ? findTargets(invocation, invocation.args, onError)
    : fetchSelection(invocation, selectResources(invocation, invocation.args), onError)
}

/** @param role of what the kind would need: `history viewer` */
export function findRollouts(
  invocation: Invocation,
  role: 'history viewer' | 'rollbacker',
  onError: (error: unknown) => void,
  onFound: (found: Found) => void = () => {},
): FoundRollout[] {
  return findWorkloads(invocation, onError).flatMap((found) => {
    const { kind } = found
    onFound(found)
    if (hasRollouts(kind)) return [found as unknown as FoundRollout]
    const name = JSON.stringify(groupKind(kind))
    const why = otherWorkloads.includes(groupKind(kind))
      ? `no ${role} has been implemented for ${name}`
      : `error retrieving ${role === 'rollbacker' ? role : 'history'} for ${name}, no visitor method exists for {${kind.group} ${kind.kind}}`
    onError(new KubectlError(why))
    return []
  })
}

function requireResource(invocation: Invocation): void {
  if (invocation.args.length === 0 && invocation.flags.list('filename').length === 0) {
    throw new KubectlError('required resource not specified')
  }
}

/** `Deployment.apps`, `Pod` */
export const groupKind = (kind: Kind): string => (kind.group ? `${kind.kind}.${kind.group}` : kind.kind)

/** The object as it is now: whoever tells of its history reads it anew. */
export function readAgain<T extends RolledOut>(
  { client }: Invocation,
  { kind, object }: FoundRollout<T>,
): FoundRollout<T> {
  const { namespace = '', name } = object.metadata
  return { kind, object: client.get(kind, { namespace, name }) }
}
