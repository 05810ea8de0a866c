/** A step of a scenario as the command that a cluster is given. Pure. */
import type { Command } from '../../sim/index.ts'
import type { ScenarioStep } from './types.ts'

export function commandOf(step: ScenarioStep): Command {
  if (step.apply !== undefined) return { op: 'apply', manifest: step.apply, args: step.args }
  if (step.create !== undefined) return { op: 'create', manifest: step.create, args: step.args }
  if (step.run !== undefined) return { op: 'kubectl', line: step.run, stdin: step.stdin }
  if (step.fault !== undefined) return { op: 'fault', fault: step.fault }
  if (step.evict !== undefined) return { op: 'evict', ...step.evict }
  throw new Error(`the step at ${step.at} s does nothing: it needs apply, create, run, fault or evict`)
}
