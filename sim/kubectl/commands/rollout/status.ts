/** kubectl rollout status */
import { type Command, fileFlags, selectorFlag } from '../../command.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { eachState } from '../../waits.ts'
import type { RolledOut } from './rollout-kind.ts'
import { findRolloutsOrAll, groupKind, rolloutOf } from './rollouts.ts'

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
    const found = findRolloutsOrAll(invocation, refusal, (error) => errors.push(error))
    throwAll(errors)
    if (found.length === 0) invocation.err(`No resources found in ${invocation.namespace} namespace.\n`)
    for (const { kind, object } of found) {
      const rollout = rolloutOf(kind as never)
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
          const { text, isDone } = rollout.status(state as RolledOut, flags.number('revision'))
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
