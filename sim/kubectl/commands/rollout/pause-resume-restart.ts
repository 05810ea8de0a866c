/** kubectl rollout pause, resume and restart: each a small change of the Deployment. */
import type { KubeObject } from '../../../api/meta/object.ts'
import { timestampOf } from '../../../engine/engine.ts'
import {
  type Command,
  dryRunFlag,
  fieldManagerFlag,
  fileFlags,
  type Invocation,
  outputFlags,
  selectorFlag,
} from '../../command.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { quotedName } from '../../resources.ts'
import { showResult } from '../../results.ts'
import { sendChange } from '../../targets.ts'
import type { RolledOut } from './rollout-kind.ts'
import { findRollouts, rolloutOf } from './rollouts.ts'

interface Change {
  name: string
  short: string
  /** `paused` */
  operation: string
  /** Only for kinds that can be paused. */
  needsPause?: boolean
  /** What is said of a workload that can't be changed so; undefined when it can. */
  problem(workload: RolledOut): string | undefined
  apply(workload: RolledOut, invocation: Invocation): RolledOut
}

const changeCommand = ({ name, short, operation, needsPause, problem, apply }: Change): Command => ({
  name,
  short,
  usage: 'RESOURCE [options]',
  flags: [...fileFlags, ...outputFlags, dryRunFlag, selectorFlag, fieldManagerFlag('kubectl-rollout')],
  run(invocation) {
    const errors: unknown[] = []
    const refusal = (kind: { plural: string }): string => `${kind.plural} ${name} is not supported`
    for (const { kind, object } of findRollouts(invocation, refusal, (error) => errors.push(error))) {
      const found = { kind: invocation.resources.find(`${kind.plural}.${kind.group}`), object: object as KubeObject }
      try {
        if (needsPause && !rolloutOf(kind as never).canPause) throw new KubectlError(refusal(kind))
        const why = problem(object)
        if (why) throw new KubectlError(`${quotedName(found.kind, object.metadata.name)} ${why}`)
        showResult(invocation, found.kind, sendChange(invocation, found, apply(object, invocation)), operation)
      } catch (error) {
        errors.push(error)
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
  needsPause: true,
  problem: ({ spec }) => (spec.paused ? 'is already paused' : undefined),
  apply: (deployment) => ({ ...deployment, spec: { ...deployment.spec, paused: true } }),
})

export const rolloutResume = changeCommand({
  name: 'resume',
  short: 'Resume a paused resource',
  operation: 'resumed',
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
  problem: ({ spec }) => (spec.paused ? "can't restart paused deployment (run rollout resume first)" : undefined),
  apply(deployment, { context }) {
    const { template } = deployment.spec
    const restartedAt = timestampOf(context.nowEpochMs())
    const annotations = { ...template.metadata.annotations, 'kubectl.kubernetes.io/restartedAt': restartedAt }
    const restarted = { ...template, metadata: { ...template.metadata, annotations } }
    return { ...deployment, spec: { ...deployment.spec, template: restarted } }
  },
})
