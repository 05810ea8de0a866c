/** Something else on the node that takes its disk. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  full: msg('the disk of {node} is full'),
  low: msg('the disk of {node} is low'),
  freed: msg('the disk of {node} is freed'),
}

export const diskFault = defineFault({
  kind: 'disk',
  schema: z.strictObject({ kind: z.literal('disk'), node: z.string(), state: z.enum(['full', 'low', 'freed']) }),
  words: ({ node, state }) => ({ text: texts[state], values: { node } }),
  inject({ nodes }, { node, state }, note) {
    note(`disk of ${node} ${state}`)
    nodes.setDisk(node, state)
  },
})
