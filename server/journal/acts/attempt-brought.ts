import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { attemptContent } from '../../storage/attempt-schema.ts'
import { defineAct } from '../act.ts'

/** An attempt came in whole: from before journals, from a file, or from another journal where it went on otherwise. */
export const attemptBrought = defineAct({
  name: 'attempt-brought',
  version: 1,
  upgrades: [],
  schema: z.object({ attempt: attemptContent }),
  words: () => ({ text: msg('Brought an attempt along') }),
})
