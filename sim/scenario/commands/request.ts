/** A request of the Kubernetes HTTP API that may change something. */
import { z } from 'zod'
import { atOnce, defineCommand } from './command.ts'

export const requestCommand = defineCommand({
  op: 'request',
  schema: z.strictObject({
    op: z.literal('request'),
    method: z.string(),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    isBase64: z.boolean().optional(),
    tls: z.strictObject({ certificate: z.string().optional() }).optional(),
  }),
  words: ({ method, url }) => ({ typed: `${method} ${url}` }),
  perform: atOnce((target, command) => {
    target.answer(command)
    return 0
  }),
})
