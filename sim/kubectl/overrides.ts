/** --overrides: what a line changes of an object that kubectl makes. Source: k8s.io/kubectl/pkg/cmd/util/override_options.go */

import { isMap, type JsonMap } from '../api/meta/go-json.ts'
import { StatusError } from '../api/meta/status-error.ts'
import { jsonMergePatch } from '../api/patch/json-merge-patch.ts'
import { strategicMergePatch } from '../api/patch/strategic-merge-patch.ts'
import { jsonFault, noTypeMeta } from '../text/go-json-errors.ts'
import type { Invocation } from './command.ts'
import { KubectlError } from './errors.ts'
import { withJsonPatch } from './json-patch.ts'

/** @param schema the object's definition: `io.k8s.api.core.v1.Pod` */
export function withOverrides({ flags }: Invocation, object: JsonMap, schema: string): JsonMap {
  const text = flags.string('overrides')
  if (!text) return object
  const type = flags.string('override-type')
  if (type !== 'json' && type !== 'merge' && type !== 'strategic')
    throw new KubectlError(`invalid override type: ${type}`)
  const fault = jsonFault(text)
  const patch = fault === undefined ? JSON.parse(text) : undefined
  if (type === 'json') {
    if (fault !== undefined) throw new KubectlError(fault)
    return withJsonPatch(object, patch) as JsonMap
  }
  // Source: gopkg.in/evanphx/json-patch.v4, merge.go: a list is taken for the whole document
  if (type === 'merge' && Array.isArray(patch)) throw new KubectlError(noTypeMeta(patch))
  if (type === 'strategic' && patch === null) return object
  if (!isMap(patch)) throw new KubectlError(type === 'merge' ? 'Invalid JSON Patch' : 'invalid JSON document')
  try {
    if (type === 'merge') return jsonMergePatch(object, patch) as JsonMap
    return strategicMergePatch(schema, object, patch) as JsonMap
  } catch (error) {
    if (error instanceof StatusError) throw new KubectlError(error.message)
    throw error
  }
}
