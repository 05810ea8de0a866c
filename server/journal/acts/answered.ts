import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { confidence } from '../../storage/mock-schema.ts'
import { defineAct } from '../act.ts'

/** A question was answered, on its own page or in a mock exam; the item is the question. */
export const answered = defineAct({
  name: 'answered',
  version: 1,
  upgrades: [],
  schema: z.object({
    /** Names the answer. The same answer may come in by two acts: its learner's own, and one of a file of somewhere else. */
    answer: z.string().min(1),
    /** Decides the variant. */
    seed: z.string(),
    given: z.array(z.string()),
    confidence,
    /** From the form to the answer; null when it is not known. */
    tookMs: z.number().nullable(),
    /** What was seen: the verdict, and the key where the simulator found it. */
    score: z.number().min(0).max(1),
    verdict: z.enum(['right', 'partly', 'wrong']),
    key: z.string().optional(),
    topics: z.array(z.string()),
  }),
  words: ({ data }) => ({ text: verdicts[data.verdict] }),
})

const verdicts = {
  right: msg('Answered: right'),
  partly: msg('Answered: partly right'),
  wrong: msg('Answered: wrong'),
}
