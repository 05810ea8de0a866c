/** Commands and faults in words, wherever one is shown; what nobody types in the language of the request, where there is one. */
import { type CommandWords, wordsOfCommand, wordsOfFault } from '../../../sim/forms.ts'
import type { Command, Fault } from '../../../sim/index.ts'
import { t } from '../../i18n/translate.ts'

/** In a line: as somebody types it, or as what it does. */
export const lineOf = (command: Command): string => lineOfWords(wordsOfCommand(command))

export const lineOfWords = (words: CommandWords): string =>
  'typed' in words ? words.typed : t(words.told.text, words.told.values)

/** As the title of a step. */
export function faultTitle(fault: Fault): string {
  const { text, values } = wordsOfFault(fault)
  return t(text, values)
}
