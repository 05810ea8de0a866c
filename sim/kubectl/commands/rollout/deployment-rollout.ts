/** Rollouts of Deployments: their revisions are ReplicaSets. Source: k8s.io/kubectl/pkg/polymorphichelpers */
import type { Deployment, ReplicaSet } from '../../../api/apps/types.ts'
import type { PodTemplateSpec } from '../../../api/core/pod-types.ts'
import { equalJson } from '../../../api/meta/json.ts'
import type { Kind } from '../../../api/meta/kind.ts'
import { findCondition } from '../../../api/meta/object.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import type { Invocation } from '../../command.ts'
import { writeTemplate } from '../../describe/template.ts'
import { DescribeWriter } from '../../describe/writer.ts'
import { KubectlError } from '../../errors.ts'
import { lastAppliedAnnotation } from '../../last-applied.ts'
import {
  changeCauseAnnotation,
  ownedReplicaSets,
  revisionAnnotation,
  revisionOf,
  withoutHash,
} from '../../revisions.ts'
import type { FoundRollout, Rollout } from './rollout-kind.ts'

const replicaSetKind = (invocation: Invocation): Kind<ReplicaSet> =>
  invocation.resources.find('replicasets.apps') as unknown as Kind<ReplicaSet>

export const deploymentRollout: Rollout<Deployment> = {
  status: deploymentStatus,
  revisions: (invocation, { object }) =>
    ownedReplicaSets(invocation.client, replicaSetKind(invocation), object)
      .filter((replicaSet) => revisionOf(replicaSet) > 0)
      .map((replicaSet) => ({
        revision: revisionOf(replicaSet),
        template: withCause(replicaSet.spec.template, replicaSet.metadata.annotations?.[changeCauseAnnotation]),
        changeCause: replicaSet.metadata.annotations?.[changeCauseAnnotation],
        printed: { kind: replicaSetKind(invocation) as never, object: replicaSet },
      })),
  rollBack,
  canPause: true,
}

const withCause = (template: PodTemplateSpec, changeCause: string | undefined): PodTemplateSpec => {
  if (!changeCause) return template
  const annotations = { ...template.metadata.annotations, [changeCauseAnnotation]: changeCause }
  return { ...template, metadata: { ...template.metadata, annotations } }
}

/**
 * How far a rollout is, as a line; and whether it has ended.
 * @throws KubectlError when its progress deadline has passed
 */
function deploymentStatus(deployment: Deployment, revision: number): { text: string; isDone: boolean } {
  const { metadata, spec, status } = deployment
  const running = revisionOf(deployment)
  if (revision > 0 && revision !== running) {
    throw new KubectlError(`desired revision (${revision}) is different from the running revision (${running})`)
  }
  const wait = (why: string) => ({ text: `Waiting for deployment ${why}...\n`, isDone: false })
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status
  if ((metadata.generation ?? 0) > observedGeneration) return wait('spec update to be observed')
  if (findCondition(status.conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded') {
    throw new KubectlError(`deployment "${metadata.name}" exceeded its progress deadline`)
  }
  const finish = (what: string) => wait(`"${metadata.name}" rollout to finish: ${what}`)
  if (updatedReplicas < spec.replicas)
    return finish(`${updatedReplicas} out of ${spec.replicas} new replicas have been updated`)
  if (replicas > updatedReplicas) return finish(`${replicas - updatedReplicas} old replicas are pending termination`)
  if (availableReplicas < updatedReplicas)
    return finish(`${availableReplicas} of ${updatedReplicas} updated replicas are available`)
  return { text: `deployment "${metadata.name}" successfully rolled out\n`, isDone: true }
}

/** Annotations that stay the Deployment's own. */
const kept = [
  lastAppliedAnnotation,
  revisionAnnotation,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]

function rollBack(invocation: Invocation, { kind, object }: FoundRollout<Deployment>): string {
  const toRevision = invocation.flags.number('to-revision')
  const replicaSet = findRevision(
    object,
    ownedReplicaSets(invocation.client, replicaSetKind(invocation), object),
    toRevision,
  )
  if (invocation.dryRun === 'client') {
    const w = new DescribeWriter()
    writeTemplate(w, replicaSet.spec.template)
    return `${w.raw()} (dry run)`
  }
  const template = withoutHash(replicaSet.spec.template)
  const { name, namespace = '', annotations: own = {} } = object.metadata
  if (object.spec.paused) {
    throw new KubectlError(
      "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
    )
  }
  if (equalJson(template, withoutHash(object.spec.template))) {
    return `skipped rollback (current template already matches revision ${toRevision})`
  }
  const annotations: Record<string, string> = {}
  for (const key of kept) if (own[key] !== undefined) annotations[key] = own[key]
  for (const [key, value] of Object.entries(replicaSet.metadata.annotations ?? {})) {
    if (!kept.includes(key)) annotations[key] = value
  }
  const patch = [
    { op: 'replace', path: '/spec/template', value: template },
    { op: 'replace', path: '/metadata/annotations', value: annotations },
  ]
  try {
    invocation.client.patch(kind, { namespace, name }, 'json', patch, {
      ...(invocation.dryRun === 'server' ? { dryRun: true } : {}),
    })
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw new KubectlError(`failed restoring revision ${toRevision}: ${error.message}`)
  }
  invocation.showWarnings()
  return `rolled back${invocation.dryRunSuffix}`
}

/** The ReplicaSet of the revision; of the one before the newest for 0. */
function findRevision(deployment: Deployment, owned: readonly ReplicaSet[], toRevision: number): ReplicaSet {
  if (toRevision !== 0) {
    const exact = owned.find((replicaSet) => revisionOf(replicaSet) === toRevision)
    if (!exact) throw new KubectlError(`unable to find specified revision ${toRevision} in history`)
    return exact
  }
  const newestFirst = owned.filter((one) => revisionOf(one) > 0).toSorted((a, b) => revisionOf(b) - revisionOf(a))
  if (newestFirst.length < 2)
    throw new KubectlError(`no rollout history found for deployment "${deployment.metadata.name}"`)
  return newestFirst[1]
}
