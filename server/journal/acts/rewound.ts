import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** The cluster of an attempt was put back to before a virtual moment, or with null to its hand-over. Its files stay, and so does what it was. */
export const rewound = defineAct({
  name: 'rewound',
  version: 1,
  upgrades: [],
  schema: z.object({ attempt: z.string().min(1), toMs: z.number().min(0).nullable() }),
  words: ({ data: { toMs } }) =>
    toMs === null
      ? { text: msg('Put the cluster back to its start') }
      : { text: msg('Put the cluster back to {seconds} s'), values: { seconds: Math.round(toMs / 1000) } },
})
