import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** Has so many times the time of the others. */
export const multiplied = defineAct({
  name: 'multiplied',
  version: 1,
  upgrades: [],
  schema: z.object({ by: z.number().min(1).max(3) }),
  words: ({ data }) => ({ text: msg('Time multiplied by {n}'), values: { n: data.by } }),
})
