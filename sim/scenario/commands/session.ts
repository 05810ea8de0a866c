/** Connections to a container or a Pod's ports that somebody outside holds open: opening one, and what comes through it. */
import { z } from 'zod'
import { msg } from '../../engine/told.ts'
import type { SessionRequest } from '../types.ts'
import { atOnce, type CommandOf, defineCommand } from './command.ts'
import { number, sessionInput } from './input-schemas.ts'

const user = z.strictObject({
  name: z.string(),
  uid: z.string().optional(),
  groups: z.array(z.string()),
  extra: z.record(z.string(), z.array(z.string())).optional(),
})

const sessionRequest: z.ZodType<SessionRequest> = z.intersection(
  z.object({ user, namespace: z.string(), pod: z.string() }),
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('exec'),
      container: z.string(),
      command: z.array(z.string()),
      stdin: z.boolean(),
      tty: z.boolean(),
    }),
    z.object({ kind: z.literal('attach'), container: z.string(), stdin: z.boolean() }),
    z.object({ kind: z.literal('port-forward') }),
  ]),
)

/** What was logged happens again, after everything that is due. */
const perform = atOnce(({ engine, sessions }, command: CommandOf<'openSession' | 'session'>) => {
  engine.runUntil(engine.nowMs)
  sessions.perform(command)
  return 0
})

/** Sessions are counted from 0. */
export const openSessionCommand = defineCommand<'openSession'>({
  op: 'openSession',
  schema: z.strictObject({ op: z.literal('openSession'), session: sessionRequest }),
  words: ({ session: { kind, pod } }) => ({ typed: `kubectl ${kind} ${pod}` }),
  perform,
})

export const sessionCommand = defineCommand<'session'>({
  op: 'session',
  schema: z.strictObject({ op: z.literal('session'), number, input: sessionInput }),
  words: () => ({ told: { text: msg('input of an open session') } }),
  perform,
})
