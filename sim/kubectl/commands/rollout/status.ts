/** kubectl rollout status */
import type { KubeObject } from '../../../api/meta/object.ts'
import { type Command, fileFlags, selectorFlag } from '../../command.ts'
import { isReportable, KubectlError, throwAll } from '../../errors.ts'
import { eachState } from '../../waits.ts'
import type { RolledOut } from './rollout-kind.ts'
import { findWorkloads, groupKind, hasRollouts, rolloutOf } from './rollouts.ts'

export const rolloutStatus: Command = {
  name: 'status',
  short: 'Show the status of the rollout',
  readsTypes: true,
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
    const found = findWorkloads(invocation, (error) => errors.push(error))
    if (found.length === 0 && errors.length === 0)
      invocation.err(`No resources found in ${invocation.namespace} namespace.\n`)
    for (const { kind, object } of found) {
      try {
        if (!hasRollouts(kind)) throw new KubectlError(`no status viewer has been implemented for ${groupKind(kind)}`)
        const { status } = rolloutOf(kind)
        const timeoutMs = flags.number('timeout')
        const untilMs = timeoutMs > 0 ? context.nowEpochMs() + timeoutMs : undefined
        const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
        const isDone = (state: KubeObject | undefined): boolean => {
          if (!state) throw new KubectlError('object has been deleted')
          const { text, isDone } = status(state as RolledOut, flags.number('revision'))
          invocation.out(text)
          return isDone || !flags.bool('watch')
        }
        const outcome = yield* eachState(context, invocation.client, kind, key, isDone, untilMs)
        if (outcome === 'timeout') throw new KubectlError('timed out waiting for the condition')
      } catch (error) {
        if (!isReportable(error)) throw error
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}
