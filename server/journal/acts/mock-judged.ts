import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { confidence, mockResult } from '../../storage/mock-schema.ts'
import { defineAct } from '../act.ts'

/** What was said to a question of a mock exam or interview was judged. */
export const mockJudged = defineAct({
  name: 'mock-judged',
  version: 1,
  upgrades: [],
  schema: z.object({
    mock: z.string().min(1),
    /** From 0. */
    place: z.int().min(0),
    /** What was judged: another tab may have saved something else meanwhile. */
    given: z.array(z.string()),
    confidence,
    result: mockResult,
  }),
  words: ({ data }) => ({ text: msg('Question {n} was judged'), values: { n: data.place + 1 } }),
})
