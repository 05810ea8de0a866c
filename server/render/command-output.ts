/** What a command printed, as a page shows it. */
import { inOrderOfWriting } from '../../sim/forms.ts'
import type { CommandOutput } from '../../sim/index.ts'

/** Both streams in the order of writing; each stretch begins a line. */
export const printedText = (output: CommandOutput): string =>
  inOrderOfWriting(output)
    .map(({ text }, n, { length }) => (text.endsWith('\n') || n === length - 1 ? text : `${text}\n`))
    .join('')
