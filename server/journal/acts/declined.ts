import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** Did not agree to the rules of an exercise: nothing else is kept. */
export const declined = defineAct({
  name: 'declined',
  version: 1,
  upgrades: [],
  schema: z.object({}),
  words: () => ({ text: msg('Declined the exercise') }),
})
