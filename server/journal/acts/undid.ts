import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** The last command of an attempt was taken back. */
export const undid = defineAct({
  name: 'undid',
  version: 1,
  upgrades: [],
  schema: z.object({ attempt: z.string().min(1) }),
  words: () => ({ text: msg('Took the last command back') }),
})
