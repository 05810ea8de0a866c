/** The question that a candidate has: as it was when the exercise was opened, whatever became of it since. */
import type { Question } from '../catalog/types.ts'
import type { Seat } from '../seat.ts'
import type { Storage } from '../storage/types.ts'

type Kept = { storage: Pick<Storage, 'contentVersions'> }

/** As it was read: its text alone would be read otherwise by another program. */
const file = 'question.json'

/** Keeps the question as it is now, for whoever is examined on it. */
export async function keepQuestion({ storage, now }: Kept & { now(): number }, question: Question): Promise<void> {
  const { id, hash } = question
  const files = { [file]: JSON.stringify(question) }
  await storage.contentVersions.keep({ hash, item: `question:${id}`, files, firstUsedAtMs: now() })
}

/** The question as a seat has it. @param present undefined when it is not in the content any more */
export const pinnedQuestion = async (
  deps: Kept,
  { pinned }: Pick<Seat, 'pinned'>,
  id: string,
  present: Question | undefined,
): Promise<Question | undefined> =>
  pinned === undefined ? present : ((await questionOf(deps, id, present, pinned)) ?? present)

/** The question of that content hash: the present one, or what was kept of a former one. */
export async function questionOf(
  { storage }: Kept,
  id: string,
  present: Question | undefined,
  hash: string,
): Promise<Question | undefined> {
  if (present?.hash === hash) return present
  const kept = await storage.contentVersions.find(hash)
  const text = kept?.item === `question:${id}` ? kept.files[file] : undefined
  const question = text === undefined ? undefined : (JSON.parse(text) as Question)
  return question?.id === id && question.hash === hash ? question : undefined
}
