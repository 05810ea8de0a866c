/**
 * Which groups candidates say that they belong to. An answer stands under a key that only the server's secret leads to, without a seat, a name or
 * a time; when its exercise is over, counts take the place of all answers.
 */
import { z } from 'zod'
import type { DocumentKind } from './documents.ts'
import type { Store } from './store.ts'

const id = z.string().min(1)
const count = z.int().min(0)

const answerSchema = z.object({ key: id, sittingId: id, question: id, group: id })
export type GroupAnswer = z.infer<typeof answerSchema>

const countsSchema = z.object({
  sittingId: id,
  /** Of all who handed in, whatever they answered. */
  all: z.object({ people: count, selected: count }),
  /** Of each question the groups that may be told: of the others no count is kept. */
  tables: z.array(
    z.object({
      question: id,
      groups: z.array(z.object({ group: id, people: count, selected: count })),
    }),
  ),
})
export type GroupCounts = z.infer<typeof countsSchema>

const answerKind: DocumentKind<GroupAnswer> = {
  name: 'group-answers',
  version: 1,
  upgrades: [],
  indexes: { sitting: ({ sittingId }) => [sittingId] },
  schema: answerSchema,
}
const countsKind: DocumentKind<GroupCounts> = { name: 'group-counts', version: 1, upgrades: [], schema: countsSchema }

export interface Groups {
  answer(key: string): Promise<GroupAnswer | undefined>
  saveAnswer(answer: GroupAnswer): Promise<void>
  removeAnswer(key: string): Promise<void>
  /** All answers of a sitting go. */
  removeAnswers(sittingId: string): Promise<void>
  counts(sittingId: string): Promise<GroupCounts | undefined>
  saveCounts(counts: GroupCounts): Promise<void>
  removeCounts(sittingId: string): Promise<void>
}

export function createGroups(store: Store): Groups {
  const answers = store.documents(answerKind)
  const counts = store.documents(countsKind)
  return {
    answer: (key) => answers.find(key),
    saveAnswer: async (answer) => void (await answers.update(answer.key, () => answer)),
    removeAnswer: (key) => answers.remove(key),
    removeAnswers: async (sittingId) => {
      for (const key of await answers.keysBy('sitting', sittingId)) await answers.remove(key)
    },
    counts: (sittingId) => counts.find(sittingId),
    saveCounts: async (one) => void (await counts.update(one.sittingId, () => one)),
    removeCounts: (sittingId) => counts.remove(sittingId),
  }
}
