/** Commands of clusters as somebody else wrote them down: read strictly, since whoever sends them is not trusted. */
import { z } from 'zod'
import type { Command, LoggedCommand } from '../../sim/index.ts'
import { command as contentCommand } from '../catalog/schemas.ts'

export const fileContent = z.union([z.string(), z.strictObject({ base64: z.string() })])

const user = z.strictObject({
  name: z.string(),
  uid: z.string().optional(),
  groups: z.array(z.string()),
  extra: z.record(z.string(), z.array(z.string())).optional(),
})

const keyboard = z.strictObject({ columns: z.int(), rows: z.int() })

const sessionInput = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('write'), data: fileContent, connection: z.int().min(0).optional() }),
  z.strictObject({ act: z.literal('end'), connection: z.int().min(0).optional() }),
  z.strictObject({ act: z.literal('close'), connection: z.int().min(0).optional() }),
  z.strictObject({ act: z.literal('resize'), columns: z.int(), rows: z.int() }),
  z.strictObject({ act: z.literal('connect'), port: z.int() }),
])

const anyCommand: z.ZodType<Command> = z.union([
  contentCommand,
  z.strictObject({
    op: z.literal('kubectl'),
    line: z.string(),
    stdin: z.string().optional(),
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
  z.strictObject({
    op: z.literal('request'),
    method: z.string(),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    isBase64: z.boolean().optional(),
  }),
  z.strictObject({
    op: z.literal('node'),
    node: z.string(),
    line: z.string(),
    stdin: z.string().optional(),
    session: z.string().optional(),
    keyboard: keyboard.optional(),
  }),
  z.strictObject({
    op: z.literal('openSession'),
    session: z.intersection(
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
    ),
  }),
  z.strictObject({
    op: z.literal('session'),
    number: z.int().min(0),
    input: sessionInput,
  }),
  z.strictObject({ op: z.literal('input'), number: z.int().min(0), input: sessionInput }),
  z.strictObject({ op: z.literal('outside'), line: z.string(), stdin: z.string().optional() }),
  z.strictObject({ op: z.literal('interrupt'), number: z.int().min(0) }),
])

/** Content may write `{{param}}` for a number. Here nothing is filled in any more. */
export const command = anyCommand.refine(
  (one) =>
    one.op !== 'traffic' ||
    [one.traffic.perSecond, one.traffic.seconds, one.traffic.timeoutMs ?? 0].every(
      (n) => typeof n === 'number' && n >= 0,
    ),
  'traffic has a number of requests a second and of seconds',
)

/** At whole or broken milliseconds since the hand-over, none before it. */
export const loggedCommand: z.ZodType<LoggedCommand> = z.strictObject({
  atMs: z.number().min(0),
  command,
  isBegun: z.literal(true).optional(),
})
