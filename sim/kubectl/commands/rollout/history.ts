/** kubectl rollout history */
import { type Command, fileFlags, type Invocation, outputFlags, selectorFlag } from '../../command.ts'
import { writeTemplate } from '../../describe/template.ts'
import { DescribeWriter } from '../../describe/writer.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { objectPrinter } from '../../printers/objects.ts'
import { describeTabs, layOut } from '../../printers/tab-writer.ts'
import { shownName } from '../../resources.ts'
import { withType } from '../../results.ts'
import { changeCauseAnnotation } from '../../revisions.ts'
import type { Revision } from './rollout-kind.ts'
import { findRolloutsOrAll, groupKind, rolloutOf } from './rollouts.ts'

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
    const found = findRolloutsOrAll(
      invocation,
      (kind) => `no history viewer has been implemented for "${groupKind(kind)}"`,
      (error) => errors.push(error),
    )
    for (const target of found) {
      const revisions = rolloutOf(target.kind as never).revisions(invocation, target)
      const inOrder = revisions.toSorted((a, b) => a.revision - b.revision)
      showHistory(invocation, shownName(target.kind as never, target.object.metadata.name), inOrder)
    }
    throwAll(errors)
    return 0
  },
}

function showHistory(invocation: Invocation, name: string, revisions: readonly Revision[]): void {
  const wanted = invocation.flags.number('revision')
  if (wanted < 0) throw new KubectlError(`revision must be a positive integer: ${wanted}`)
  const one = revisions.find(({ revision }) => revision === wanted)
  if (wanted > 0 && !one) throw new KubectlError('unable to find the specified revision')
  const printer = objectPrinter(invocation)
  if (printer && one) {
    invocation.out(printer.print(withType(one.kind, one.object), undefined))
    return
  }
  if (one) {
    const cause = one.object.metadata.annotations?.[changeCauseAnnotation]
    const { metadata } = one.template
    const annotations = cause ? { ...metadata.annotations, [changeCauseAnnotation]: cause } : metadata.annotations
    const w = new DescribeWriter()
    writeTemplate(w, { ...one.template, metadata: { ...metadata, annotations } })
    // kubectl prints the template with its tabs as they are.
    invocation.out(`${name} with revision #${wanted}\n${w.raw()}\n`)
    return
  }
  if (revisions.length === 0) {
    invocation.out(`${name} \nNo rollout history found.\n`)
    return
  }
  const rows = revisions.map(
    ({ revision, object }) => `${revision}\t${object.metadata.annotations?.[changeCauseAnnotation] || '<none>'}\n`,
  )
  invocation.out(`${name} \n${layOut(`REVISION\tCHANGE-CAUSE\n${rows.join('')}`, describeTabs)}\n`)
}
