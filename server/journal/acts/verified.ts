import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { gradingContent } from '../../storage/attempt-schema.ts'
import { defineAct } from '../act.ts'

/** What had been graded elsewhere was graded again here; `gradedAtMs` and `commands` say which grading. */
export const verified = defineAct({
  name: 'verified',
  version: 1,
  upgrades: [],
  schema: gradingContent.extend({ attempt: z.string().min(1), gradedAtMs: z.number() }),
  words: () => ({ text: msg('Verified a result from elsewhere') }),
})
