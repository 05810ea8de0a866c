/** What is given to a command that was begun and still runs: keys, and Ctrl-C. It is named by its place in the log. */
import { z } from 'zod'
import { msg } from '../../engine/told.ts'
import { atOnce, defineCommand } from './command.ts'
import { number, sessionInput } from './input-schemas.ts'

/** For one that has a keyboard. */
export const inputCommand = defineCommand({
  op: 'input',
  schema: z.strictObject({ op: z.literal('input'), number, input: sessionInput }),
  words: () => ({ told: { text: msg('input of a running command') } }),
  perform: atOnce(({ running }, { number: place, input }) => {
    running.get(place)?.keyboard.type(input)
    return 0
  }),
})

/** Ends it as Ctrl-C does. */
export const interruptCommand = defineCommand({
  op: 'interrupt',
  schema: z.strictObject({ op: z.literal('interrupt'), number }),
  words: () => ({ typed: 'Ctrl-C' }),
  perform: atOnce(({ running }, { number: place }) => {
    running.get(place)?.end()
    return 0
  }),
})
