/** Every kind of command: what may be done to a cluster from outside. A run is (seed, engine version, shape, log of these). */
import { z } from 'zod'
import type { Command, LoggedCommand } from '../types.ts'
import { answerCommand } from './answer.ts'
import type { CommandFamily, CommandOf, CommandWords } from './command.ts'
import { evictCommand } from './evict.ts'
import { faultCommand } from './fault.ts'
import { helmCommand } from './helm.ts'
import { hostFileCommand } from './host-file.ts'
import { kubectlCommand } from './kubectl.ts'
import { applyCommand, createCommand } from './manifest.ts'
import { nodeCommand } from './node.ts'
import { outsideCommand } from './outside.ts'
import { requestCommand } from './request.ts'
import { inputCommand, interruptCommand } from './running.ts'
import { openSessionCommand, sessionCommand } from './session.ts'
import { staticPodCommand } from './static-pod.ts'
import { trafficCommand } from './traffic.ts'

const families: { readonly [O in Command['op']]: CommandFamily<CommandOf<O>> } = {
  apply: applyCommand,
  create: createCommand,
  kubectl: kubectlCommand,
  helm: helmCommand,
  fault: faultCommand,
  evict: evictCommand,
  staticPod: staticPodCommand,
  hostFile: hostFileCommand,
  node: nodeCommand,
  outside: outsideCommand,
  traffic: trafficCommand,
  request: requestCommand,
  openSession: openSessionCommand,
  session: sessionCommand,
  answer: answerCommand,
  input: inputCommand,
  interrupt: interruptCommand,
}

export const commandFamilies = Object.values(families) as unknown as readonly CommandFamily[]

export const familyOf = (command: Command): CommandFamily => families[command.op] as unknown as CommandFamily

/** A command of a log, read strictly: whoever sends one is not trusted. */
export const commandSchema = unionOf(commandFamilies.map(({ schema }) => schema))

/** A command as content files may hold it; `{{param}}` may stand for a number there. */
export const authoredCommandSchema = unionOf(commandFamilies.flatMap(({ authored }) => authored ?? []))

/** At whole or broken milliseconds since the hand-over, none before it. */
export const loggedCommandSchema: z.ZodType<LoggedCommand> = z.strictObject({
  atMs: z.number().min(0),
  command: commandSchema,
  isBegun: z.literal(true).optional(),
})

/** The line of a command as somebody types it, or what it does. */
export const wordsOfCommand = (command: Command): CommandWords => familyOf(command).words(command)

function unionOf(schemas: readonly z.ZodType<Command>[]): z.ZodType<Command> {
  return z.discriminatedUnion('op', schemas as unknown as [z.ZodObject<{ op: z.ZodLiteral<string> }>]) as never
}
