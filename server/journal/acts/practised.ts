import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** Tried the workspace out before the start. What was done there is not kept. */
export const practised = defineAct({
  name: 'practised',
  version: 1,
  upgrades: [],
  schema: z.object({}),
  words: () => ({ text: msg('Tried the workspace out') }),
})
