/** The content that an attempt is worked on and graded by: as it was when the attempt was begun, whatever became of it since. */
import { challengeOfFiles } from '../catalog/load.ts'
import type { Challenge } from '../catalog/types.ts'
import type { Seat } from '../seat.ts'
import type { Storage } from '../storage/types.ts'

/** Read again from what is stored; few are in use at a time. */
const mostRead = 50
const readOf = new WeakMap<object, Map<string, Challenge>>()

/** Keeps the challenge as it is now, for whoever begins on it. */
export async function keepContent(
  { storage, now }: { storage: Pick<Storage, 'contentVersions'>; now: () => number },
  { id, hash, files }: Challenge,
): Promise<void> {
  await storage.contentVersions.keep({ hash, item: `challenge:${id}`, files, firstUsedAtMs: now() })
}

/** The challenge as a seat has it: as it was when its sitting was opened, where that keeps its content. */
export const pinnedContent = async (
  deps: { storage: Pick<Storage, 'contentVersions'> },
  { pinned }: Pick<Seat, 'pinned'>,
  present: Challenge,
): Promise<Challenge> => (pinned === undefined ? undefined : await contentOf(deps, present, pinned)) ?? present

/**
 * The challenge of that content hash: the present one, or what was kept of a former one.
 * @returns undefined when nothing was kept of it, or what was kept cannot be read by this program
 */
export async function contentOf(
  { storage }: { storage: Pick<Storage, 'contentVersions'> },
  present: Challenge,
  contentHash: string,
): Promise<Challenge | undefined> {
  if (contentHash === present.hash) return present
  const key = `${present.id}/${contentHash}`
  const read = readOf.get(storage) ?? new Map<string, Challenge>()
  readOf.set(storage, read)
  const known = read.get(key)
  if (known) return known
  const kept = await storage.contentVersions.find(contentHash)
  const challenge = kept && challengeOfFiles(present.id, kept.files)
  if (challenge?.hash !== contentHash) return undefined
  read.set(key, challenge)
  for (const oldest of read.keys()) {
    if (read.size <= mostRead) break
    read.delete(oldest)
  }
  return challenge
}
