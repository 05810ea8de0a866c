/** kubectl rollout status */
import type { Deployment } from '../../../api/apps/types.ts'
import { findCondition } from '../../../api/meta/object.ts'
import { type Command, fileFlags, selectorFlag } from '../../command.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { revisionOf } from '../../revisions.ts'
import { eachState } from '../../waits.ts'
import { findDeploymentsOrAll, groupKind } from './deployments.ts'

export const rolloutStatus: Command = {
  name: 'status',
  short: 'Show the status of the rollout',
  usage: '(TYPE NAME | TYPE/NAME) [flags] [options]',
  flags: [
    ...fileFlags,
    selectorFlag,
    {
      name: 'watch',
      short: 'w',
      type: 'bool',
      default: true,
      help: "Watch the status of the rollout until it's done.",
    },
    { name: 'revision', type: 'int', help: 'Pin to a specific revision for showing its status.' },
    { name: 'timeout', type: 'duration', help: 'The length of time to wait before ending watch, zero means never.' },
  ],
  *run(invocation) {
    const { flags, context } = invocation
    const errors: unknown[] = []
    const refusal = (kind: Parameters<typeof groupKind>[0]): string =>
      `no status viewer has been implemented for ${groupKind(kind)}`
    const found = findDeploymentsOrAll(invocation, refusal, (error) => errors.push(error))
    throwAll(errors)
    if (found.length === 0) invocation.err(`No resources found in ${invocation.namespace} namespace.\n`)
    for (const { kind, object } of found) {
      const timeoutMs = flags.number('timeout')
      const untilMs = timeoutMs > 0 ? context.nowEpochMs() + timeoutMs : undefined
      const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
      const outcome = yield* eachState(
        context,
        invocation.client,
        invocation.resources.find(`${kind.plural}.${kind.group}`),
        key,
        (state) => {
          if (!state) throw new KubectlError('object has been deleted')
          const { text, isDone } = deploymentStatus(state as Deployment, flags.number('revision'))
          invocation.out(text)
          return isDone || !flags.bool('watch')
        },
        untilMs,
      )
      if (outcome === 'timeout') throw new KubectlError('timed out waiting for the condition')
    }
    return 0
  },
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
