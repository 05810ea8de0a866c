/** A JSON patch that kubectl carries out itself, of an object at hand. Source: gopkg.in/evanphx/json-patch.v4, DecodePatch */

import { isMap } from '../api/meta/go-json.ts'
import { applyOperations, JsonPatchError } from '../api/patch/json-patch.ts'
import { cannotUnmarshal } from '../text/go-json-errors.ts'
import { KubectlError } from './errors.ts'

/**
 * The object with the operations carried out; the one given stays as it is.
 * @param patch what was parsed of the text; nothing at all is no operations
 * @throws KubectlError for what is no list of operations, and for one that can't be carried out
 */
export function withJsonPatch(object: unknown, patch: unknown): unknown {
  try {
    return applyOperations(object, operationsOf(patch))
  } catch (error) {
    if (error instanceof JsonPatchError) throw new KubectlError(error.message)
    throw error
  }
}

function operationsOf(patch: unknown): readonly unknown[] {
  if (patch === null || patch === undefined) return []
  if (!Array.isArray(patch)) throw unreadable(patch, 'Patch')
  for (const operation of patch) if (operation !== null && !isMap(operation)) throw unreadable(operation, 'Operation')
  return patch
}

const unreadable = (value: unknown, type: 'Patch' | 'Operation'): KubectlError =>
  new KubectlError(cannotUnmarshal(value, `jsonpatch.${type}`))
