import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** An attempt was ended: by another one, or because its solutions were looked at. */
export const closed = defineAct({
  name: 'closed',
  version: 1,
  upgrades: [],
  schema: z.object({ attempt: z.string().min(1), why: z.enum(['reset', 'variant', 'again', 'gave-up']) }),
  words: ({ data }) => ({ text: data.why === 'gave-up' ? msg('Gave up') : msg('Started over') }),
})
