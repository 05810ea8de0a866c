/** The content of a sitting is kept as it is when that opens: who comes later, or begins anew, has the same as the others. */
import type { Catalog } from '../catalog/types.ts'
import type { Storage } from '../storage/types.ts'
import { keepContent } from './content-in-force.ts'
import { keepQuestion } from './question-in-force.ts'

interface PinDeps {
  storage: Pick<Storage, 'contentVersions'>
  catalog(): Catalog
  now(): number
}

/** Keeps challenges and questions of those names (`challenge:crash-loop`) as they are now. @returns the hash of each by its name */
export async function pinItems(deps: PinDeps, items: readonly string[]): Promise<Record<string, string>> {
  const catalog = deps.catalog()
  const hashes: Record<string, string> = {}
  for (const item of items) {
    const [kind, id = ''] = item.split(':')
    const challenge = kind === 'challenge' ? catalog.challenges.get(id) : undefined
    if (challenge) await keepContent(deps, challenge)
    const hash = challenge?.hash ?? (kind === 'question' ? await keepQuestion(deps, id) : undefined)
    if (hash !== undefined) hashes[item] = hash
  }
  return hashes
}

/** @returns the hash of what that name (`lesson:pod/probes`) is of the content; undefined for what is not in it */
export function hashOf(
  { lessons, questions, challenges }: Pick<Catalog, 'lessons' | 'questions' | 'challenges'>,
  item: string,
): string | undefined {
  const [kind = '', id = ''] = item.split(':')
  const kinds: Record<string, ReadonlyMap<string, { hash: string }> | undefined> = {
    ...{ lesson: lessons, question: questions, challenge: challenges },
  }
  return kinds[kind]?.get(id)?.hash
}
