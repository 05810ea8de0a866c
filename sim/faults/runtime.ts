/** The container runtime's process; containers go on without it. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  stopped: msg('the container runtime of {node} is stopped'),
  started: msg('the container runtime of {node} is started'),
}

export const runtimeFault = defineFault({
  kind: 'runtime',
  schema: z.strictObject({ kind: z.literal('runtime'), node: z.string(), state: z.enum(['stopped', 'started']) }),
  words: ({ node, state }) => ({ text: texts[state], values: { node } }),
  inject({ nodes }, { node, state }, note) {
    note(`container runtime of ${node} ${state}`)
    nodes.setRuntime(node, state)
  },
})
