import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** A lesson was read to its end. */
export const read = defineAct({
  name: 'read',
  version: 1,
  upgrades: [],
  schema: z.object({}),
  words: () => ({ text: msg('Read to the end') }),
})
