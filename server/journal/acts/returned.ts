import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** The cluster of an attempt is again what it was before it was rewound; or, pressed again, what it was since. */
export const returned = defineAct({
  name: 'returned',
  version: 1,
  upgrades: [],
  schema: z.object({ attempt: z.string().min(1) }),
  words: () => ({ text: msg('Went back to the cluster as it was') }),
})
