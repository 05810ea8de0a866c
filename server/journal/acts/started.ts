import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** Began the exercise: the clock runs. */
export const started = defineAct({
  name: 'started',
  version: 1,
  upgrades: [],
  schema: z.object({}),
  words: () => ({ text: msg('Started the exercise') }),
})
