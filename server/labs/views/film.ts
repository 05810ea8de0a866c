/** A run as it would be filmed: nodes and Pods with their turns over the virtual time, from the store's memory. Pure. */
import type { Cluster, KubeObject } from '../../../sim/index.ts'
import type { FilmedNode, FilmedPod, RunFilm } from '../types.ts'
import { isNodeReady, stateOfPod } from './view.ts'

/** Of a run with more, those that came last are left out: a card has room for far fewer. */
const mostPods = 300
const mostTurns = 60

/** @param endMs what comes later is not told */
export function filmOf(cluster: Cluster, endMs: number): RunFilm {
  return { endMs, nodes: filmNodes(cluster, endMs), pods: filmPods(cluster, endMs) }
}

function filmNodes(cluster: Cluster, endMs: number): FilmedNode[] {
  const nodes = new Map<string, FilmedNode>()
  for (const { atMs, type, object } of versionsOf(cluster, 'nodes', endMs)) {
    const { name } = object.metadata
    const node = nodes.get(name) ?? { name, turns: [] }
    nodes.set(name, node)
    turn(node.turns, atMs, { is: type === 'DELETED' ? 'gone' : isNodeReady(object) ? 'ready' : 'failing' })
  }
  return [...nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function filmPods(cluster: Cluster, endMs: number): FilmedPod[] {
  // A name can be used again, by another Pod.
  const pods = new Map<string, FilmedPod>()
  for (const { atMs, type, object } of versionsOf(cluster, 'pods', endMs)) {
    const { namespace = '', name, uid = '' } = object.metadata
    if (namespace.startsWith('kube-')) continue
    const key = `${namespace}/${name}/${uid}`
    const pod = pods.get(key) ?? { name, node: '', turns: [] }
    if (!pods.has(key) && pods.size >= mostPods) continue
    pods.set(key, pod)
    pod.node ||= nodeOf(object)
    turn(pod.turns, atMs, { is: type === 'DELETED' ? 'gone' : stateOfPod(object).tone, node: pod.node })
  }
  return [...pods.values()]
}

/** What was there at the hand-over, and what was written since. */
const versionsOf = (cluster: Cluster, resource: string, endMs: number) => [
  ...cluster.objects(resource, { atMs: 0 }).map((object) => ({ atMs: 0, type: 'ADDED', object })),
  ...cluster.changes(resource).filter(({ atMs }) => atMs <= endMs),
]

/** Adds a turn, unless nothing has changed; of several at one moment the last holds. */
function turn<T extends { is: string; node?: string }>(turns: (T & { atMs: number })[], atMs: number, now: T): void {
  const last = turns.at(-1)
  if (last && last.is === now.is && last.node === now.node) return
  if (last?.atMs === atMs || turns.length >= mostTurns) turns.pop()
  turns.push({ ...now, atMs })
}

const nodeOf = (pod: KubeObject): string => (pod as KubeObject & { spec?: { nodeName?: string } }).spec?.nodeName ?? ''
