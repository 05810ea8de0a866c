import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** Takes a break: the clock stands, and nothing is taken in meanwhile. */
export const onBreak = defineAct({
  name: 'on-break',
  version: 1,
  upgrades: [],
  schema: z.object({}),
  words: () => ({ text: msg('Began a break') }),
})
