import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { taskResult } from '../../storage/mock-schema.ts'
import { defineAct } from '../act.ts'

/** A task of a hands-on exam was graded as it was left, or nothing was left to be graded. */
export const taskGraded = defineAct({
  name: 'task-graded',
  version: 1,
  upgrades: [],
  schema: z.object({
    mock: z.string().min(1),
    /** From 0. */
    place: z.int().min(0),
    result: taskResult,
  }),
  words: ({ data }) => ({ text: msg('Task {n} was graded'), values: { n: data.place + 1 } }),
})
