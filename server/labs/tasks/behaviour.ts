/**
 * What somebody did in a cluster, without how they wrote it: what they looked at, which fields of which kinds they changed, and which causes of
 * trouble came and went by that. Names, values and formatting vanish; an edit, a patch and an apply that change the same are the same.
 */
import {
  diagnose,
  type EngineLimits,
  type KubeObject,
  kindNamed,
  type LoggedCommand,
  openChallenge,
} from '../../../sim/index.ts'
import { givenFault } from '../../storage/given-faults.ts'
import type { BehaviourRequest } from '../types.ts'
import { differences, type Step } from './counterfactual.ts'

/** Verbs of kubectl by which somebody finds something out. */
const looks: ReadonlySet<string> = new Set([
  ...['get', 'describe', 'logs', 'events', 'top', 'explain', 'auth', 'diff', 'exec', 'debug', 'rollout'],
])
/** Their keys are names that people choose. */
const namedMaps: ReadonlySet<string> = new Set([
  ...['labels', 'annotations', 'matchLabels', 'nodeSelector', 'selector', 'data', 'stringData', 'binaryData'],
])

/** A word for each step, in order: `look describe Pod`, `change Deployment spec.replicas up`, `cause gone image-not-found`. @throws BudgetError */
export function behaviourOf({ spec, seed, log }: BehaviourRequest, limits: Partial<EngineLimits>): string[] {
  const { cluster } = openChallenge(spec, seed, limits)
  const { etcd } = cluster.server
  const known = new Map<string, KubeObject>()
  let read = 0
  /** What people wrote since the last time. */
  const written = (): string[] => {
    const changes = etcd.history().slice(read)
    read += changes.length
    return changes.flatMap(({ bucket, type, value, record }) => {
      const place = `${bucket}/${value.metadata.namespace ?? ''}/${value.metadata.name}`
      const before = known.get(place)
      if (type === 'DELETED') known.delete(place)
      else known.set(place, value)
      return isOfPeople(cluster.trace.get(record)?.actor) ? stepsOf(type, value, before) : []
    })
  }
  let causes = new Set<string>()
  const found = (): string[] => {
    const now = new Set<string>(diagnose(cluster).map(({ cause }) => cause))
    const told = [
      ...[...causes].filter((cause) => !now.has(cause)).map((cause) => `cause gone ${cause}`),
      ...[...now].filter((cause) => !causes.has(cause)).map((cause) => `cause come ${cause}`),
    ].sort()
    causes = now
    return told
  }
  // The world as it was handed over is nobody's doing.
  written()
  found()
  const steps: string[] = []
  for (const entry of log) {
    cluster.advance(Math.max(0, entry.atMs - cluster.nowMs))
    steps.push(...found())
    if (givenFault(entry)) {
      cluster.execute(entry.command)
      written()
      continue
    }
    steps.push(...lookOf(entry))
    if (entry.isBegun) cluster.begin(entry.command, () => undefined)
    else cluster.execute(entry.command)
    steps.push(...written())
  }
  cluster.advance(spec.observeSeconds * 1000)
  return [...steps, ...found()]
}

/** Whoever is no part of the cluster. */
const isOfPeople = (actor: string | undefined): boolean =>
  actor !== undefined && !actor.startsWith('system:') && !actor.includes('/')

function lookOf({ command }: LoggedCommand): string[] {
  if (command.op === 'node') return ['look on a node']
  if (command.op === 'outside') return ['look from outside']
  if (command.op !== 'kubectl') return []
  const [verb, noun] = command.line
    .trim()
    .replace(/^(?:kubectl|k)\s+/, '')
    .split(/\s+/)
    .filter((word) => !word.startsWith('-'))
  if (verb === undefined || !looks.has(verb)) return []
  const kind = noun === undefined ? undefined : kindNamed(noun.replace(/[/,].*$/, ''))
  return [kind === undefined ? `look ${verb}` : `look ${verb} ${kind}`]
}

function stepsOf(type: 'ADDED' | 'MODIFIED' | 'DELETED', value: KubeObject, before: KubeObject | undefined): string[] {
  if (type === 'ADDED') return [`create ${value.kind}`]
  if (type === 'DELETED' || !before) return [`delete ${value.kind}`]
  const told = differences([before], [value]).map(
    ({ steps, direction, from, to }) => `change ${value.kind} ${pathOf(steps)} ${classOf(direction, from, to)}`,
  )
  // Fields have no order.
  return [...new Set(told)].sort()
}

/** `spec.containers[].image`; what lies below a map of chosen names is one thing. */
function pathOf(steps: readonly Step[]): string {
  const path: string[] = []
  for (const step of steps) {
    if (typeof step !== 'string') path.push(`${path.pop() ?? ''}[]`)
    else path.push(step)
    if (typeof step === 'string' && namedMaps.has(step)) break
  }
  return path.join('.')
}

/** What became of a value, as far as it says nothing of the variant. */
function classOf(direction: string, from: unknown, to: unknown): string {
  if (direction === 'add' || direction === 'remove') return direction
  if (direction === 'raise') return 'up'
  if (direction === 'lower') return 'down'
  if (typeof to === 'boolean') return String(to)
  const [one, other] = [quantityOf(from), quantityOf(to)]
  if (one !== undefined && other !== undefined) return other > one ? 'up' : other < one ? 'down' : 'to'
  return Array.isArray(to) ? 'list' : typeof to === 'object' ? 'map' : 'text'
}

const units: Readonly<Record<string, number>> = {
  ...{ m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
}

function quantityOf(value: unknown): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([a-zA-Z]{0,2})$/.exec(String(value)) ?? []
  const scale = units[unit]
  return digits === undefined || scale === undefined ? undefined : Number(digits) * scale
}
