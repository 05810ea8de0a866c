import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** The incident of a day was begun: its clock runs from here on. The item is the challenge that it is. */
export const dailyBegan = defineAct({
  name: 'daily-began',
  version: 1,
  upgrades: [],
  schema: z.object({
    /** In UTC, as 2026-05-31. */
    day: z.iso.date(),
    /** Draws the variant. */
    seed: z.string().min(1),
  }),
  words: ({ data: { day } }) => ({ text: msg('Began the incident of {day}'), values: { day } }),
})
