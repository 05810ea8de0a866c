/** Runs a scenario file and tells what the cluster did, in the shape of the recordings. */
import { events } from '../api/core/event.ts'
import type { Event } from '../api/core/types.ts'
import { resourceName } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { findResource } from '../api/registry.ts'
import { createCluster, type LiveCluster } from '../cluster.ts'
import type { ClusterOptions } from '../cluster-types.ts'
import { serverVersion } from '../version.ts'
import { recordedShape, stepCommand, stepKind, stepMs } from './scenario-file.ts'
import type { CommandResult, RecordedEvent, ScenarioFile, ScenarioRun } from './types.ts'

export interface RunOptions {
  seed?: string
  /** The recorded cluster unless told. */
  shape?: ClusterOptions['shape']
  strict?: boolean
}

/** The cluster at the end, besides what it did: for looking further. */
export interface RanScenario {
  run: ScenarioRun
  cluster: LiveCluster
}

export const runScenario = (file: ScenarioFile, options: RunOptions = {}): ScenarioRun =>
  playScenario(file, options).run

function playScenario(file: ScenarioFile, options: RunOptions = {}): RanScenario {
  const cluster = createCluster({
    seed: options.seed ?? file.seed ?? 'scenario',
    shape: options.shape ?? file.shape ?? recordedShape(file),
    startEpochMs: file.start ? Date.parse(file.start) : undefined,
    strict: options.strict,
  })
  const expand = (text: string): string =>
    text.replace(/\$\{uid ([A-Za-z]+)\/([^}]+)\}/g, (_, kind: string, name: string) => uidOf(cluster, kind, name))
  const steps: ScenarioRun['steps'] = []
  for (const step of file.steps) {
    const dueMs = stepMs(step)
    if (dueMs > cluster.nowMs) cluster.advance(dueMs - cluster.nowMs)
    const command = stepCommand(step, expand)
    const told: ScenarioRun['steps'][number] = {
      at: cluster.nowMs / 1000,
      done: file.duration,
      kind: stepKind(step) ?? 'run',
      ...(typeof step.run === 'string' ? { run: step.run } : {}),
      // 128 and SIGINT: what still runs at the end is interrupted by it.
      exit: 130,
      stdout: '',
      stderr: '',
    }
    steps.push(told)
    const end = ({ atMs, doneMs, exit, ...output }: CommandResult): void => {
      Object.assign(told, { at: atMs / 1000, done: doneMs / 1000, exit })
      if (exit !== 130 || output.stdout || output.stderr) Object.assign(told, { ...output })
    }
    if (step.begun !== true) end(cluster.execute(command))
    else
      cluster.begin(command, end, (stream, text) => {
        told[stream] += text
      })
  }
  const endMs = file.duration * 1000
  if (endMs > cluster.nowMs) cluster.advance(endMs - cluster.nowMs)
  const watched = watchedResources(file)
  const run: ScenarioRun = {
    name: file.name,
    ...(file.about ? { about: file.about } : {}),
    server: serverVersion,
    duration: file.duration,
    steps,
    // What was watched ends here: reading takes time as well.
    events: recordedEvents(cluster),
    timeline: watched.flatMap((resource) => timelineOf(cluster, resource)).sort((a, b) => a.t - b.t),
    final: watched.flatMap((resource) => cluster.objects(resource).filter((object) => isTheirs(cluster, object))),
    reads: [],
  }
  for (const line of file.read ?? []) {
    const { exit, stdout, stderr } = cluster.execute({ op: 'kubectl', line })
    run.reads.push({ run: line, exit, stdout, stderr })
  }
  return { run, cluster }
}

/** Watched resources that the simulator has, Events aside: those are told apart. */
function watchedResources(file: ScenarioFile): string[] {
  const found = (file.watch ?? []).flatMap((name) => findResource(name) ?? [])
  return [...new Set(found.filter((kind) => kind.plural !== 'events').map(resourceName))]
}

const systemNamespaces = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease'])

/** Of the scenario's namespace, or of none; of Namespaces those that the scenario makes itself. */
const isTheirs = (cluster: LiveCluster, object: KubeObject): boolean =>
  object.kind === 'Namespace'
    ? !systemNamespaces.has(object.metadata.name) && object.metadata.name !== cluster.namespace
    : (object.metadata.namespace ?? cluster.namespace) === cluster.namespace

const timelineOf = (cluster: LiveCluster, resource: string): ScenarioRun['timeline'] =>
  cluster
    .changes(resource)
    .filter((change) => isTheirs(cluster, change.object))
    .map((change) => ({ t: change.atMs / 1000, event: change.type, object: change.object }))

function recordedEvents(cluster: LiveCluster): RecordedEvent[] {
  return cluster
    .changes(events.plural)
    .filter((change) => change.type !== 'DELETED' && isTheirs(cluster, change.object))
    .map((change) => {
      const event = change.object as Event
      const { kind, name, fieldPath } = event.involvedObject
      return {
        t: change.atMs / 1000,
        type: event.type,
        reason: event.reason,
        object: `${kind}/${name}${fieldPath ? ` ${fieldPath}` : ''}`,
        message: event.message,
        count: event.count ?? 1,
        component: event.source.component || event.reportingComponent,
      }
    })
}

function uidOf(cluster: LiveCluster, kindName: string, name: string): string {
  const kind = findResource(kindName.toLowerCase())
  if (!kind) return ''
  const namespace = kind.isNamespaced ? cluster.namespace : ''
  return cluster.server.stored(kind, { namespace, name })?.metadata.uid ?? ''
}
