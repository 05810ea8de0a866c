import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** Was given time: for an outage of the server, or by who hires. */
export const credited = defineAct({
  name: 'credited',
  version: 1,
  upgrades: [],
  schema: z.object({ ms: z.number().min(0), why: z.enum(['outage', 'given']) }),
  words: ({ data }) => ({
    text: data.why === 'outage' ? msg('{n} min back for an outage of the server') : msg('{n} min of extra time'),
    values: { n: Math.round(data.ms / 6000) / 10 },
  }),
})
