/** Commands that give the cluster a manifest: `kubectl apply` and `kubectl create` of what stands in the editor. */
import { z } from 'zod'
import { type CommandFamily, type CommandOf, defineCommand } from './command.ts'

type Given = CommandOf<'apply' | 'create'>

const schemaOf = <O extends Given['op']>(op: O) =>
  z.strictObject({ op: z.literal(op), manifest: z.string(), args: z.string().optional() })

const lineOf = ({ op, args }: Given): string => `kubectl ${op} -f -${args ? ` ${args}` : ''}`

const words = (command: Given) => ({ typed: lineOf(command) })

const perform: CommandFamily<Given>['perform'] = (target, command, run) =>
  target.kubectl({ line: lineOf(command), stdin: command.manifest }, run)

const argsOf = (args: unknown): string | undefined => (args === undefined ? undefined : String(args))

export const applyCommand = defineCommand({
  op: 'apply',
  schema: schemaOf('apply'),
  authored: schemaOf('apply'),
  isLearners: true,
  words,
  perform,
  step: {
    key: 'apply',
    read: ({ apply, args }, expand) => ({ op: 'apply', manifest: expand(String(apply)), args: argsOf(args) }),
    write: ({ manifest, args }) => ({ apply: manifest, ...(args ? { args } : {}) }),
  },
})

export const createCommand = defineCommand({
  op: 'create',
  schema: schemaOf('create'),
  authored: schemaOf('create'),
  isLearners: true,
  words,
  perform,
  step: {
    key: 'create',
    read: ({ create, args }, expand) => ({ op: 'create', manifest: expand(String(create)), args: argsOf(args) }),
    write: ({ manifest, args }) => ({ create: manifest, ...(args ? { args } : {}) }),
  },
})
