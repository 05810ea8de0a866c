import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** The clock of a mock exam was looked at: what is used by then stays used. */
export const mockSeen = defineAct({
  name: 'mock-seen',
  version: 1,
  upgrades: [],
  schema: z.object({ mock: z.string().min(1), usedMs: z.number() }),
  words: () => ({ text: msg('Looked at the clock') }),
})
