import { z } from 'zod'
import { wordsOfCommand } from '../../../sim/forms.ts'
import { msg } from '../../i18n/translate.ts'
import { loggedCommand } from '../../storage/attempt-schema.ts'
import { defineAct } from '../act.ts'

/** Something was done to the cluster of an attempt: a command, or time that passed. `virtualMs` of the act is its clock afterwards. */
export const ran = defineAct({
  name: 'ran',
  version: 1,
  upgrades: [],
  schema: z.object({
    attempt: z.string().min(1),
    logged: loggedCommand.optional(),
    /** What was seen: the exit code, and of the output the beginning of its SHA-256. */
    exit: z.number().optional(),
    output: z.string().optional(),
  }),
  words: ({ data: { logged } }) => {
    if (!logged) return { text: msg('Let time pass') }
    const words = wordsOfCommand(logged.command)
    return 'typed' in words ? { text: msg('Ran: {line}'), values: { line: words.typed } } : words.told
  },
})
