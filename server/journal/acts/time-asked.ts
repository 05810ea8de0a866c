import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** Asked for an accommodation. */
export const timeAsked = defineAct({
  name: 'time-asked',
  version: 1,
  upgrades: [],
  schema: z.object({ says: z.string().min(1).max(1000) }),
  words: () => ({ text: msg('Asked for an accommodation') }),
})
