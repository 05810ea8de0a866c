/** A node that loses its way to the control plane, or to everything. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  'from-control-plane': msg('node {node} is cut off from the control plane'),
  'from-all': msg('node {node} is cut off from everything'),
  healed: msg('node {node} is connected again'),
}

export const partitionFault = defineFault({
  kind: 'partition',
  schema: z.strictObject({
    kind: z.literal('partition'),
    node: z.string(),
    state: z.enum(['from-control-plane', 'from-all', 'healed']),
  }),
  words: ({ node, state }) => ({ text: texts[state], values: { node } }),
  inject({ nodes }, { node, state }, note) {
    note(`node ${node} ${state === 'healed' ? 'connected again' : `cut off ${state}`}`)
    nodes.setPartition(node, state)
  },
})
