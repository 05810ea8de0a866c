/** The run as a sequence of moments: what every object was at each, told from the store. */

import { gatewayKindNames } from '../../addons/gateway/definitions/definitions.ts'
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import { type KubeObject, keyOf, keyText, type ManagedFieldsEntry } from '../../api/meta/object.ts'
import { findResource, kinds } from '../../api/registry.ts'
import { managedFieldsOf } from '../../apiserver/managed-fields/managers.ts'
import type { LiveCluster } from '../../cluster.ts'
import { charge } from '../../engine/work.ts'
import type { PodInterference } from '../../nodes.ts'

/** Objects as they were at one moment. Namespaced ones are those of the run's namespace. */
export interface Snapshot {
  readonly atMs: number
  /** The same moment by the cluster's clock. */
  readonly epochMs: number
  /** By plural (`pods`) or kind (`Pod`); sorted by name. @throws Error for a resource that is not there */
  objects(resource: string): readonly KubeObject[]
  /** Of any namespace. */
  everywhere(resource: string): readonly KubeObject[]
  /** Who manages which of its fields, of an object of this moment; of kinds that definitions bring nothing is told. */
  managedFields(resource: string, object: KubeObject): readonly ManagedFieldsEntry[]
  /** Whether it was written by hand, once at least, as whomever: by another than the cluster's own components. */
  writtenByHand(resource: string, object: KubeObject): boolean
  /** How it came to be, the latest write first. What one writes in a row is one write. Of kinds that definitions bring nothing is told. */
  versions(resource: string, object: KubeObject): Iterable<ObjectVersion>
  /** The files by which nodes run as they do: as they were handed over, and as they are at the end of the run. */
  nodeFiles(): { before: NodeFiles; now: NodeFiles }
  /** Of any namespace, what was deleted after a moment, as it last was; the first one first. */
  deleted(resource: string, sinceMs: number): readonly KubeObject[]
  /** Services of nodes that were there at the hand-over which are stopped, or run from a moment after it. */
  interruptedServices(): readonly { node: string; service: string }[]
  /** What had made the command of a container do something else than it says, from the hand-over on. */
  interferences(): readonly PodInterference[]
}

/** By node and path. */
export type NodeFiles = ReturnType<LiveCluster['nodes']['configuration']>

/** A write of an object. */
export interface ObjectVersion {
  object: KubeObject
  /** As it was before; undefined for the write that made it. */
  before: KubeObject | undefined
  /** By another than the cluster's own components. */
  isByHand: boolean
  /** In ms after the hand-over. */
  atMs: number
}

/** What checks have to know of a kind. */
export type LookedKind = Pick<Kind, 'kind' | 'plural' | 'singular' | 'group' | 'isNamespaced'>

/** Those of the Gateway API too, which has no objects where a cluster has no such definitions. */
const looked: readonly LookedKind[] = [...kinds, ...gatewayKindNames]

/** Variables that CEL expressions may use: plurals of all kinds. */
export const celResources: readonly string[] = looked.map((kind) => kind.plural)

/** By kind (`Pod`), plural or another name of a resource. @throws Error for one that no check can look at */
export function kindNamed(name: string): LookedKind {
  const kind = looked.find((one) => one.kind === name || one.plural === name) ?? findResource(name)
  if (!kind) throw new Error(`no kind ${name}; there are ${looked.map((one) => one.kind).join(', ')}`)
  return kind
}

export function snapshotNow(cluster: LiveCluster): Snapshot {
  return snapshotOf(cluster, cluster.nowMs, (kind) => cluster.objects(resourceName(kind)))
}

/**
 * Walks the run from a moment to the end: at the start, and after each moment at which something changed, `visit` is given
 * the state and the plurals of what changed. Changes of the same millisecond are one moment.
 * @param plurals what is looked at; of other kinds the snapshots hold nothing
 */
export function walkHistory(
  cluster: LiveCluster,
  fromMs: number,
  untilMs: number,
  plurals: ReadonlySet<string>,
  visit: (snapshot: Snapshot, changed: ReadonlySet<string> | 'all') => void,
): void {
  const seen = new Map<string, { plural: string; objects: Map<string, KubeObject> }>()
  for (const kind of looked) {
    if (!plurals.has(kind.plural)) continue
    const resource = resourceName(kind)
    const objects = cluster
      .objects(resource, { atMs: fromMs })
      .map((object) => [keyText(keyOf(object)), object] as const)
    seen.set(resource, { plural: kind.plural, objects: new Map(objects) })
  }
  const lists = new Map<string, readonly KubeObject[]>()
  const snapshotAt = (atMs: number): Snapshot => {
    for (const [resource, { objects }] of seen) if (!lists.has(resource)) lists.set(resource, sorted(objects))
    const now = new Map(lists)
    return snapshotOf(cluster, atMs, (kind) => now.get(resourceName(kind)) ?? [])
  }
  visit(snapshotAt(fromMs), 'all')
  const origin = cluster.engine.nowMs - cluster.nowMs
  let changed = new Set<string>()
  let atMs = fromMs
  const flush = () => {
    if (changed.size > 0) visit(snapshotAt(atMs), changed)
    changed = new Set()
  }
  for (const change of cluster.server.etcd.history()) {
    const kind = seen.get(change.bucket)
    if (!kind) continue
    const changeMs = change.atMs - origin
    if (changeMs <= fromMs) continue
    if (changeMs > untilMs) break
    if (changeMs !== atMs) flush()
    atMs = changeMs
    if (change.type === 'DELETED') kind.objects.delete(change.key)
    else kind.objects.set(change.key, change.value)
    lists.delete(change.bucket)
    changed.add(kind.plural)
  }
  flush()
}

const sorted = (objects: ReadonlyMap<string, KubeObject>): readonly KubeObject[] =>
  [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)

function snapshotOf(
  { engine, handedOverFiles, namespace, nodes, nowMs, server }: LiveCluster,
  atMs: number,
  listOf: (kind: LookedKind) => readonly KubeObject[],
): Snapshot {
  const originMs = engine.nowMs - nowMs
  const own = new Map<string, readonly KubeObject[]>()
  function* versions(resource: string, of: KubeObject): Generator<ObjectVersion> {
    const kind = findResource(kindNamed(resource).plural)
    for (let version = kind && server.versionOf(kind, of); version?.value; version = version.before) {
      charge(1)
      const { value: object, before, write } = version
      yield {
        ...{ object, before: before?.value, atMs: version.atMs - originMs },
        isByHand: write !== undefined && !write.isByComponent,
      }
    }
  }
  return {
    atMs,
    epochMs: engine.startEpochMs + originMs + atMs,
    objects(resource) {
      let found = own.get(resource)
      if (!found) {
        const kind = kindNamed(resource)
        const all = listOf(kind)
        found = kind.isNamespaced ? all.filter((object) => object.metadata.namespace === namespace) : all
        own.set(resource, found)
      }
      return found
    },
    everywhere: (resource) => listOf(kindNamed(resource)),
    managedFields(resource, object) {
      const kind = findResource(kindNamed(resource).plural)
      return kind ? managedFieldsOf(kind, server.versionOf(kind, object)) : []
    },
    writtenByHand(resource, object) {
      for (const { isByHand } of versions(resource, object)) if (isByHand) return true
      return false
    },
    versions,
    deleted(resource, sinceMs) {
      const bucket = resourceName(kindNamed(resource))
      const found: KubeObject[] = []
      for (const change of server.etcd.changesBetween(sinceMs + originMs, atMs + originMs)) {
        charge(1)
        if (change.bucket === bucket && change.type === 'DELETED' && change.previous) found.push(change.previous)
      }
      return found
    },
    interruptedServices: () =>
      [...nodes.services()].filter(
        ({ node, startedMs }) => handedOverFiles.has(node) && (startedMs === undefined || startedMs > originMs),
      ),
    nodeFiles: () => ({ before: handedOverFiles, now: nodes.configuration() }),
    interferences: () =>
      [...nodes.interferences()].filter((one) => one.atMs >= originMs && one.atMs <= atMs + originMs),
  }
}
