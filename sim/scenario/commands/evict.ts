/** Evicts a Pod as somebody with an eviction request of their own would. */
import { z } from 'zod'
import { msg } from '../../engine/told.ts'
import { atOnce, defineCommand } from './command.ts'

const selection = z.strictObject({ selector: z.string(), first: z.literal('ready') })
const schema = selection.extend({ op: z.literal('evict') })

export const evictCommand = defineCommand({
  op: 'evict',
  schema,
  authored: schema,
  words: ({ selector }) => ({ told: { text: msg('evict a Pod of {selector}'), values: { selector } } }),
  perform: atOnce(({ pods, namespace }, { selector }, out) => {
    const problem = pods.evictFirstReady(namespace, selector)
    if (problem) out('stderr', problem)
    return problem ? 1 : 0
  }),
  step: {
    key: 'evict',
    read: ({ evict }) => ({ op: 'evict', ...(evict as z.infer<typeof selection>) }),
    write: ({ selector, first }) => ({ evict: { selector, first } }),
  },
})
