/**
 * Claims of devices. Simplified: no Pod here has any, so what is left is what the plugin says of a Pod that fits nowhere; it comes before
 * preemption and is part of every such message. Source: dynamicresources/dynamicresources.go
 */
import { type SchedulerPlugin, StateKey } from '../framework.ts'

/** That the Pod's claims were looked at. */
const CLAIMS = new StateKey<true>('DynamicResources')

export const dynamicResources = (): SchedulerPlugin => ({
  name: 'DynamicResources',
  preFilter(cycle) {
    cycle.write(CLAIMS, true)
    return 'skip'
  },
  /** Where an earlier PreFilter refused the Pod, nobody looked at its claims: the plugin fails, and nothing else is tried. */
  postFilter: (cycle) =>
    cycle.read(CLAIMS) ? { message: 'no new claims to deallocate' } : { message: 'not found', isError: true },
})
