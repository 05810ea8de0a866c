/** A line in a shell on a machine outside of the cluster. */
import { z } from 'zod'
import { defineCommand } from './command.ts'

export const outsideCommand = defineCommand({
  op: 'outside',
  schema: z.strictObject({ op: z.literal('outside'), line: z.string(), stdin: z.string().optional() }),
  isLearners: true,
  words: ({ line }) => ({ typed: line }),
  perform: (target, command, run) => target.outside(command, run),
})
