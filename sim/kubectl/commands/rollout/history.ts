/** kubectl rollout history */
import { type Command, fileFlags, type Invocation, outputFlags, selectorFlag } from '../../command.ts'
import { writeTemplate } from '../../describe/template.ts'
import { DescribeWriter } from '../../describe/writer.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { type ObjectPrinter, objectPrinter } from '../../printers/objects.ts'
import { describeTabs, layOut } from '../../printers/tab-writer.ts'
import { shownName } from '../../resources.ts'
import { withType } from '../../results.ts'
import type { Revision } from './rollout-kind.ts'
import { findRollouts, readAgain, rolloutOf } from './rollouts.ts'

export const rolloutHistory: Command = {
  name: 'history',
  short: 'View rollout history',
  readsTypes: true,
  usage: '(TYPE NAME | TYPE/NAME) [flags] [options]',
  flags: [
    ...fileFlags,
    ...outputFlags,
    selectorFlag,
    { name: 'revision', type: 'int', help: 'See the details, including podTemplate of the revision specified' },
  ],
  run(invocation) {
    const errors: unknown[] = []
    const wanted = invocation.flags.number('revision')
    if (wanted < 0) throw new KubectlError(`revision must be a positive integer: ${wanted}`)
    const printer = objectPrinter(invocation)
    for (const target of findRollouts(invocation, 'history viewer', (error) => errors.push(error))) {
      const revisions = rolloutOf(target.kind as never)
        .revisions(invocation, readAgain(invocation, target))
        .toSorted((a, b) => a.revision - b.revision)
      try {
        if (printer) printRevisions(invocation, printer, revisions)
        else showHistory(invocation, shownName(target.kind as never, target.object.metadata.name), revisions)
      } catch (error) {
        if (!(error instanceof KubectlError)) throw error
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}

function printRevisions(invocation: Invocation, printer: ObjectPrinter, revisions: readonly Revision[]): void {
  const one = findWanted(invocation, revisions)
  for (const { printed } of one ? [one] : revisions)
    invocation.out(printer.print(withType(printed.kind, printed.object), printed.kind))
}

function showHistory(invocation: Invocation, name: string, revisions: readonly Revision[]): void {
  const one = findWanted(invocation, revisions)
  if (one) {
    const w = new DescribeWriter()
    writeTemplate(w, one.template)
    // kubectl prints the template with its tabs as they are.
    invocation.out(`${name} with revision #${one.revision}\n${w.raw()}\n`)
    return
  }
  if (revisions.length === 0) {
    invocation.out(`${name} \nNo rollout history found.\n`)
    return
  }
  const rows = revisions.map(({ revision, changeCause }) => `${revision}\t${changeCause || '<none>'}\n`)
  invocation.out(`${name} \n${layOut(`REVISION\tCHANGE-CAUSE\n${rows.join('')}`, describeTabs)}\n`)
}

/** The revision that --revision names; undefined without it. @throws KubectlError when there is none */
function findWanted({ flags }: Invocation, revisions: readonly Revision[]): Revision | undefined {
  const wanted = flags.number('revision')
  if (wanted === 0) return undefined
  const one = revisions.find(({ revision }) => revision === wanted)
  if (!one) throw new KubectlError('unable to find the specified revision')
  return one
}
