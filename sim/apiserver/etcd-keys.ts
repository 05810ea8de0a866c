/** The keys of etcd as its own clients see them: `/registry/pods/default/web`. Source: k8s.io/apiserver, kubeapiserver/default_storage_factory_builder.go */
import { type KubeObject, keyText, type ObjectKey } from '../api/meta/object.ts'
import { chargeText } from '../engine/work.ts'
import type { Change, Version } from '../etcd/etcd.ts'
import type { ObjectStore } from './object-store.ts'

/** What somebody has put there who is no API server. */
const RAW = 'etcd'

/** Resources that lie elsewhere than under their plural. */
const special: Readonly<Record<string, string>> = {
  replicationcontrollers: 'controllers',
  endpoints: 'services/endpoints',
  services: 'services/specs',
  nodes: 'minions',
  'ingresses.networking.k8s.io': 'ingress',
}
/** Groups of the API server's own whose resources lie under the group. */
const grouped = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])
const isOwnGroup = (group: string): boolean =>
  !grouped.has(group) && (!group.includes('.') || group.endsWith('.k8s.io') || group.endsWith('.authorization'))

function folderOf(bucket: string): string {
  const dot = bucket.indexOf('.')
  const [plural, group] = dot < 0 ? [bucket, ''] : [bucket.slice(0, dot), bucket.slice(dot + 1)]
  return `/registry/${special[bucket] ?? (isOwnGroup(group) ? plural : `${group}/${plural}`)}/`
}

/** Where an object lies. @param resource `deployments.apps` */
export const keyOf = (resource: string, { namespace, name }: ObjectKey): string =>
  folderOf(resource) + keyText({ namespace, name })

export interface EtcdKey {
  readonly text: string
  readonly bucket: string
  readonly key: string
  readonly value: KubeObject
}

/**
 * The keys that are asked for, in order, as they were at a revision.
 * @throws CompactedError when the revision is gone
 */
export function rangeOfKeys({ etcd }: ObjectStore, isAsked: (key: string) => boolean, revision?: number): EtcdKey[] {
  return etcd.bucketNames
    .flatMap((bucket) => {
      const folder = bucket === RAW ? '' : folderOf(bucket)
      return etcd.range(bucket, { revision }).items.flatMap((value): EtcdKey[] => {
        const { namespace = '', name } = value.metadata
        const key = keyText({ namespace, name })
        const text = `${folder}${key}`
        return isAsked(text) ? [{ text, bucket, key, value }] : []
      })
    })
    .sort((a, b) => (a.text < b.text ? -1 : 1))
}

/** Simplified: JSON, where the API server writes protobuf but for custom resources. */
export function valueText({ bucket, value }: EtcdKey): string {
  const text = bucket === RAW ? String((value as KubeObject & { value?: string }).value) : JSON.stringify(value)
  chargeText(4 * text.length)
  return text
}

/** The lease that it was put with; 0 without one. */
export const leaseOf = ({ value }: Pick<EtcdKey, 'value'>): bigint =>
  BigInt((value as KubeObject & { lease?: string }).lease ?? 0)

/** The keys that were put with it. */
export const keysOfLease = ({ etcd }: ObjectStore, lease: bigint): EtcdKey[] =>
  etcd
    .range(RAW)
    .items.filter((value) => leaseOf({ value }) === lease)
    .map((value) => ({ text: value.metadata.name, bucket: RAW, key: value.metadata.name, value }))

/** When a key was made, and how often it was written since, as of a revision. */
export function versionOfKey({ etcd }: ObjectStore, { bucket, key }: EtcdKey, revision: number): Version {
  return etcd.versionsOf(bucket, key).findLast((version) => version.revision <= revision)!
}

/** The key that a change was made of. */
export const keyOfChange = ({ bucket, key, value }: Change): EtcdKey => ({
  text: `${bucket === RAW ? '' : folderOf(bucket)}${key}`,
  ...{ bucket, key, value },
})

export function putKey(store: ObjectStore, key: string, value: string, lease = 0n): void {
  const object = { apiVersion: '', kind: '', metadata: { name: key }, value, ...(lease ? { lease: `${lease}` } : {}) }
  store.putRaw(RAW, key, object as unknown as KubeObject)
}

/** What a snapshot brings back and nobody misses: what is renewed all the time, and what runs out. */
const transient = new Set(['leases.coordination.k8s.io', 'events', 'events.events.k8s.io'])

/**
 * Makes all keys what they were at a revision. Simplified: by new writes, so that revisions go on and whoever watches sees them, as after a
 * restore with `--bump-revision`; Leases and Events stay as they are.
 * @returns how many keys were written or removed
 * @throws CompactedError when the revision is gone @throws StatusError 500 when the members cannot agree
 */
export function restoreKeys(store: ObjectStore, revision: number): number {
  const isAsked = (): boolean => true
  const then = new Map(rangeOfKeys(store, isAsked, revision).map((key) => [key.text, key]))
  const now = new Map(rangeOfKeys(store, isAsked).map((key) => [key.text, key]))
  const removed = [...now.values()].filter(({ text, bucket }) => !then.has(text) && !transient.has(bucket))
  const written = [...then.values()].filter(
    ({ text, bucket, value }) => now.get(text)?.value !== value && !transient.has(bucket),
  )
  for (const key of removed) removeKey(store, key)
  for (const { bucket, key, value } of written) store.putRaw(bucket, key, value, false)
  return removed.length + written.length
}

export const removeKey = (store: ObjectStore, { bucket, key }: EtcdKey): void => store.removeRaw(bucket, key)
