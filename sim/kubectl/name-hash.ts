/** The hash at the end of a name, which changes with what the ConfigMap or Secret holds. Source: k8s.io/kubectl/pkg/util/hash */

import { printCompactJson } from '../api/meta/go-json.ts'
import { sha256 } from '../api/meta/sha256.ts'

/** Letters instead of those that could make a word. */
const SAFE: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' }

/** @param content the fields that count; fields without a value are left out */
export function nameHash(content: Readonly<Record<string, unknown>>): string {
  const words = sha256([...new TextEncoder().encode(printCompactJson(content))])
  const digits = words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  return [...digits.slice(0, 10)].map((letter) => SAFE[letter] ?? letter).join('')
}
