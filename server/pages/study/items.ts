/** Things of the content by one name each: `lesson:pod/probes`, `question:pod/probe-facts`, `challenge:crash-loop`. Pure. */
import type { Catalog } from '../../catalog/types.ts'

export type ItemKind = 'lesson' | 'question' | 'challenge'

export interface Item {
  kind: ItemKind
  id: string
  title: string
  href: string
}

/** @returns undefined when the content has none of that name, or not any more */
export function findItem(catalog: Catalog, name: string): Item | undefined {
  const [, kind, id] = /^(lesson|question|challenge):(.+)$/.exec(name) ?? []
  if (kind === undefined || id === undefined) return undefined
  const found = catalog[`${kind as ItemKind}s`].get(id)
  return found && { kind: kind as ItemKind, id, title: found.title, href: `/${kind}s/${id}` }
}
