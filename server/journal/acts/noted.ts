import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** A note was written on an item; an empty one takes it away. */
export const noted = defineAct({
  name: 'noted',
  version: 1,
  upgrades: [],
  schema: z.object({ text: z.string() }),
  words: ({ data }) =>
    data.text === '' ? { text: msg('Note removed') } : { text: msg('Noted: {text}'), values: data },
})
