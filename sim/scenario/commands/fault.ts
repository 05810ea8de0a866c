/** Something breaks, or comes back. */
import { z } from 'zod'
import { isRecord } from '../../api/meta/json.ts'
import { faultSchema, injectFault, wordsOfFault } from '../../faults/registry.ts'
import type { Fault } from '../types.ts'
import { atOnce, defineCommand } from './command.ts'
import { ScenarioError } from './scenario-error.ts'

const schema = z.strictObject({ op: z.literal('fault'), fault: faultSchema })

export const faultCommand = defineCommand({
  op: 'fault',
  schema,
  authored: schema,
  words: ({ fault }) => ({ told: wordsOfFault(fault) }),
  perform: atOnce((target, { fault }) => {
    injectFault(target, fault)
    return 0
  }),
  step: {
    key: 'fault',
    read: ({ fault }) => ({ op: 'fault', fault: readFault(fault) }),
    write: ({ fault }) => ({ fault }),
  },
})

/** `{node: worker-2, state: down}` as recordings write it, or a fault with its kind. */
function readFault(value: unknown): Fault {
  if (!isRecord(value)) throw new ScenarioError('a fault is a mapping')
  if (value.kind) return value as unknown as Fault
  if (typeof value.node === 'object' && value.node !== null) throw new ScenarioError('the node of a fault must be text')
  return { kind: 'node', node: String(value.node), state: value.state === 'up' ? 'up' : 'down' }
}
