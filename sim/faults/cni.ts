/** Setting up the network of new Pods. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  failing: msg('the Pod network of {node} is failing'),
  working: msg('the Pod network of {node} is working'),
}

export const cniFault = defineFault({
  kind: 'cni',
  schema: z.strictObject({ kind: z.literal('cni'), node: z.string(), state: z.enum(['failing', 'working']) }),
  words: ({ node, state }) => ({ text: texts[state], values: { node } }),
  inject({ nodes }, { node, state }, note) {
    note(`container network of ${node} ${state}`)
    nodes.setCni(node, state)
  },
})
