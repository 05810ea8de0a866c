import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { confidence } from '../../storage/mock-schema.ts'
import { defineAct } from '../act.ts'

/** Something was said to a question of a mock exam or interview, and where its learner went from there. What is left out stays as it was. */
export const mockSaid = defineAct({
  name: 'mock-said',
  version: 1,
  upgrades: [],
  schema: z.object({
    mock: z.string().min(1),
    /** From 0. */
    place: z.int().min(0),
    given: z.array(z.string()).optional(),
    confidence: confidence.optional(),
    flag: z.boolean().optional(),
    spentMs: z.number().optional(),
    current: z.int().min(0).optional(),
  }),
  words: ({ data }) => ({ text: msg('Said something to question {n}'), values: { n: data.place + 1 } }),
})
