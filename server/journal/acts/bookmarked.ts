import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** A bookmark was put on an item, or taken away. */
export const bookmarked = defineAct({
  name: 'bookmarked',
  version: 1,
  upgrades: [],
  schema: z.object({ isOn: z.boolean() }),
  words: ({ data }) => ({ text: data.isOn ? msg('Bookmarked') : msg('Bookmark removed') }),
})
