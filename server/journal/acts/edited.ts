import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** A file of an attempt was saved: its text, or what was exchanged in the text before. */
export const edited = defineAct({
  name: 'edited',
  version: 1,
  upgrades: [],
  schema: z.object({
    attempt: z.string().min(1),
    file: z.string(),
    text: z.string().optional(),
    splices: z.array(z.tuple([z.int().min(0), z.int().min(0), z.string()])).optional(),
    /** The text before stays among the earlier ones. */
    setsAside: z.boolean(),
  }),
  words: ({ data }) => ({ text: msg('Saved {file}'), values: { file: data.file } }),
})
