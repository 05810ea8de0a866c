/** Scenario files: YAML read into steps, with errors that say what and where. */
import { type Document, isMap, LineCounter, parseDocument } from 'yaml'
import { isRecord } from '../api/meta/json.ts'
import { commandFamilies, familyOf } from './commands/registry.ts'
import { ScenarioError } from './commands/scenario-error.ts'
import type { ClusterShape, Command, LoggedCommand, NodeShape, ScenarioFile } from './types.ts'

/**
 * Reads a scenario.
 * @param source how messages name the text: a path
 * @throws ScenarioError `source:line: what is wrong`
 */
export function parseScenarioFile(text: string, source = 'scenario'): ScenarioFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, version: '1.2' })
  const fail = (message: string, offset = 0): never => {
    throw new ScenarioError(`${source}:${lines.linePos(offset).line}: ${message}`)
  }
  const [problem] = document.errors
  // How deep the parser comes depends on the machine's stack: what is said of it must not.
  if (problem)
    fail(/call stack/.test(problem.message) ? 'nests too deeply' : problem.message.split('\n')[0]!, problem.pos[0])
  if (!isMap(document.contents)) fail('a scenario is a mapping with name, duration and steps')
  const value = plainOf(document, fail)
  const offsetOf = (path: (string | number)[]): number => {
    const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined
    return node?.range?.[0] ?? 0
  }
  if (value.duration !== undefined && !Number.isFinite(value.duration))
    fail('duration must be a number of seconds', offsetOf(['duration']))
  for (const name of ['name', 'seed', 'start'])
    if (isCollection(value[name])) fail(`${name} must be text`, offsetOf([name]))
  if (!Array.isArray(value.steps)) fail('steps must be a list', offsetOf(['steps']))
  const steps = value.steps as unknown[]
  for (const [i, step] of steps.entries()) {
    if (!isRecord(step) || !Number.isFinite(step.at))
      return fail(`step ${i} needs \`at\`, in seconds`, offsetOf(['steps', i]))
    if (!stepKind(step)) fail(`step ${i} needs one of ${stepKinds.join(', ')}`, offsetOf(['steps', i]))
    for (const name of ['apply', 'create', 'run', 'stdin', 'args'])
      if (isCollection(step[name])) fail(`step ${i}: ${name} must be text`, offsetOf(['steps', i, name]))
  }
  const { shape } = value
  if (shape !== undefined && !(isRecord(shape) && isListOfNodes(shape.nodes)))
    fail('shape needs nodes, each with a name', offsetOf(['shape']))
  const lists = ['read', 'watch', 'absent'] as const
  for (const name of lists) {
    const list = value[name]
    if (list !== undefined && !(Array.isArray(list) && list.every((item) => typeof item === 'string'))) {
      fail(`${name} must be a list of strings`, offsetOf([name]))
    }
  }
  return {
    ...value,
    name: String(value.name ?? source),
    ...(value.seed === undefined ? {} : { seed: String(value.seed) }),
    duration: (value.duration as number | undefined) ?? 0,
    steps: steps as ScenarioFile['steps'],
  }
}

/** What the document says. Aliases are followed here: one without its anchor, or a bomb of them, is found only now. */
function plainOf(document: Document.Parsed, fail: (message: string) => never): Record<string, unknown> {
  try {
    return document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>
  } catch (error) {
    const { message } = error as Error
    return fail(/alias count/.test(message) ? 'its aliases stand for far more than is written' : message)
  }
}

const isCollection = (value: unknown): boolean => typeof value === 'object' && value !== null

const isListOfNodes = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((node) => isRecord(node) && typeof node.name === 'string')

const stepForms = commandFamilies.flatMap(({ step }) => step ?? [])
/** The key of a step that holds a command as it is. */
const asItIs = 'command'
const stepKinds: readonly string[] = [...stepForms.map(({ key }) => key), asItIs]

/** The key of a step that says what it does. */
export const stepKind = (step: Readonly<Record<string, unknown>>): string | undefined =>
  stepKinds.find((kind) => step[kind] !== undefined)

/** When a step is due. Seconds that were milliseconds before are whole ones again: 1.001 s is 1001 ms, not a hair less. */
export function stepMs({ at }: { at: number }): number {
  const ms = at * 1000
  const whole = Math.round(ms)
  return Math.abs(ms - whole) < 1e-6 ? whole : ms
}

/** A step as a command. @param expand fills in what only the cluster knows (`${uid Pod/web}`) @throws ScenarioError */
export function stepCommand(step: object, expand: (text: string) => string = (text) => text): Command {
  const fields: Readonly<Record<string, unknown>> = { ...step }
  const form = stepForms.find(({ key }) => fields[key] !== undefined)
  if (form) return form.read(fields, expand)
  if (fields[asItIs] !== undefined) return fields[asItIs] as Command
  throw new ScenarioError('a step without a kind')
}

/**
 * A command of a log as a step, which `stepCommand` turns into the same command again. A step is `begun` when others may come
 * while it runs. What has no word of its own stands under `command`, as it is.
 */
export const stepOf = ({ atMs, command, isBegun }: LoggedCommand): ScenarioFile['steps'][number] => ({
  at: atMs / 1000,
  ...(isBegun ? { begun: true } : {}),
  ...(familyOf(command).step?.write(command) ?? { [asItIs]: command }),
})

/** The recorded clusters: one node of 2 CPU, or that one cordoned beside four smaller ones in two zones. */
export function recordedShape(file: ScenarioFile): ClusterShape {
  const first: NodeShape = { name: 'node-1', cpu: '2', memory: '24Gi', pods: 110 }
  const base = { absentImages: file.absent ?? [], namespace: 'scn', dns: false, hostPathProvisioner: true }
  if (file.nodes !== 'multi') return { ...base, nodes: [first] }
  const worker = (name: string, zone: string, more: Record<string, string>): NodeShape => ({
    name,
    cpu: '1',
    memory: '3840Mi',
    pods: 110,
    hollow: true,
    labels: { zone, 'topology.kubernetes.io/zone': `zone-${zone}`, ...more },
  })
  return {
    ...base,
    nodes: [
      { ...first, unschedulable: true },
      worker('worker-1', 'a', { disk: 'ssd' }),
      worker('worker-2', 'a', {}),
      worker('worker-3', 'b', { disk: 'ssd' }),
      {
        ...worker('worker-4', 'b', { gpu: 'true' }),
        taints: [{ key: 'dedicated', value: 'ml', effect: 'NoSchedule' }],
      },
    ],
  }
}
