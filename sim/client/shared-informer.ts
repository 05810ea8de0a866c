/** One cache of a kind that many components read and listen to. */
import type { Kind } from '../api/meta/kind.ts'
import { type KubeObject, keyOf } from '../api/meta/object.ts'
import type { Engine } from '../engine/engine.ts'
import type { Client, ListOptions } from './client.ts'
import { createIndexer } from './indexer.ts'
import type { InformerHandlers, SharedInformer } from './informer.ts'
import { createReflector, type OnListFailed, type ReflectorTarget } from './reflector.ts'

export interface StartableInformer<T extends KubeObject> extends SharedInformer<T> {
  start(): void
  stop(): void
}

/**
 * An informer that is not started yet. Handlers are called during the delivery that changed the cache, after it holds the
 * new state. Handlers that come late are told of what is there already, as onAdd.
 */
export function createSharedInformer<T extends KubeObject>(
  engine: Engine,
  client: Client,
  kind: Kind<T>,
  options: ListOptions,
  onFailed?: OnListFailed,
): StartableInformer<T> {
  const indexer = createIndexer<T>()
  const listeners: InformerHandlers<T>[] = []
  let isSynced = false

  const put = (object: T): void => {
    const old = indexer.put(object)
    if (old === undefined) for (const listener of listeners) listener.onAdd?.(object)
    else if (old !== object) for (const listener of listeners) listener.onUpdate?.(object, old)
  }
  const remove = (object: T): void => {
    if (indexer.remove(keyOf(object)) === undefined) return
    for (const listener of listeners) listener.onDelete?.(object)
  }

  const target: ReflectorTarget<T> = {
    replace(objects) {
      const listed = new Set(objects.map(memberKey))
      // What went while nobody watched is told of in its last known state.
      const gone = indexer.list().filter((object) => !listed.has(memberKey(object)))
      for (const object of gone) remove(object)
      for (const object of objects) {
        const known = indexer.get(keyOf(object))
        if (known?.metadata.resourceVersion !== object.metadata.resourceVersion) put(object)
      }
      isSynced = true
    },
    put,
    remove,
  }
  const reflector = createReflector(engine, client, kind, options, target, onFailed)

  return {
    get: indexer.get,
    list: indexer.list,
    byIndex: indexer.byIndex,
    addIndex: indexer.addIndex,
    hasSynced: () => isSynced,
    addHandlers(handlers) {
      for (const object of [...indexer.list()]) handlers.onAdd?.(object)
      listeners.push(handlers)
    },
    start: reflector.start,
    stop: reflector.stop,
  }
}

const memberKey = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`
