import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** Agreed to the rules of an exercise, and to which uses of what is recorded. */
export const consented = defineAct({
  name: 'consented',
  version: 1,
  upgrades: [],
  schema: z.object({
    /** `grading` is required; others are voluntary. */
    purposes: z.array(z.string().min(1).max(40)).max(10),
  }),
  words: ({ data }) => ({
    text: msg('Agreed to the rules ({purposes})'),
    values: { purposes: data.purposes.join(', ') },
  }),
})
