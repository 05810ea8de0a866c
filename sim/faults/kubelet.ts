/** A node's kubelet that stops while its containers go on. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  stopped: msg('the kubelet of {node} is stopped'),
  started: msg('the kubelet of {node} is started'),
}

export const kubeletFault = defineFault({
  kind: 'kubelet',
  schema: z.strictObject({ kind: z.literal('kubelet'), node: z.string(), state: z.enum(['stopped', 'started']) }),
  words: ({ node, state }) => ({ text: texts[state], values: { node } }),
  inject({ nodes }, { node, state }, note) {
    note(`kubelet of ${node} ${state}`)
    if (state === 'stopped') nodes.stopKubelet(node)
    else nodes.startKubelet(node)
  },
})
