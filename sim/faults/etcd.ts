/** A member of etcd that stops, or whose disk is too slow for it. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  stopped: msg('etcd on {node} is stopped'),
  started: msg('etcd on {node} is started'),
  'slow-disk': msg('the disk of etcd on {node} is slow'),
  'normal-disk': msg('the disk of etcd on {node} is as fast as before'),
}

export const etcdFault = defineFault({
  kind: 'etcd',
  schema: z.strictObject({
    kind: z.literal('etcd'),
    node: z.string(),
    state: z.enum(['stopped', 'started', 'slow-disk', 'normal-disk']),
  }),
  words: ({ node, state }) => ({ text: texts[state], values: { node } }),
  inject({ nodes }, { node, state }, note) {
    note(`etcd on ${node} ${state}`)
    nodes.setEtcd(node, state)
  },
})
