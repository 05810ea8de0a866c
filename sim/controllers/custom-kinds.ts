/** Kinds that the cluster learned of, for controllers that look after objects of every kind. */
import { customResourceDefinitions } from '../api/apiextensions/custom-resource-definition.ts'
import { servedKinds, storedKind } from '../api/apiextensions/kinds.ts'
import type { Kind } from '../api/meta/kind.ts'
import { findKind } from '../api/registry.ts'
import type { InformerFactory } from '../client/machinery.ts'

export interface CustomKinds {
  /** One for each definition: in the version that discovery prefers, or that is stored where none is served. */
  preferred(): readonly Kind[]
  /** The kind of that apiVersion, the server's own included. */
  find(apiVersion: string, kind: string): Kind | undefined
  /** Calls back with each that comes; again when its definition changes. */
  onStored(listener: (kind: Kind) => void): void
}

export function createCustomKinds(informers: InformerFactory): CustomKinds {
  const informer = informers.informer(customResourceDefinitions)
  return {
    preferred: () =>
      informer.list().flatMap((definition) => servedKinds(definition)[0] ?? storedKind(definition) ?? []),
    find(apiVersion, kindName) {
      const slash = apiVersion.indexOf('/')
      const group = apiVersion.slice(0, Math.max(slash, 0))
      const own = findKind(group, apiVersion.slice(slash + 1), kindName)
      if (own) return own
      const all = informer.list().flatMap(servedKinds)
      return all.find((kind) => kind.apiVersion === apiVersion && kind.kind === kindName)
    },
    onStored(listener) {
      const tell = (definition: Parameters<typeof storedKind>[0]): void => {
        const kind = storedKind(definition)
        if (kind) listener(kind)
      }
      informer.addHandlers({ onAdd: tell, onUpdate: (definition) => tell(definition) })
    },
  }
}
