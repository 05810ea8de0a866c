/** kubectl rollout undo */
import { type Command, dryRunFlag, fileFlags, type Invocation, outputFlags, selectorFlag } from '../../command.ts'
import { throwAll } from '../../errors.ts'
import { lastAppliedAnnotation } from '../../last-applied.ts'
import { type Found, shownName } from '../../resources.ts'
import { findRollouts, readAgain, rolloutOf } from './rollouts.ts'

export const rolloutUndo: Command = {
  name: 'undo',
  short: 'Undo a previous rollout',
  readsTypes: true,
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
    const onError = (error: unknown): void => void errors.push(error)
    const found = findRollouts(invocation, 'rollbacker', onError, (one) => warnOfApply(invocation, one))
    for (const target of found) {
      try {
        const outcome = rolloutOf(target.kind as never).rollBack(invocation, readAgain(invocation, target))
        invocation.out(`${shownName(target.kind as never, target.object.metadata.name)} ${outcome}\n`)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}

/** What was applied last stays on record as it was, so that the next apply may undo the rollback. */
function warnOfApply(invocation: Invocation, { kind, object }: Found): void {
  const { name, annotations } = object.metadata
  if (annotations?.[lastAppliedAnnotation] === undefined) return
  invocation.err(
    `Warning: resource ${kind.plural}/${name} was previously managed with 'kubectl apply'. Rolling back will not update the ${lastAppliedAnnotation} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`,
  )
}
