import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** A text that was not saved, since another tab had saved another one, was kept among the earlier ones. */
export const setAside = defineAct({
  name: 'set-aside',
  version: 1,
  upgrades: [],
  schema: z.object({ attempt: z.string().min(1), file: z.string(), text: z.string() }),
  words: ({ data }) => ({ text: msg('Kept another text of {file}'), values: { file: data.file } }),
})
