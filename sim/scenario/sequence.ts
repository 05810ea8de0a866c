/** The creation of a Pod as a sequence of messages, told from the causal trace: who asked whom for what, and in which order. */
import { persistentVolumeClaims } from '../api/core/persistent-volume-claim.ts'
import { claimNamesOf } from '../api/core/pod/volume-claims.ts'
import { pods } from '../api/core/pod.ts'
import type { Pod } from '../api/core/pod-types.ts'
import { controllerOf, type KubeObject, type ObjectKey } from '../api/meta/object.ts'
import { findKind } from '../api/registry.ts'
import type { VolumeAttachment } from '../api/storage/types.ts'
import { volumeAttachments } from '../api/storage/volume-attachment.ts'
import type { LiveCluster } from '../cluster.ts'
import type { TraceRecord } from '../engine/trace.ts'
import type { SequenceMessage } from './types.ts'

const apiServer = 'kube-apiserver'
const store = 'etcd'

/** What became of its owners before the Pod was made is told from so long before on; all that led to the Pod is told. */
const beforehandMs = 10_000

/**
 * Messages from what asked for the Pod (a command, mostly) until it is ready, or until now, in order of time. Of several Pods that had the
 * name one after the other it is the last. Empty when there was no such Pod.
 */
export function podCreationSequence(cluster: LiveCluster, key: ObjectKey): SequenceMessage[] {
  const origin = cluster.engine.nowMs - cluster.nowMs
  const all = cluster.trace.records()
  const own = nameOf({ kind: 'Pod', ...key })
  const created = all.findLast(({ action, object }) => action === 'create' && object && nameOf(object) === own)
  if (!created) return []
  const family = familyOf(cluster, key)
  if (family.size === 0) return []
  const led = cluster.trace.causesOf(created.id)
  const leading = new Set(led.map(({ id }) => id))
  const records = all
    .slice(led[0]!.id - 1)
    .filter(({ object }) => object && family.has(nameOf(object)))
    .filter(({ id, atMs }) => atMs >= created.atMs - beforehandMs || leading.has(id))
  const readyAt = records.findIndex(
    ({ id, action, detail }) => id > created.id && action === 'status' && detail?.ready === 'True',
  )
  const told = readyAt < 0 ? records : records.slice(0, readyAt + 2)
  const command = led[0]
  const messages: SequenceMessage[] = []
  const add = (record: TraceRecord, from: string, to: string, label: string): void => {
    messages.push({ atMs: record.atMs - origin, from, to, label, record })
  }
  if (command?.actor === 'you') add(command, 'you', 'kubectl', command.action)
  const woken = new Set<string>()
  for (const record of told) {
    const actor = roleOf(record.actor)
    const caller = record.action.startsWith('CSI ') ? callerOf(record) : actor
    const cause = cluster.trace.get(record.cause)
    // A component that acts on a write of somebody else has been told of it by its watch.
    if (
      cause &&
      isWrite(cause) &&
      cause.object &&
      family.has(nameOf(cause.object)) &&
      roleOf(cause.actor) !== caller &&
      !woken.has(`${cause.id} ${caller}`)
    ) {
      woken.add(`${cause.id} ${caller}`)
      add(record, apiServer, caller, `watch: ${titleOf(cause)} was ${pastOf(cause.action)}`)
    }
    if (isWrite(record)) {
      add(record, actor, apiServer, `${record.action} ${titleOf(record)}`)
      add(record, apiServer, store, `put ${titleOf(record)} at revision ${record.detail?.revision}`)
    } else if (record.action.startsWith('CRI ')) add(record, 'kubelet', actor, callOf(record))
    else if (record.action.startsWith('CNI ')) add(record, actor, 'CNI plugin', record.action)
    else if (record.action.startsWith('CSI ')) add(record, caller, actor, callOf(record))
    else if (record.action.startsWith('pull')) add(record, actor, 'registry', callOf(record))
    else if (record.action === 'start') add(record, actor, 'container', callOf(record))
    else if (record.action === 'schedule')
      add(record, actor, actor, record.detail?.node ? `filter and score: ${record.detail.node}` : 'no node fits')
  }
  return messages
}

const nameOf = (object: { kind: string; namespace?: string; name: string }): string =>
  `${object.kind}/${object.namespace ?? ''}/${object.name}`

/** The Pod, what made it (its ReplicaSet, that one's Deployment), and its volumes. */
function familyOf(cluster: LiveCluster, key: ObjectKey): Set<string> {
  const family = new Set<string>()
  const isIt = ({ metadata }: KubeObject): boolean => metadata.name === key.name && metadata.namespace === key.namespace
  const pod =
    cluster.objects(pods.plural, { namespace: key.namespace }).find(isIt) ??
    cluster.changes(pods.plural).findLast(({ object }) => isIt(object))?.object
  if (pod) for (const name of volumesOf(cluster, pod as Pod)) family.add(name)
  let object: Pod['metadata'] | undefined = pod?.metadata
  let kindName = 'Pod'
  while (object) {
    family.add(nameOf({ kind: kindName, namespace: object.namespace, name: object.name }))
    const owner = controllerOf({ apiVersion: '', kind: kindName, metadata: object })
    const slash = owner?.apiVersion.indexOf('/') ?? -1
    const kind =
      owner &&
      findKind(slash < 0 ? '' : owner.apiVersion.slice(0, slash), owner.apiVersion.slice(slash + 1), owner.kind)
    if (!owner || !kind) break
    object = cluster.server.stored(kind, { namespace: object.namespace ?? '', name: owner.name })?.metadata
    kindName = owner.kind
  }
  return family
}

/** The Pod's claims, the volumes that they got, and the attachments of these. */
function volumesOf(cluster: LiveCluster, pod: Pod): string[] {
  return claimNamesOf(pod).flatMap((name) => {
    const key = { namespace: pod.metadata.namespace ?? '', name }
    const volume = cluster.server.stored(persistentVolumeClaims, key)?.spec.volumeName
    const attachments = cluster.changes(volumeAttachments.plural) as unknown as readonly { object: VolumeAttachment }[]
    return [
      nameOf({ kind: 'PersistentVolumeClaim', ...key }),
      ...(volume ? [nameOf({ kind: 'PersistentVolume', name: volume })] : []),
      ...attachments
        .filter(({ object }) => volume && object.spec.source.persistentVolumeName === volume)
        .map(({ object }) => nameOf({ kind: 'VolumeAttachment', name: object.metadata.name })),
    ]
  })
}

const isWrite = (record: TraceRecord): boolean => record.detail?.revision !== undefined

const titleOf = (record: TraceRecord): string => `${record.object?.kind} ${record.object?.name}`

function pastOf(action: string): string {
  if (action === 'bind') return 'bound'
  return action.startsWith('update') ? 'updated' : `${action}d`
}

/** `CRI CreateContainer main`: the call with the one fact that tells most. */
function callOf(record: TraceRecord): string {
  const { container, image } = record.detail ?? {}
  return [record.action.replace(/^(CRI|CSI) /, ''), container ?? image].filter(Boolean).join(' ')
}

/** The sidecar, or the kubelet, that calls a storage driver. */
const callerOf = ({ detail }: TraceRecord): string => String(detail?.caller ?? 'kubelet')

/** The lifeline of an actor: `system:serviceaccount:kube-system:replicaset-controller` is the replicaset controller. */
function roleOf(actor: string): string {
  if (actor === 'kubernetes-admin' || actor === 'you') return 'kubectl'
  const [, account] = /^system:serviceaccount:kube-system:(.+)$/.exec(actor) ?? []
  // The sidecars of storage drivers are named by what they are.
  if (account?.startsWith('csi-')) return account.replace('csi-', 'external-')
  if (account) return account.replace(/-controller$/, ' controller')
  if (actor.startsWith('system:node:') || actor.startsWith('kubelet/')) return 'kubelet'
  if (actor === 'system:kube-scheduler') return 'kube-scheduler'
  return actor.split('/')[0]
}
