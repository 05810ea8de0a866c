import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** Hints of an attempt were opened. */
export const hinted = defineAct({
  name: 'hinted',
  version: 1,
  upgrades: [],
  schema: z.object({ attempt: z.string().min(1), hints: z.array(z.string()) }),
  words: () => ({ text: msg('Opened a hint') }),
})
