import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** A mock exam or interview was handed in. */
export const mockHandedIn = defineAct({
  name: 'mock-handed-in',
  version: 1,
  upgrades: [],
  schema: z.object({ mock: z.string().min(1) }),
  words: () => ({ text: msg('Handed in') }),
})
