/** Partial objects, as testers of Kubernetes write them: what is named must be there with that value, all else may be anything. */
import { isRecord } from '../../api/meta/json.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { said } from '../../engine/said.ts'
import type { PartialObject } from '../types.ts'

export interface Mismatch {
  /** `spec.template.spec.containers[0].image` */
  path: string
  expected: unknown
  actual: unknown
}

/**
 * The first difference, or undefined when the object matches. Lists match when each expected item matches an item of its own,
 * in any order; numbers and texts are compared as they are.
 */
export function findMismatch(expected: unknown, actual: unknown, path = ''): Mismatch | undefined {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return { path, expected, actual }
    const missing = firstWithoutMatch(expected, actual)
    if (missing === undefined) return undefined
    // One candidate makes the difference inside it worth telling.
    const only =
      expected.length === 1 && actual.length === 1 ? findMismatch(expected[0], actual[0], `${path}[0]`) : undefined
    return only ?? { path: `${path}[${missing}]`, expected: expected[missing], actual }
  }
  if (isRecord(expected)) {
    if (!isRecord(actual)) return { path, expected, actual }
    for (const [key, value] of Object.entries(expected)) {
      const mismatch = findMismatch(value, actual[key], path ? `${path}.${key}` : key)
      if (mismatch) return mismatch
    }
    return undefined
  }
  return expected === actual ? undefined : { path, expected, actual }
}

/** The first expected item for which no item of its own is left, however those before it are given theirs. */
function firstWithoutMatch(expected: readonly unknown[], actual: readonly unknown[]): number | undefined {
  const matches = expected.map((item) => [...actual.keys()].filter((j) => !findMismatch(item, actual[j])))
  const ownerOf = new Map<number, number>()
  // An item that matches several gives up its own to one that has no other choice.
  const place = (i: number, tried: Set<number>): boolean =>
    matches[i]!.some((j) => {
      if (tried.has(j)) return false
      tried.add(j)
      const owner = ownerOf.get(j)
      if (owner !== undefined && !place(owner, tried)) return false
      ownerOf.set(j, i)
      return true
    })
  const missing = expected.findIndex((_, i) => !place(i, new Set()))
  return missing === -1 ? undefined : missing
}

/** Objects that the partial one could mean, by name or labels. */
export function candidatesFor(expected: PartialObject, objects: readonly KubeObject[]): readonly KubeObject[] {
  const { name, namespace, labels } = expected.metadata ?? {}
  return objects.filter(
    (object) =>
      (!name || object.metadata.name === name) &&
      (!namespace || object.metadata.namespace === namespace) &&
      (!labels || !findMismatch(labels, object.metadata.labels ?? {})),
  )
}

/** A value in few words. */
export function shown(value: unknown): string {
  if (value === undefined) return said`not set`
  const text = JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}
