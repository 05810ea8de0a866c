/** --overrides: what a line changes of an object that kubectl makes. Source: k8s.io/kubectl/pkg/cmd/util/override_options.go */

import { isMap, type JsonMap } from '../api/meta/go-json.ts'
import { StatusError } from '../api/meta/status-error.ts'
import { jsonMergePatch } from '../api/patch/json-merge-patch.ts'
import { jsonPatch } from '../api/patch/json-patch.ts'
import { strategicMergePatch } from '../api/patch/strategic-merge-patch.ts'
import type { Invocation } from './command.ts'
import { KubectlError } from './errors.ts'
import { parseYamlValue } from './yaml.ts'

/** @param schema the object's definition: `io.k8s.api.core.v1.Pod` */
export function withOverrides({ flags }: Invocation, object: JsonMap, schema: string): JsonMap {
  const text = flags.string('overrides')
  if (!text) return object
  const type = flags.string('override-type')
  if (type !== 'json' && type !== 'merge' && type !== 'strategic')
    throw new KubectlError(`invalid override type: ${type}`)
  if (type === 'merge' && !isJson(text)) throw new KubectlError('Invalid JSON Patch')
  const patch = parseYamlValue(text)
  if (type === 'json' ? !Array.isArray(patch) : !isMap(patch)) throw new KubectlError('Invalid JSON Patch')
  try {
    if (type === 'json') return jsonPatch(object, patch) as JsonMap
    if (type === 'merge') return jsonMergePatch(object, patch) as JsonMap
    return strategicMergePatch(schema, object, patch) as JsonMap
  } catch (error) {
    if (error instanceof StatusError) throw new KubectlError(error.message)
    throw error
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
