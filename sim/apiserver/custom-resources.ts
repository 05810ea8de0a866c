/** What the cluster's CustomResourceDefinitions define, as they stand now. */
import { customResourceDefinitions } from '../api/apiextensions/custom-resource-definition.ts'
import { servedKinds } from '../api/apiextensions/kinds.ts'
import type { CustomResourceDefinition } from '../api/apiextensions/types.ts'
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import type { Change } from '../etcd/etcd.ts'

const bucket = resourceName(customResourceDefinitions)

export class CustomResources {
  private readonly definitions: () => readonly CustomResourceDefinition[]
  private known: readonly Kind[] | undefined = []

  constructor(definitions: () => readonly CustomResourceDefinition[]) {
    this.definitions = definitions
  }

  noteChange(change: Change): void {
    if (change.bucket === bucket) this.known = undefined
  }

  /** Those that are served, by group and version; of one resource the preferred version first. */
  get kinds(): readonly Kind[] {
    this.known ??= this.definitions().flatMap(servedKinds)
    return this.known
  }
}

/** An object in another version, and what it was made of. */
const originals = new WeakMap<KubeObject, KubeObject>()
const converted = new WeakMap<KubeObject, Map<string, KubeObject>>()

/** The object as that version of its kind says it: all versions hold the same fields, as conversion strategy None has it. */
export function inVersionOf<T extends KubeObject>(kind: Kind<T>, object: T): T {
  if (!kind.custom || object.apiVersion === kind.apiVersion) return object
  const original = originalOf(object)
  if (original.apiVersion === kind.apiVersion) return original
  const versions = converted.get(original) ?? new Map<string, KubeObject>()
  converted.set(original, versions)
  let found = versions.get(kind.apiVersion)
  if (!found) {
    found = { ...original, apiVersion: kind.apiVersion }
    originals.set(found, original)
    versions.set(kind.apiVersion, found)
  }
  return found as T
}

/** As it lies in the store. */
export const originalOf = <T extends KubeObject>(object: T): T => (originals.get(object) as T | undefined) ?? object
