/** A moment of a cluster, written down by hand. */
import type { KubeObject } from '../../../sim/api/meta/object.ts'
import { kindNamed, type Snapshot } from '../../../sim/scenario/checks/history.ts'

/** An object as a test writes it: only with the fields that matter to it. */
export interface Written {
  kind: string
  metadata: { name: string; namespace?: string; [field: string]: unknown }
  [field: string]: unknown
}

/** The namespace that the snapshots are of. */
export const ownNamespace = 'shop'

/** What is namespaced lies in the run's namespace unless told. */
export function snapshotOf(...objects: readonly Written[]): Snapshot {
  const all = objects.map(({ kind, metadata, ...rest }) => {
    const namespace = kindNamed(kind).isNamespaced ? { namespace: ownNamespace } : {}
    return { kind, metadata: { ...namespace, ...metadata }, ...rest }
  }) as unknown as (KubeObject & { kind: string })[]
  const everywhere = (resource: string) => {
    const { kind } = kindNamed(resource)
    return all.filter((object) => object.kind === kind)
  }
  return {
    atMs: 0,
    epochMs: 0,
    everywhere,
    interferences: () => [],
    managedFields: () => [],
    writtenByHand: () => false,
    versions: () => [],
    deleted: () => [],
    interruptedServices: () => [],
    nodeFiles: () => ({ before: new Map(), now: new Map() }),
    objects: (resource) =>
      everywhere(resource).filter(({ metadata }) => [undefined, ownNamespace].includes(metadata.namespace)),
  }
}
