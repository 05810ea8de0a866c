import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** A fault that the cluster of an attempt was given was taken out of its history, after which nothing had been done. */
export const faultWithdrawn = defineAct({
  name: 'fault-withdrawn',
  version: 1,
  upgrades: [],
  schema: z.object({ attempt: z.string().min(1), fault: z.string().min(1) }),
  words: () => ({ text: msg('Took a fault back') }),
})
