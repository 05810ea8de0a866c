/** kubectl rollout undo */
import type { Deployment, ReplicaSet } from '../../../api/apps/types.ts'
import { equalJson } from '../../../api/meta/json.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import { type Command, dryRunFlag, fileFlags, type Invocation, outputFlags, selectorFlag } from '../../command.ts'
import { writeTemplate } from '../../describe/template.ts'
import { DescribeWriter } from '../../describe/writer.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { shownName } from '../../resources.ts'
import { ownedReplicaSets, revisionAnnotation, revisionOf, withoutHash } from '../../revisions.ts'
import { lastAppliedAnnotation } from '../apply.ts'
import { type FoundDeployment, findDeployments, groupKind, replicaSetKind } from './deployments.ts'

export const rolloutUndo: Command = {
  name: 'undo',
  short: 'Undo a previous rollout',
  usage: '(TYPE NAME | TYPE/NAME) [flags] [options]',
  flags: [
    ...fileFlags,
    ...outputFlags,
    dryRunFlag,
    selectorFlag,
    { name: 'to-revision', type: 'int', help: 'The revision to rollback to. Default to 0 (last revision).' },
  ],
  run(invocation) {
    const errors: unknown[] = []
    const found = findDeployments(
      invocation,
      (kind) => `no rollbacker has been implemented for "${groupKind(kind)}"`,
      (error) => errors.push(error),
    )
    for (const deployment of found) {
      warnOfApply(invocation, deployment)
      try {
        const outcome = rollBack(invocation, deployment)
        invocation.out(`${shownName(deployment.kind as never, deployment.object.metadata.name)} ${outcome}\n`)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}

/** What was applied last stays on record as it was, so that the next apply may undo the rollback. */
function warnOfApply(invocation: Invocation, { object }: FoundDeployment): void {
  const { name, annotations } = object.metadata
  if (annotations?.[lastAppliedAnnotation] === undefined) return
  invocation.err(
    `Warning: resource deployments/${name} was previously managed with 'kubectl apply'. Rolling back will not update the ${lastAppliedAnnotation} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`,
  )
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

function rollBack(invocation: Invocation, { kind, object }: FoundDeployment): string {
  const toRevision = invocation.flags.number('to-revision')
  const replicaSet = findRevision(
    object,
    ownedReplicaSets(invocation.client, replicaSetKind(invocation), object),
    toRevision,
  )
  const template = withoutHash(replicaSet.spec.template)
  if (invocation.dryRun === 'client') {
    const w = new DescribeWriter()
    writeTemplate(w, template)
    return `${w.raw()} (dry run)`
  }
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
    invocation.client.patch(kind, { namespace, name }, 'json', patch, invocation.writeOptions('kubectl-rollout'))
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
