import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** Is back from a break. */
export const back = defineAct({
  name: 'back',
  version: 1,
  upgrades: [],
  schema: z.object({}),
  words: () => ({ text: msg('Came back from a break') }),
})
