/** A line of kubectl, as somebody types it. With a `keyboard`, what is typed comes while it runs, as `input`. */
import { z } from 'zod'
import { patienceFor } from '../../kubectl/patience.ts'
import type { Workplace } from '../types.ts'
import { defineCommand } from './command.ts'
import { fileContent, keyboard } from './input-schemas.ts'

const authored = z.strictObject({ op: z.literal('kubectl'), line: z.string(), stdin: z.string().optional() })

export const kubectlCommand = defineCommand({
  op: 'kubectl',
  schema: authored.extend({
    workplace: z
      .strictObject({
        directory: z.string(),
        environment: z.record(z.string(), z.string()),
        files: z.record(z.string(), fileContent),
      })
      .optional(),
    keyboard: keyboard.optional(),
    edited: z.strictObject({ before: z.string(), after: z.string() }).optional(),
  }),
  authored,
  isLearners: true,
  words: ({ line }) => ({ typed: line }),
  patience: ({ line }) => patienceFor(line),
  perform: (target, command, run) => target.kubectl(command, run),
  step: {
    key: 'run',
    read: ({ run, stdin, workplace }, expand) => ({
      op: 'kubectl',
      line: expand(String(run)),
      stdin: stdin === undefined ? undefined : String(stdin),
      ...(workplace ? { workplace: workplace as Workplace } : {}),
    }),
    // Typed into, or with a file that was edited: a step that is only a line has neither.
    write: ({ line, stdin, workplace, keyboard: typedInto, edited }) =>
      typedInto || edited
        ? undefined
        : { run: line, ...(stdin === undefined ? {} : { stdin }), ...(workplace ? { workplace } : {}) },
  },
})
