/** What apply remembers of a manifest, in an annotation of the object. Source: k8s.io/kubectl/pkg/util/apply.go */

import { isMap, type JsonMap, type KeyOrder, printCompactJson, sortedKeys } from '../api/meta/go-json.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { KubectlError } from './errors.ts'

export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** The annotation's text; undefined when the object has none. */
export const lastAppliedOf = (object: KubeObject): string | undefined =>
  object.metadata.annotations?.[lastAppliedAnnotation]

/** The manifest that an annotation holds. @throws KubectlError for a text that is none */
export function parseLastApplied(text: string | undefined): JsonMap | undefined {
  if (!text) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isMap(value) ? value : undefined
  } catch {
    throw new KubectlError(`the ${lastAppliedAnnotation} annotation of the live object is not JSON`)
  }
}

/** The object without what apply remembered of it. Source: GetModifiedConfiguration */
export function withoutLastApplied(object: JsonMap): JsonMap {
  const metadata = isMap(object.metadata) ? object.metadata : {}
  const annotations = isMap(metadata.annotations) ? { ...metadata.annotations } : {}
  delete annotations[lastAppliedAnnotation]
  return { ...object, metadata: { ...metadata, annotations } }
}

/** The object as `original`'s next self: without an older last-applied annotation, and with one of its own. */
export function withLastApplied(object: JsonMap, keysOf: KeyOrder = sortedKeys): JsonMap {
  const metadata = isMap(object.metadata) ? object.metadata : {}
  const annotations = isMap(metadata.annotations) ? { ...metadata.annotations } : {}
  delete annotations[lastAppliedAnnotation]
  // What was read from a file keeps an empty map there; what kubectl built itself has none.
  const isBare = keysOf !== sortedKeys && Object.keys(annotations).length === 0
  const bare = isBare ? object : { ...object, metadata: { ...metadata, annotations } }
  const text = `${printCompactJson(bare, keysOf)}\n`
  return { ...bare, metadata: { ...metadata, annotations: { ...annotations, [lastAppliedAnnotation]: text } } }
}
