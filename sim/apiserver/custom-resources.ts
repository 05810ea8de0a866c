/** What the cluster's CustomResourceDefinitions define, as they stand now. */
import { customResourceDefinitions } from '../api/apiextensions/custom-resource-definition.ts'
import { servedKinds } from '../api/apiextensions/kinds.ts'
import type { CustomResourceDefinition } from '../api/apiextensions/types.ts'
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { Change } from '../etcd/etcd.ts'

const bucket = resourceName(customResourceDefinitions)

export class CustomResources {
  private readonly definitions: () => readonly CustomResourceDefinition[]
  private known: readonly Kind[] | undefined = []
  private made: ReadonlyMap<string, readonly Kind[]> | undefined = new Map()

  constructor(definitions: () => readonly CustomResourceDefinition[]) {
    this.definitions = definitions
  }

  noteChange(change: Change): void {
    if (change.bucket !== bucket) return
    this.known = undefined
    this.made = undefined
  }

  /** Those that are served, by group and version; of one resource the preferred version first. */
  get kinds(): readonly Kind[] {
    this.known ??= this.definitions().flatMap(servedKinds)
    return this.known
  }

  /** The versions that a webhook makes of the one which is stored, by resource. */
  get converted(): ReadonlyMap<string, readonly Kind[]> {
    if (this.made) return this.made
    const made = new Map<string, Kind[]>()
    for (const kind of this.kinds) {
      const { conversion } = kind.custom!
      if (!conversion?.webhook || conversion.storedAs === kind.apiVersion) continue
      made.set(resourceName(kind), [...(made.get(resourceName(kind)) ?? []), kind])
    }
    this.made = made
    return made
  }
}
