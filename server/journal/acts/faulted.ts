import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { loggedCommand } from '../../storage/attempt-schema.ts'
import { defineAct } from '../act.ts'

/** The cluster of an attempt was given a fault, which comes at its virtual second. */
export const faulted = defineAct({
  name: 'faulted',
  version: 1,
  upgrades: [],
  schema: z.object({ attempt: z.string().min(1), logged: loggedCommand }),
  words: () => ({ text: msg('Gave the cluster a fault') }),
})
