import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { dailyRun } from '../../storage/daily-schema.ts'
import { defineAct } from '../act.ts'

/** The incident of a day came in as it is from another journal. */
export const dailyBrought = defineAct({
  name: 'daily-brought',
  version: 1,
  upgrades: [],
  schema: z.object({ daily: dailyRun }),
  words: ({ data: { daily } }) => ({ text: msg('Brought the incident of {day} along'), values: { day: daily.day } }),
})
