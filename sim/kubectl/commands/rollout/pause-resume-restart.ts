/** kubectl rollout pause, resume and restart: each a small change of the Deployment. */

import type { JsonMap } from '../../../api/meta/go-json.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import { timestampOf } from '../../../engine/engine.ts'
import { type Command, fieldManagerFlag, fileFlags, type Invocation, outputFlags, selectorFlag } from '../../command.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { twoWayPatch } from '../../patch/three-way.ts'
import { quotedName } from '../../resources.ts'
import { showTyped } from '../../results.ts'
import { sendPatch } from '../../targets.ts'
import type { RolledOut } from './rollout-kind.ts'
import { findWorkloads, hasRollouts, rolloutOf } from './rollouts.ts'

interface Change {
  name: string
  short: string
  /** `paused` */
  operation: string
  /** `pausing` */
  activity: string
  /** Only for kinds that can be paused. */
  needsPause?: boolean
  /** What is said of a workload that can't be changed so; undefined when it can. */
  problem(workload: RolledOut): string | undefined
  apply(workload: RolledOut, invocation: Invocation): RolledOut
  /** What is said when there is nothing to change after all. */
  nothing?(name: string): string
}

const changeCommand = ({ name, short, operation, activity, needsPause, problem, apply, nothing }: Change): Command => ({
  name,
  short,
  readsTypes: true,
  usage: 'RESOURCE [options]',
  flags: [...fileFlags, ...outputFlags, selectorFlag, fieldManagerFlag('kubectl-rollout')],
  run(invocation) {
    const errors: unknown[] = []
    // They are told together with those of the changes, each as it is.
    const found = findWorkloads(invocation, (error) =>
      errors.push(error instanceof KubectlError ? new KubectlError(error.message, error.exitCode, true) : error),
    )
    if (found.length === 0 && errors.length === 0)
      invocation.err(`No resources found in ${invocation.namespace} namespace.\n`)
    for (const { kind, object } of found) {
      const refuse = (why: string): void => {
        errors.push(new KubectlError(`error: ${quotedName(kind, object.metadata.name)} ${why}`))
      }
      if (!hasRollouts(kind) || (needsPause && !rolloutOf(kind).canPause)) {
        refuse(`${activity} is not supported`)
        continue
      }
      const workload = object as RolledOut
      const why = problem(workload)
      if (why) {
        refuse(why)
        continue
      }
      const changed = apply(workload, invocation)
      const patch = twoWayPatch(kind.schema, object as unknown as JsonMap, changed as unknown as JsonMap)
      if (Object.keys(patch).length === 0 && nothing) {
        errors.push(new KubectlError(nothing(object.metadata.name)))
        continue
      }
      try {
        showTyped(invocation, kind, sendPatch(invocation, kind, object, patch), operation)
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        errors.push(new KubectlError(`failed to patch: ${error.message}`))
      }
    }
    throwAll(errors)
    return 0
  },
})

export const rolloutPause = changeCommand({
  name: 'pause',
  short: 'Mark the provided resource as paused',
  operation: 'paused',
  activity: 'pausing',
  needsPause: true,
  problem: ({ spec }) => (spec.paused ? 'is already paused' : undefined),
  apply: (deployment) => ({ ...deployment, spec: { ...deployment.spec, paused: true } }),
})

export const rolloutResume = changeCommand({
  name: 'resume',
  short: 'Resume a paused resource',
  operation: 'resumed',
  activity: 'resuming',
  needsPause: true,
  problem: ({ spec }) => (spec.paused ? undefined : 'is not paused'),
  apply({ spec: { paused: _, ...spec }, ...deployment }) {
    return { ...deployment, spec }
  },
})

export const rolloutRestart = changeCommand({
  name: 'restart',
  short: 'Restart a resource',
  operation: 'restarted',
  activity: 'restarting',
  problem: ({ spec }) => (spec.paused ? "can't restart paused deployment (run rollout resume first)" : undefined),
  apply(deployment, { context }) {
    const { template } = deployment.spec
    const restartedAt = timestampOf(context.nowEpochMs())
    const annotations = { ...template.metadata.annotations, 'kubectl.kubernetes.io/restartedAt': restartedAt }
    const restarted = { ...template, metadata: { ...template.metadata, annotations } }
    return { ...deployment, spec: { ...deployment.spec, template: restarted } }
  },
  // The annotation tells seconds.
  nothing: (name) =>
    `failed to create patch for ${name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
})
