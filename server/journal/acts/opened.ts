import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { earlierDrafts } from '../../storage/attempt-schema.ts'
import { defineAct } from '../act.ts'

/** An attempt at a challenge was begun. */
export const opened = defineAct({
  name: 'opened',
  version: 1,
  upgrades: [],
  schema: z.object({
    attempt: z.string().min(1),
    /** Of the variant. */
    seed: z.string(),
    /** What it has from the attempt before it. */
    drafts: z.record(z.string(), z.string()),
    earlierDrafts,
    hintsOpened: z.array(z.string()),
    /** The hands-on exam whose task it is. */
    mock: z.string().min(1).optional(),
  }),
  words: () => ({ text: msg('Began an attempt') }),
})
