import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** The work on a day's incident was handed in to be graded. What it earns stands in the attempt; here is when it came. */
export const dailyHandedIn = defineAct({
  name: 'daily-handed-in',
  version: 1,
  upgrades: [],
  schema: z.object({
    day: z.iso.date(),
    /** The attempt. */
    of: z.string().min(1),
    /** Of its commands. */
    sha256: z.string().min(1),
    usedMs: z.number().min(0),
  }),
  words: ({ data: { day } }) => ({ text: msg('Handed in the incident of {day}'), values: { day } }),
})
