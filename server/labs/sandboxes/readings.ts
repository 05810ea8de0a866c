/** What a page reads of a live cluster besides its state: what was done to it, versions of objects, causes. Nothing here changes it. */
import { stringify } from 'yaml'
import { wordsOfCommand } from '../../../sim/forms.ts'
import type { Command, KubeObject, LiveCluster } from '../../../sim/index.ts'
import { sequenceRows } from '../views/sequence-rows.ts'
import type { Birth, CauseNode, ObjectName, ObjectQuery, ObjectVersion, SandboxView } from './types.ts'

/** Marks that one scrubber shows; the latest are kept. */
const mostMarks = 1000
/** Acts on one object that are followed back. */
const mostActs = 100

export const marksOf = (cluster: LiveCluster): SandboxView['marks'] =>
  cluster.log
    .filter(({ command }) => !isTyped(command))
    .slice(-mostMarks)
    .map(({ atMs, command }) => ({ atMs, words: wordsOfCommand(command) }))

/** What comes a key at a time belongs to the command that it is typed into. */
const isTyped = ({ op }: Command): boolean => op === 'session' || op === 'input'

/** @throws Error for a resource that there is not */
export function objectsOf(cluster: LiveCluster, query: ObjectQuery): ObjectVersion[] {
  const { resource, namespace, name, atMs = Number.POSITIVE_INFINITY } = query
  const isWanted = (object: KubeObject): boolean =>
    (namespace === undefined || (object.metadata.namespace ?? '') === namespace) &&
    (name === undefined || object.metadata.name === name)
  const versions = cluster
    .changes(resource)
    .filter((change) => change.atMs <= atMs && isWanted(change.object))
    .map(({ object, revision, atMs: changedMs, type, record }) => ({
      object,
      revision,
      atMs: changedMs,
      type,
      by: cluster.trace.get(record)?.actor ?? '',
    }))
  const present = cluster
    .objects(resource, { namespace, ...(atMs < cluster.nowMs ? { atMs } : {}) })
    .filter((object) => isWanted(object))
  const known = new Set(versions.map(({ object, revision }) => `${keyOf(object)} ${revision}`))
  // What was made before the hand-over and has not changed since.
  const old = present
    .map((object) => ({ object, revision: Number(object.metadata.resourceVersion ?? 0), atMs: 0, by: '' }))
    .filter(({ object, revision }) => !known.has(`${keyOf(object)} ${revision}`))
    .map((version) => ({ ...version, type: 'ADDED' as const }))
  const all = [...versions, ...old].sort((a, b) => b.revision - a.revision)
  if (name !== undefined) return all.map(told)
  const latest = new Map<string, (typeof all)[number]>()
  for (const version of all) if (!latest.has(keyOf(version.object))) latest.set(keyOf(version.object), version)
  return present.flatMap((object) => {
    const version = latest.get(keyOf(object))
    return version ? [told(version)] : []
  })
}

interface Version extends Omit<ObjectVersion, 'namespace' | 'name' | 'yaml'> {
  object: KubeObject
}

const told = ({ object, revision, atMs, type, by }: Version): ObjectVersion => ({
  namespace: object.metadata.namespace ?? '',
  name: object.metadata.name,
  revision,
  atMs,
  type,
  yaml: stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }),
  by,
})

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`

/** Messages of a Pod's birth that are told: a Pod that never becomes ready has ever more of them. */
const mostMessages = 150

/** What was said from what asked for a Pod until it was ready, or until now. */
export function birthOf(cluster: LiveCluster, { namespace, name }: Omit<ObjectName, 'resource'>): Birth {
  const rows = sequenceRows(cluster, { namespace, name })
  return { rows: rows.slice(0, mostMessages), isCut: rows.length > mostMessages }
}

/** The acts on an object and what led to each, back to a command; in order. */
export function causesOf(cluster: LiveCluster, { resource, namespace, name }: ObjectName): CauseNode[] {
  const isIt = (object: KubeObject): boolean =>
    object.metadata.name === name && (object.metadata.namespace ?? '') === namespace
  const kind =
    cluster.objects(resource, { namespace }).find(isIt)?.kind ??
    cluster.changes(resource).findLast(({ object }) => isIt(object))?.object.kind
  const originMs = cluster.engine.nowMs - cluster.nowMs
  const acts = cluster.trace
    .records()
    .filter(({ object }) => object?.kind === kind && object?.name === name && (object?.namespace ?? '') === namespace)
  const wanted = new Set(acts.slice(-mostActs).flatMap(({ id }) => cluster.trace.causesOf(id)))
  return [...wanted]
    .sort((a, b) => a.id - b.id)
    .map(({ id, cause, atMs, actor, action, object }) => ({
      record: id,
      cause: cause === 0 ? undefined : cause,
      atMs: atMs - originMs,
      actor,
      action,
      object: object ? [object.kind, object.namespace, object.name].filter(Boolean).join('/') : '',
    }))
}
