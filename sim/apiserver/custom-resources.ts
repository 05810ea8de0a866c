/** What the cluster's CustomResourceDefinitions define, as they stand now. */
import { customResourceDefinitions } from '../api/apiextensions/custom-resource-definition.ts'
import { servedKinds } from '../api/apiextensions/kinds.ts'
import type { CustomResourceDefinition } from '../api/apiextensions/types.ts'
import { cloneJson, equalJson } from '../api/meta/json.ts'
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

/** An object as a version of its kind has it, and what it was made of. */
const originals = new WeakMap<KubeObject, KubeObject>()
/** By what defines the kind, which is made anew when its definition changes. */
const asDefined = new WeakMap<KubeObject, WeakMap<object, KubeObject>>()

/**
 * The object as that version of its kind says it: all versions hold the same fields, as conversion strategy None has it, and what the schema gives a
 * default that the object was stored without stands in it.
 * Source: k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go, schemaCoercingDecoder and its defaulting
 */
export function inVersionOf<T extends KubeObject>(kind: Kind<T>, object: T): T {
  if (!kind.custom) return object
  const original = originalOf(object)
  const known = asDefined.get(original) ?? new WeakMap<object, KubeObject>()
  asDefined.set(original, known)
  let found = known.get(kind.custom)
  if (!found) {
    const filled = { ...cloneJson(original), apiVersion: kind.apiVersion }
    kind.applyDefaults(filled)
    found = equalJson(filled, original) ? original : filled
    if (found !== original) originals.set(found, original)
    known.set(kind.custom, found)
  }
  return found as T
}

/** As it lies in the store. */
export const originalOf = <T extends KubeObject>(object: T): T => (originals.get(object) as T | undefined) ?? object
