/** A Pod with scheduling gates waits, without an attempt, until they are taken away. Source: schedulinggates/scheduling_gates.go */
import type { SchedulerPlugin } from '../framework.ts'

export const schedulingGates = (): SchedulerPlugin => ({
  name: 'SchedulingGates',
  preEnqueue({ pod }) {
    const gates = pod.spec.schedulingGates ?? []
    if (gates.length === 0) return undefined
    return `waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`
  },
  wakes: (_info, event) => event.on === 'pod' && event.change === 'gates',
})
