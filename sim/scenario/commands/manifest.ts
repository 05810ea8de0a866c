/** Commands that give the cluster a manifest: `kubectl apply` and `kubectl create` of what stands in the editor. */
import { z } from 'zod'
import type { Workplace } from '../types.ts'
import { type CommandFamily, type CommandOf, defineCommand } from './command.ts'

type Given = CommandOf<'apply' | 'create'>

const schemaOf = <O extends Given['op']>(op: O) =>
  z.strictObject({ op: z.literal(op), manifest: z.string(), args: z.string().optional() })

/** It becomes part of a line: nothing in it may be more than a name there. */
const fileName = z
  .string()
  .max(200)
  .regex(/^\w[\w./-]*$/, 'is not a plain file name')

const fileOf = (command: Given): string | undefined => ('file' in command ? command.file : undefined)

const lineOf = (command: Given): string =>
  `kubectl ${command.op} -f ${fileOf(command) ?? '-'}${command.args ? ` ${command.args}` : ''}`

const words = (command: Given) => ({ typed: lineOf(command) })

const perform: CommandFamily<Given>['perform'] = (target, command, run) => {
  const line = lineOf(command)
  const file = fileOf(command)
  if (file === undefined) return target.kubectl({ line, stdin: command.manifest }, run)
  const workplace: Workplace = { directory: '/', environment: {}, files: { [`/${file}`]: command.manifest } }
  // The file is only read: what became of it is nothing that anybody asks for.
  return target.kubectl({ line, workplace }, { ...run, finish: (exit) => run.finish(exit) })
}

const argsOf = (args: unknown): string | undefined => (args === undefined ? undefined : String(args))

export const applyCommand = defineCommand({
  op: 'apply',
  schema: schemaOf('apply').extend({ file: fileName.optional() }),
  authored: schemaOf('apply'),
  isLearners: true,
  words,
  perform,
  step: {
    key: 'apply',
    read: ({ apply, args, file }, expand) => ({
      ...{ op: 'apply', manifest: expand(String(apply)), args: argsOf(args) },
      ...(file === undefined ? {} : { file: String(file) }),
    }),
    write: ({ manifest, args, file }) => ({ apply: manifest, ...(args ? { args } : {}), ...(file ? { file } : {}) }),
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
