/** Rollouts whose revisions are ControllerRevisions: those of StatefulSets and DaemonSets. Source: k8s.io/kubectl/pkg/polymorphichelpers */
import type { ControllerRevision } from '../../../api/apps/types.ts'
import type { PodTemplateSpec } from '../../../api/core/pod-types.ts'
import { equalJson } from '../../../api/meta/json.ts'
import type { Kind } from '../../../api/meta/kind.ts'
import { controllerOf, type KubeObject, type LabelSelector } from '../../../api/meta/object.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import type { Invocation } from '../../command.ts'
import { writeTemplate } from '../../describe/template.ts'
import { DescribeWriter } from '../../describe/writer.ts'
import { KubectlError } from '../../errors.ts'
import { changeCauseAnnotation } from '../../revisions.ts'
import type { FoundRollout, Revision, RolledOut } from './rollout-kind.ts'

interface Workload extends RolledOut {
  spec: { selector: LabelSelector; template: PodTemplateSpec }
}

/** The revisions that the workload controls; printed as what the workload would be at each. */
export function controllerRevisions(
  invocation: Invocation,
  { kind: owner, object }: FoundRollout<Workload>,
): Revision[] {
  const kind = invocation.resources.find('controllerrevisions.apps') as unknown as Kind<ControllerRevision>
  const { namespace, uid } = object.metadata
  return invocation.client
    .list(kind, { namespace, labelSelector: object.spec.selector })
    .items.filter((one) => controllerOf(one)?.uid === uid && one.data !== undefined)
    .map((one) => {
      const { $patch: _, ...template } = one.data!.spec.template
      return {
        revision: one.revision,
        template,
        changeCause: one.metadata.annotations?.[changeCauseAnnotation],
        printed: { kind: owner as never, object: { ...object, spec: { ...object.spec, template } } as KubeObject },
      }
    })
}

/** @throws KubectlError when there is nothing to go back to */
export function rollBackTemplate(invocation: Invocation, found: FoundRollout<Workload>): string {
  const toRevision = invocation.flags.number('to-revision')
  const revisions = controllerRevisions(invocation, found).toSorted((a, b) => a.revision - b.revision)
  if (toRevision === 0 && revisions.length <= 1) throw new KubectlError('no last revision to roll back to')
  const target = toRevision === 0 ? revisions.at(-2) : revisions.find(({ revision }) => revision === toRevision)
  if (!target) throw new KubectlError(`unable to find specified revision ${toRevision} in history`)
  const { template } = target
  if (invocation.dryRun === 'client') {
    const w = new DescribeWriter()
    writeTemplate(w, template)
    return `will roll back to ${w.raw()} (dry run)`
  }
  const { kind, object } = found
  if (equalJson(template, object.spec.template))
    return `skipped rollback (current template already matches revision ${toRevision})`
  const { namespace = '', name } = object.metadata
  const patch = { spec: { template: { ...template, $patch: 'replace' } } }
  try {
    invocation.client.patch(kind, { namespace, name }, 'strategic', patch, invocation.writeOptions('kubectl-rollout'))
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw new KubectlError(`failed restoring revision ${toRevision}: ${error.message}`)
  }
  invocation.showWarnings()
  return `rolled back${invocation.dryRunSuffix}`
}
