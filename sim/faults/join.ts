/** Another machine that joins the cluster: no fault, but a change of the machines. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { nodeShape } from '../node-shape.ts'
import { defineFault } from './fault.ts'

export const joinFault = defineFault({
  kind: 'join',
  schema: z.strictObject({ kind: z.literal('join'), node: nodeShape }),
  words: ({ node }) => ({ text: msg('node {node} joins the cluster'), values: { node: node.name } }),
  inject({ nodes }, { node }, note) {
    note(`node ${node.name} joins`)
    nodes.join(node)
  },
})
