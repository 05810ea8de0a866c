/** kubectl rollout history */
import type { ReplicaSet } from '../../../api/apps/types.ts'
import { type Command, fileFlags, type Invocation, outputFlags, selectorFlag } from '../../command.ts'
import { writeTemplate } from '../../describe/template.ts'
import { DescribeWriter } from '../../describe/writer.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { objectPrinter } from '../../printers/objects.ts'
import { describeTabs, layOut } from '../../printers/tab-writer.ts'
import { shownName } from '../../resources.ts'
import { withType } from '../../results.ts'
import { changeCauseAnnotation, ownedReplicaSets, revisionOf } from '../../revisions.ts'
import { findDeploymentsOrAll, groupKind, replicaSetKind } from './deployments.ts'

export const rolloutHistory: Command = {
  name: 'history',
  short: 'View rollout history',
  usage: '(TYPE NAME | TYPE/NAME) [flags] [options]',
  flags: [
    ...fileFlags,
    ...outputFlags,
    selectorFlag,
    { name: 'revision', type: 'int', help: 'See the details, including podTemplate of the revision specified' },
  ],
  run(invocation) {
    const errors: unknown[] = []
    const found = findDeploymentsOrAll(
      invocation,
      (kind) => `no history viewer has been implemented for "${groupKind(kind)}"`,
      (error) => errors.push(error),
    )
    for (const { kind, object } of found) {
      const owned = ownedReplicaSets(invocation.client, replicaSetKind(invocation), object)
      const revisions = owned
        .filter((replicaSet) => revisionOf(replicaSet) > 0)
        .toSorted((a, b) => revisionOf(a) - revisionOf(b))
      showHistory(invocation, shownName(kind as never, object.metadata.name), revisions)
    }
    throwAll(errors)
    return 0
  },
}

function showHistory(invocation: Invocation, name: string, revisions: readonly ReplicaSet[]): void {
  const wanted = invocation.flags.number('revision')
  if (wanted < 0) throw new KubectlError(`revision must be a positive integer: ${wanted}`)
  const one = revisions.find((replicaSet) => revisionOf(replicaSet) === wanted)
  if (wanted > 0 && !one) throw new KubectlError('unable to find the specified revision')
  const printer = objectPrinter(invocation.flags, false)
  if (printer && one) {
    invocation.out(printer.print(withType(replicaSetKind(invocation) as never, one), undefined))
    return
  }
  if (one) {
    const cause = one.metadata.annotations?.[changeCauseAnnotation]
    const { metadata } = one.spec.template
    const annotations = cause ? { ...metadata.annotations, [changeCauseAnnotation]: cause } : metadata.annotations
    const w = new DescribeWriter()
    writeTemplate(w, { ...one.spec.template, metadata: { ...metadata, annotations } })
    // kubectl prints the template with its tabs as they are.
    invocation.out(`${name} with revision #${wanted}\n${w.raw()}\n`)
    return
  }
  if (revisions.length === 0) {
    invocation.out(`${name} \nNo rollout history found.\n`)
    return
  }
  const rows = revisions.map(
    (replicaSet) =>
      `${revisionOf(replicaSet)}\t${replicaSet.metadata.annotations?.[changeCauseAnnotation] || '<none>'}\n`,
  )
  invocation.out(`${name} \n${layOut(`REVISION\tCHANGE-CAUSE\n${rows.join('')}`, describeTabs)}\n`)
}
