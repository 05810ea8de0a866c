/** Kinds in other versions than the one they are stored in: read, shown and written in the version that a line names. */
import type { Kind } from '../api/meta/kind.ts'
import { type KubeObject, keyOf, type ObjectKey } from '../api/meta/object.ts'
import { jsonMergePatch } from '../api/patch/json-merge-patch.ts'
import { jsonPatch } from '../api/patch/json-patch.ts'
import { strategicMergePatch } from '../api/patch/strategic-merge-patch.ts'
import type { Client, ListOptions, PatchType, WatchEvent, WatchOptions, WriteOptions } from '../client/client.ts'
import type { ServedVersion } from './context.ts'

type Json = Record<string, unknown>

/** What objects that are shown in another version are stored as. */
type Originals = WeakMap<object, KubeObject>

export interface Versions {
  kinds: readonly ServedVersion[]
  /** A client that also takes kinds of the versions, as the API server does. */
  over(client: Client): Client
}

export function createVersions(versions: readonly ServedVersion[]): Versions {
  const originals: Originals = new WeakMap()
  const kinds = versions.map((version) => withTables(version, originals))
  return { kinds, over: (client) => (kinds.length > 0 ? withVersions(client, kinds, originals) : client) }
}

/** A version as kubectl shows it: its tables are those of the stored one. */
const withTables = (version: ServedVersion, originals: Originals): ServedVersion => ({
  ...version,
  kind: {
    ...version.kind,
    columns: version.stored.columns.map((column) => ({
      ...column,
      cell: (object, context) =>
        column.cell(originals.get(object) ?? (version.toStored({ ...object }) as unknown as KubeObject), context),
    })),
  },
})

function withVersions(client: Client, versions: readonly ServedVersion[], originals: Originals): Client {
  const versionOf = (kind: Kind): ServedVersion | undefined => versions.find((version) => version.kind === kind)
  const shown = <T extends KubeObject>(version: ServedVersion, object: KubeObject): T => {
    const { apiVersion, kind } = version.kind
    const result = { ...version.fromStored({ ...object }), apiVersion, kind } as unknown as T
    originals.set(result, object)
    return result
  }
  const stored = (version: ServedVersion, object: unknown): KubeObject => {
    const { apiVersion, kind } = version.stored
    return { ...version.toStored({ ...(object as Json) }), apiVersion, kind } as unknown as KubeObject
  }
  const patch = (
    version: ServedVersion,
    key: ObjectKey,
    type: PatchType,
    body: unknown,
    options: WriteOptions,
  ): KubeObject => {
    const old = shown(version, client.get(version.stored, key)) as unknown as Json
    const patched =
      type === 'json'
        ? jsonPatch(old, body as never)
        : type === 'merge'
          ? jsonMergePatch(old, body)
          : strategicMergePatch(version.kind.schema, old, body)
    return client.update(version.stored, stored(version, structuredClone(patched)), options)
  }
  return Object.assign(Object.create(client) as Client, {
    get(kind: Kind, key: ObjectKey) {
      const version = versionOf(kind)
      return version ? shown(version, client.get(version.stored, key)) : client.get(kind, key)
    },
    find(kind: Kind, key: ObjectKey) {
      const version = versionOf(kind)
      if (!version) return client.find(kind, key)
      const found = client.find(version.stored, key)
      return found && shown(version, found)
    },
    list(kind: Kind, options?: ListOptions) {
      const version = versionOf(kind)
      if (!version) return client.list(kind, options)
      const list = client.list(version.stored, selectable(version, options))
      return { ...list, items: list.items.map((object) => shown(version, object)) }
    },
    watch(kind: Kind, options: WatchOptions, onEvent: (event: WatchEvent<KubeObject>) => void) {
      const version = versionOf(kind)
      if (!version) return client.watch(kind, options, onEvent)
      return client.watch(version.stored, selectable(version, options) ?? {}, (event) =>
        onEvent({ ...event, object: shown(version, event.object) }),
      )
    },
    create(kind: Kind, draft: KubeObject, options?: WriteOptions) {
      const version = versionOf(kind)
      return version
        ? shown(version, client.create(version.stored, stored(version, draft), options))
        : client.create(kind, draft, options)
    },
    update(kind: Kind, changed: KubeObject, options?: WriteOptions) {
      const version = versionOf(kind)
      return version
        ? shown(version, client.update(version.stored, stored(version, changed), options))
        : client.update(kind, changed, options)
    },
    patch(kind: Kind, key: ObjectKey, type: PatchType, body: unknown, options: WriteOptions = {}) {
      const version = versionOf(kind)
      return version
        ? shown(version, patch(version, key, type, body, options))
        : client.patch(kind, key, type, body, options)
    },
    delete(kind: Kind, key: ObjectKey, options?: Parameters<Client['delete']>[2]) {
      return client.delete(versionOf(kind)?.stored ?? kind, key, options)
    },
    managedFields(kind: Kind, object: KubeObject) {
      const version = versionOf(kind)
      return version
        ? client.managedFields(version.stored, client.find(version.stored, keyOf(object)) ?? stored(version, object))
        : client.managedFields(kind, object)
    },
  })
}

/** The field selector in the words of the stored version. */
function selectable<T extends ListOptions>({ selectableAs }: ServedVersion, options: T | undefined): T | undefined {
  if (!selectableAs || !options?.fieldSelector) return options
  const terms = options.fieldSelector.split(',').map((term) => {
    const [, field, rest] = /^([^=!]*)(.*)$/.exec(term) ?? []
    return `${selectableAs[field] ?? field}${rest}`
  })
  return { ...options, fieldSelector: terms.join(',') }
}
