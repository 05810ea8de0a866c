/** Something else on the node that takes its memory. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  low: msg('the memory of {node} is low'),
  freed: msg('the memory of {node} is freed'),
}

export const memoryFault = defineFault({
  kind: 'memory',
  schema: z.strictObject({ kind: z.literal('memory'), node: z.string(), state: z.enum(['low', 'freed']) }),
  words: ({ node, state }) => ({ text: texts[state], values: { node } }),
  inject({ nodes }, { node, state }, note) {
    note(`memory of ${node} ${state}`)
    nodes.setMemory(node, state)
  },
})
