import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** How far the time of a day's incident had come when it was worked on: a clock that is set back gives none back. */
export const dailySeen = defineAct({
  name: 'daily-seen',
  version: 1,
  upgrades: [],
  schema: z.object({ day: z.iso.date(), usedMs: z.number().min(0) }),
  words: ({ data: { day } }) => ({ text: msg('Worked on the incident of {day}'), values: { day } }),
})
