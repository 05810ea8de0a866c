/** The pod-template-hash: what tells the ReplicaSets of a Deployment apart. */

import type { PodTemplateSpec } from '../../api/core/pod-types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { hash32 } from '../../engine/random.ts'

export const HASH_LABEL = 'pod-template-hash'

// The letters and digits of generated names: no vowels, so that no words come out.
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * Up to ten characters that depend on the template and the collision count alone.
 * Simplified: the real hash is over Go's memory layout, so the characters differ from a real cluster's; their shape does not.
 */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const number = hash32(`${canonicalText(template)}${collisionCount ?? ''}`)
  return [...String(number)].map((digit) => SAFE_ALPHABET[digit.charCodeAt(0) % SAFE_ALPHABET.length]).join('')
}

/** Whether two templates are the same but for the hash label that one of them may carry. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return (
    equalJson(withoutHash(a.metadata?.labels), withoutHash(b.metadata?.labels)) &&
    equalJson(a.metadata?.annotations ?? {}, b.metadata?.annotations ?? {}) &&
    equalJson(a.metadata?.finalizers ?? [], b.metadata?.finalizers ?? []) &&
    equalJson(a.spec, b.spec)
  )
}

function withoutHash(labels: Record<string, string> | undefined): Record<string, string> {
  const { [HASH_LABEL]: _hash, ...others } = labels ?? {}
  return others
}

/** JSON with sorted members. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, item]) => item !== undefined && item !== null)
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonicalText(item)}`).join(',')}}`
}
