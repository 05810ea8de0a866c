import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** A mock exam or interview was taken out of the list; its answers stay. */
export const mockRemoved = defineAct({
  name: 'mock-removed',
  version: 1,
  upgrades: [],
  schema: z.object({ mock: z.string().min(1) }),
  words: () => ({ text: msg('Removed') }),
})
