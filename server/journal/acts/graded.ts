import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { gradingContent } from '../../storage/attempt-schema.ts'
import { defineAct } from '../act.ts'

/** An attempt was graded here. */
export const graded = defineAct({
  name: 'graded',
  version: 1,
  upgrades: [],
  schema: gradingContent.extend({ attempt: z.string().min(1) }),
  words: ({ data }) => ({
    text: data.result.passed ? msg('Graded: passed') : msg('Graded: not passed'),
  }),
})
