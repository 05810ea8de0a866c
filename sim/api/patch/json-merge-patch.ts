/** JSON Merge Patch. Source: RFC 7386 */
import { isRecord } from '../meta/json.ts'

/** The target with the patch merged in: null removes, objects merge, all else replaces. Shares what it leaves alone. */
export function jsonMergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') continue
    if (value === null) delete result[key]
    else result[key] = jsonMergePatch(result[key], value)
  }
  return result
}
