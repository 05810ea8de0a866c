/** Scenario files: YAML read into steps, with errors that say what and where. */
import { isMap, LineCounter, parseDocument } from 'yaml'
import { isRecord } from '../api/meta/json.ts'
import type { ClusterShape, Command, Fault, NodeShape, ScenarioFile } from './types.ts'

/** A scenario file has a mistake; the message names its place. */
class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
}

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
  if (problem) fail(problem.message.split('\n')[0], problem.pos[0])
  if (!isMap(document.contents)) fail('a scenario is a mapping with name, duration and steps')
  const value = document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>
  const offsetOf = (path: (string | number)[]): number => {
    const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined
    return node?.range?.[0] ?? 0
  }
  if (value.duration !== undefined && typeof value.duration !== 'number')
    fail('duration must be a number of seconds', offsetOf(['duration']))
  if (!Array.isArray(value.steps)) fail('steps must be a list', offsetOf(['steps']))
  const steps = value.steps as unknown[]
  steps.forEach((step, i) => {
    if (!isRecord(step) || typeof step.at !== 'number')
      fail(`step ${i} needs \`at\`, in seconds`, offsetOf(['steps', i]))
    if (!stepKind(step as Record<string, unknown>)) {
      fail(`step ${i} needs one of ${stepKinds.join(', ')}`, offsetOf(['steps', i]))
    }
  })
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
    duration: (value.duration as number | undefined) ?? 0,
    steps: steps as ScenarioFile['steps'],
  }
}

const stepKinds = ['apply', 'create', 'run', 'fault', 'evict', 'staticPod', 'hostFile', 'traffic'] as const
export type StepKind = (typeof stepKinds)[number]

export const stepKind = (step: Record<string, unknown>): StepKind | undefined =>
  stepKinds.find((kind) => step[kind] !== undefined)

/** A step as a command. @param expand fills in what only the cluster knows (`${uid Pod/web}`) */
export function stepCommand(step: { at: number } & Record<string, unknown>, expand: (text: string) => string): Command {
  const args = step.args === undefined ? undefined : String(step.args)
  switch (stepKind(step)) {
    case 'apply':
      return { op: 'apply', manifest: expand(String(step.apply)), args }
    case 'create':
      return { op: 'create', manifest: expand(String(step.create)), args }
    case 'run':
      return {
        op: 'kubectl',
        line: expand(String(step.run)),
        stdin: step.stdin === undefined ? undefined : String(step.stdin),
      }
    case 'fault':
      return { op: 'fault', fault: readFault(step.fault) }
    case 'evict':
      return { op: 'evict', ...(step.evict as { selector: string; first: 'ready' }) }
    case 'staticPod':
      return { op: 'staticPod', ...(step.staticPod as { node: string; file: string; manifest: string }) }
    case 'hostFile':
      return { op: 'hostFile', ...(step.hostFile as { node: string; path: string }) }
    case 'traffic':
      return { op: 'traffic', traffic: step.traffic as Extract<Command, { op: 'traffic' }>['traffic'] }
    default:
      throw new ScenarioError('a step without a kind')
  }
}

/** `{node: worker-2, state: down}` as recordings write it, or a Fault with its kind. */
function readFault(value: unknown): Fault {
  if (!isRecord(value)) throw new ScenarioError('a fault is a mapping')
  if (value.kind) return value as unknown as Fault
  return { kind: 'node', node: String(value.node), state: value.state === 'up' ? 'up' : 'down' }
}

/** The recorded clusters: one node of 2 CPU, or that one cordoned beside four smaller ones in two zones. */
export function recordedShape(file: ScenarioFile): ClusterShape {
  const first: NodeShape = { name: 'node-1', cpu: '2', memory: '24Gi', pods: 110 }
  const base = { absentImages: file.absent ?? [], namespace: 'scn', dns: false }
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
