/** A line of Helm, as somebody types it. */
import { z } from 'zod'
import type { Workplace } from '../types.ts'
import { defineCommand } from './command.ts'
import { fileContent } from './input-schemas.ts'

const authored = z.strictObject({ op: z.literal('helm'), line: z.string(), stdin: z.string().optional() })

/** As long as --timeout may make it wait, and its undoing as long again. */
const waitMs = 900_000

export const helmCommand = defineCommand({
  op: 'helm',
  schema: authored.extend({
    workplace: z
      .strictObject({
        directory: z.string(),
        environment: z.record(z.string(), z.string()),
        files: z.record(z.string(), fileContent),
      })
      .optional(),
  }),
  authored,
  isLearners: true,
  words: ({ line }) => ({ typed: line }),
  patience: () => ({ ms: waitMs, isEndless: false }),
  perform: (target, command, run) => target.helm(command, run),
  step: {
    key: 'helm',
    read: ({ helm, stdin, workplace }, expand) => ({
      op: 'helm',
      line: expand(String(helm)),
      ...(stdin === undefined ? {} : { stdin: String(stdin) }),
      ...(workplace ? { workplace: workplace as Workplace } : {}),
    }),
    write: ({ line, stdin, workplace }) => ({
      helm: line,
      ...(stdin === undefined ? {} : { stdin }),
      ...(workplace ? { workplace } : {}),
    }),
  },
})
