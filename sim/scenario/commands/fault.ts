/** Something breaks, or comes back. */
import { z } from 'zod'
import { isRecord } from '../../api/meta/json.ts'
import { CommandRefused } from '../../engine/command-refused.ts'
import { msg } from '../../engine/told.ts'
import type { FaultTargets } from '../../faults/fault.ts'
import { faultSchema, injectFault, wordsOfFault } from '../../faults/registry.ts'
import type { Fault } from '../types.ts'
import { atOnce, defineCommand } from './command.ts'
import { ScenarioError } from './scenario-error.ts'

const authored = z.strictObject({ op: z.literal('fault'), fault: faultSchema })

const schema = authored.extend({
  given: z
    .strictObject({ id: z.string().min(1).max(40), dueMs: z.number().min(0), isSecret: z.literal(true).optional() })
    .optional(),
})

export const faultCommand = defineCommand({
  op: 'fault',
  schema,
  authored,
  words: ({ fault, given }) => ({ told: given?.isSecret ? { text: msg('something happens') } : wordsOfFault(fault) }),
  perform: atOnce((target, { fault, given }) => {
    const dueMs = target.clock.originMs + (given?.dueMs ?? 0)
    if (dueMs <= target.engine.nowMs) injectFault(target, fault)
    // Time that waits for the cluster to settle does not wait for it.
    else target.engine.at(dueMs, 'given fault', () => injectIfThere(target, fault), { background: true })
    return 0
  }),
  step: {
    key: 'fault',
    read: ({ fault }) => ({ op: 'fault', fault: readFault(fault) }),
    write: ({ fault }) => ({ fault }),
  },
})

/** What it names may be gone by then. */
function injectIfThere(target: FaultTargets, fault: Fault): void {
  try {
    injectFault(target, fault)
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error
  }
}

/** `{node: worker-2, state: down}` as recordings write it, or a fault with its kind. */
function readFault(value: unknown): Fault {
  if (!isRecord(value)) throw new ScenarioError('a fault is a mapping')
  if (value.kind) return value as unknown as Fault
  if (typeof value.node === 'object' && value.node !== null) throw new ScenarioError('the node of a fault must be text')
  return { kind: 'node', node: String(value.node), state: value.state === 'up' ? 'up' : 'down' }
}
