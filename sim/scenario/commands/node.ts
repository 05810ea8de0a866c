/**
 * A line in a shell on a node, as root. Lines of one `session` share their shell; without it each has its own. With a `keyboard`, which
 * only a session has, what is typed comes while the line runs, as `input`.
 */
import { z } from 'zod'
import { patienceForShell } from '../../node-shell/patience.ts'
import { typingInto } from '../../runtime/keyboard.ts'
import { defineCommand, recordAsYours } from './command.ts'
import { keyboard } from './input-schemas.ts'

const authored = z.strictObject({
  op: z.literal('node'),
  node: z.string(),
  line: z.string(),
  stdin: z.string().optional(),
})

export const nodeCommand = defineCommand({
  op: 'node',
  schema: authored.extend({
    session: z.string().optional(),
    ownProgramsOnly: z.boolean().optional(),
    keyboard: keyboard.optional(),
  }),
  authored,
  isLearners: true,
  words: ({ node, line }) => ({ typed: `ssh ${node} ${line}` }),
  patience: ({ line }) => patienceForShell(line),
  perform(target, { node, line, stdin, session, ownProgramsOnly }, { out, finish, keyboard: typedInto }) {
    recordAsYours(target, `ssh ${node} ${line}`)
    const request = { line, stdin, session, ownProgramsOnly, keyboard: typedInto && typingInto(typedInto) }
    return target.nodes.shell(node, request, out, (exit, prompt) => finish(exit, prompt ? { prompt } : undefined))
  },
  step: {
    key: 'node',
    read: ({ node, line, stdin }, expand) => ({
      op: 'node',
      node: String(node),
      line: expand(String(line ?? '')),
      ...(stdin === undefined ? {} : { stdin: String(stdin) }),
    }),
    // In a session, or typed into: a step that is only a line has neither.
    write: ({ node, line, stdin, session, ownProgramsOnly, keyboard: typedInto }) =>
      session || ownProgramsOnly || typedInto ? undefined : { node, line, ...(stdin === undefined ? {} : { stdin }) },
  },
})
