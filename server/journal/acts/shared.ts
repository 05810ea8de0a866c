import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** The run of a grading was opened to whoever has its link, or closed again. */
export const shared = defineAct({
  name: 'shared',
  version: 1,
  upgrades: [],
  schema: z.object({
    attempt: z.string().min(1),
    /** From 1. */
    grading: z.int().min(1),
    isOn: z.boolean(),
  }),
  words: ({ data: { isOn } }) => ({ text: isOn ? msg('Shared a run') : msg('Ended the sharing of a run') }),
})
