/** Processes of the node's own that take its process numbers. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  low: msg('the process numbers of {node} are low'),
  freed: msg('the process numbers of {node} are freed'),
}

export const pidsFault = defineFault({
  kind: 'pids',
  schema: z.strictObject({ kind: z.literal('pids'), node: z.string(), state: z.enum(['low', 'freed']) }),
  words: ({ node, state }) => ({ text: texts[state], values: { node } }),
  inject({ nodes }, { node, state }, note) {
    note(`processes of ${node} ${state}`)
    nodes.setPids(node, state)
  },
})
