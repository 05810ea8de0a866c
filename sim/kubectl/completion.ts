/**
 * What could stand at the cursor of a kubectl line, as the shell completion of kubectl tells it: commands, flags and their values, types, names.
 * Source: k8s.io/kubectl/pkg/util/completion/completion.go, github.com/spf13/cobra/completions.go
 */
import { pods } from '../api/core/pod.ts'
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { Client } from '../client/client.ts'
import { type Command, globalFlags } from './command.ts'
import type { Flag } from './flags.ts'
import { commands } from './registry.ts'
import { ResourceTypes } from './resources.ts'

export interface CompletionContext {
  kinds: readonly Kind[]
  client: Client
  /** Where a line is about that names no other. */
  namespace: string
}

/** What a command's arguments are. */
type Arguments =
  /** A type, then names of it; or both as `type/name`. */
  | { of: 'any type' }
  | { of: 'types'; types: readonly string[] }
  /** Names of one kind; as many as there are, or one. */
  | { of: 'names'; plural: string; isOne?: true }
  /** A Pod's name, or an object that has Pods as `type/name`; once. */
  | { of: 'pod' }

const anyType: Arguments = { of: 'any type' }
const pod: Arguments = { of: 'pod' }
const nodeNames: Arguments = { of: 'names', plural: 'nodes' }
const types = (...names: string[]): Arguments => ({ of: 'types', types: names })
const rolledOut = types('deployment', 'daemonset', 'statefulset')
const withTemplates = types('daemonsets', 'deployments', 'pods', 'cronjobs', 'replicasets', 'replicationcontrollers')

/** By path. A command that is not here takes what nobody can guess. */
const argumentsOf: Readonly<Record<string, Arguments>> = {
  annotate: anyType,
  'apply edit-last-applied': anyType,
  'apply view-last-applied': anyType,
  attach: pod,
  autoscale: types('deployment', 'replicaset', 'replicationcontroller', 'statefulset'),
  cordon: nodeNames,
  debug: pod,
  delete: anyType,
  describe: anyType,
  drain: nodeNames,
  edit: anyType,
  exec: pod,
  expose: types('pod', 'service', 'replicationcontroller', 'deployment', 'replicaset'),
  get: anyType,
  label: anyType,
  logs: pod,
  patch: anyType,
  'port-forward': pod,
  'rollout history': rolledOut,
  'rollout pause': types('deployment'),
  'rollout restart': rolledOut,
  'rollout resume': types('deployment'),
  'rollout status': rolledOut,
  'rollout undo': rolledOut,
  scale: types('deployment', 'replicaset', 'replicationcontroller', 'statefulset'),
  'set env': withTemplates,
  'set image': withTemplates,
  'set resources': withTemplates,
  taint: types('node'),
  'top node': { of: 'names', plural: 'nodes', isOne: true },
  'top pod': { of: 'names', plural: 'pods', isOne: true },
  uncordon: nodeNames,
}

/** Types whose objects have Pods. */
const withPods = [
  'daemonsets',
  'deployments',
  'pods',
  'jobs',
  'replicasets',
  'replicationcontrollers',
  'services',
  'statefulsets',
]

const outputFormats = [
  'json',
  'yaml',
  'kyaml',
  'name',
  'go-template',
  'go-template-file',
  'template',
  'templatefile',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'custom-columns',
  'custom-columns-file',
  'wide',
]

/** @param cursor what stands behind it is not looked at */
export function completeLine(line: string, cursor: number, context: CompletionContext): string[] {
  const words = line.slice(0, cursor).split(/\s+/)
  const partial = words.pop() ?? ''
  if (words[0] === '') words.shift()
  if (words[0] === 'kubectl') words.shift()
  // What stands behind `--` is another program's.
  if (words.includes('--')) return []
  const read = readWords(words)
  const isWanted = (text: string): boolean => text.startsWith(partial)
  if (read.waiting) return valuesOf(read.waiting, read, context).filter(isWanted)
  const [, flagText, given] = /^--([a-z-]+)=(.*)$/.exec(partial) ?? []
  if (flagText !== undefined) {
    const flag = read.flags.find(({ name }) => name === flagText)
    return flag ? valuesOf(flag, read, context).filter((value) => value.startsWith(given)) : []
  }
  if (partial.startsWith('-')) return flagWords(read.flags).filter(isWanted)
  const subcommands = read.command ? (read.command.subcommands ?? []) : commands
  if (read.args.length === 0 && subcommands.length > 0)
    return subcommands
      .map(({ name }) => name)
      .sort()
      .filter(isWanted)
  return argumentWords(read, partial, context).filter(isWanted)
}

interface ReadWords {
  command: Command | undefined
  /** `rollout status` */
  path: string
  args: string[]
  /** Those that it has. */
  flags: readonly Flag[]
  values: Map<string, string>
  /** The flag whose value comes next. */
  waiting: Flag | undefined
}

function readWords(words: readonly string[]): ReadWords {
  const read: ReadWords = {
    command: undefined,
    path: '',
    args: [],
    flags: globalFlags,
    values: new Map(),
    waiting: undefined,
  }
  let available: readonly Command[] = commands
  for (const word of words) {
    if (read.waiting) {
      read.values.set(read.waiting.name, word)
      read.waiting = undefined
    } else if (word.startsWith('-') && word !== '-') {
      const [name, value] = word.replace(/^--?/, '').split('=', 2) as [string, string | undefined]
      const flag = read.flags.find((known) => (word.startsWith('--') ? known.name === name : known.short === name))
      if (flag && value !== undefined) read.values.set(flag.name, value)
      else if (flag && flag.type !== 'bool' && flag.bare === undefined) read.waiting = flag
    } else {
      const command =
        read.args.length === 0
          ? available.find(({ name, aliases }) => name === word || aliases?.includes(word))
          : undefined
      if (command) {
        read.command = command
        read.path = `${read.path} ${command.name}`.trim()
        read.flags = [...globalFlags, ...(command.flags ?? [])]
        available = command.subcommands ?? []
      } else read.args.push(word)
    }
  }
  return read
}

const flagWords = (flags: readonly Flag[]): string[] =>
  flags.flatMap(({ name, short }) => (short ? [`--${name}`, `-${short}`] : [`--${name}`])).sort()

function valuesOf(flag: Flag, read: ReadWords, context: CompletionContext): string[] {
  switch (flag.name) {
    case 'namespace':
      return namesOf('namespaces', read, context)
    case 'output':
      return outputFormats
    case 'container': {
      const [name = ''] = read.args
      const named = context.client.find(pods, {
        namespace: namespaceOf(read, context),
        name: name.replace(/^pods?\//, ''),
      })
      return [...(named?.spec.initContainers ?? []), ...(named?.spec.containers ?? [])].map((each) => each.name)
    }
    default:
      return []
  }
}

function argumentWords(read: ReadWords, partial: string, context: CompletionContext): string[] {
  const wanted = argumentsOf[read.path]
  if (!wanted) return []
  const { args } = read
  const [type] = args
  switch (wanted.of) {
    case 'names': {
      if (wanted.isOne && args.length > 0) return []
      return namesOf(wanted.plural, read, context).filter((name) => !args.includes(name))
    }
    case 'pod': {
      if (args.length > 0) return []
      if (partial.includes('/')) return tuplesOf(partial, read, context)
      return [...namesOf('pods', read, context), ...withPods.map((name) => `${name}/`)]
    }
    default: {
      if (partial.includes('/')) return tuplesOf(partial, read, context)
      // Names behind `type/name` have a type of their own.
      if (type?.includes('/')) return typeNames(wanted, context).map((name) => `${name}/`)
      if (type === undefined) return typeNames(wanted, context)
      return namesOf(type, read, context).filter((name) => !args.includes(name))
    }
  }
}

const typeNames = (wanted: Extract<Arguments, { of: 'any type' | 'types' }>, { kinds }: CompletionContext): string[] =>
  wanted.of === 'types'
    ? [...wanted.types]
    : kinds.filter(({ isVirtual }) => !isVirtual).map((kind) => resourceName(kind))

function tuplesOf(partial: string, read: ReadWords, context: CompletionContext): string[] {
  const type = partial.slice(0, partial.indexOf('/'))
  return namesOf(type, read, context).map((name) => `${type}/${name}`)
}

function namesOf(types: string, read: ReadWords, { kinds, client, namespace }: CompletionContext): string[] {
  const known = new ResourceTypes(kinds.filter(({ isVirtual }) => !isVirtual))
  const found = types.split(',').flatMap((type) => known.lookUp(type) ?? [])
  return found.flatMap((kind) =>
    client
      .list(kind, kind.isNamespaced ? { namespace: read.values.get('namespace') ?? namespace } : {})
      .items.map(({ metadata }) => metadata.name),
  )
}

const namespaceOf = (read: ReadWords, { namespace }: CompletionContext): string =>
  read.values.get('namespace') ?? namespace
