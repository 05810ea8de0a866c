/** The informers of a process: one a kind and selector, shared by everything in it. */
import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import type { Engine } from '../engine/engine.ts'
import type { Client } from './client.ts'
import type { SharedInformer } from './informer.ts'
import type { InformerFactory } from './machinery.ts'
import type { OnListFailed } from './reflector.ts'
import { createSharedInformer } from './shared-informer.ts'

interface Startable {
  readonly informer: unknown
  start(): void
  stop(): void
}

/**
 * Informers that list and watch as `client`'s user. `start` lists at once, so every cache that was asked for is synced when
 * it returns, unless the API server refused; later changes arrive by watch.
 */
export function createInformerFactory(engine: Engine, client: Client, onFailed?: OnListFailed): InformerFactory {
  const informers = new Map<string, Startable>()
  return {
    informer<T extends KubeObject>(
      kind: Kind<T>,
      options: { namespace?: string; fieldSelector?: string; labelSelector?: string } = {},
    ): SharedInformer<T> {
      const id = [kind.group, kind.plural, options.namespace, options.fieldSelector, options.labelSelector].join('|')
      let entry = informers.get(id)
      if (!entry) {
        const informer = createSharedInformer(engine, client, kind, options, onFailed)
        entry = { informer, start: informer.start, stop: informer.stop }
        informers.set(id, entry)
      }
      // The id names the kind, so what is stored under it is an informer of that kind.
      return entry.informer as SharedInformer<T>
    },
    start() {
      for (const informer of [...informers.values()]) informer.start()
    },
    stop() {
      for (const informer of informers.values()) informer.stop()
    },
  }
}
