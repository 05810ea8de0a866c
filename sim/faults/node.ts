/** A machine that goes down, comes up, or is shut down in order. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  down: msg('node {node} goes down'),
  up: msg('node {node} goes up'),
  shutdown: msg('node {node} is shut down'),
}

export const nodeFault = defineFault({
  kind: 'node',
  schema: z.strictObject({ kind: z.literal('node'), node: z.string(), state: z.enum(['down', 'up', 'shutdown']) }),
  words: ({ node, state }) => ({ text: texts[state], values: { node } }),
  inject({ nodes }, { node, state }, note) {
    note(`node ${node} ${state}`)
    if (state === 'down') nodes.powerOff(node)
    else if (state === 'shutdown') nodes.shutDown(node)
    else nodes.powerOn(node)
  },
})
