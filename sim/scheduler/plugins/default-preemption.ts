/** Makes room by removing Pods of lower priority. Source: defaultpreemption/default_preemption.go, framework/preemption */
import { fitMessage } from '../diagnosis.ts'
import type { SchedulerPlugin } from '../framework.ts'

export const defaultPreemption = (): SchedulerPlugin => ({
  name: 'DefaultPreemption',
  postFilter({ info }, { rejections }) {
    if (info.pod.spec.preemptionPolicy === 'Never')
      return { message: 'preemption: not eligible due to preemptionPolicy=Never.' }
    const reasons = [...rejections.values()].map(({ isUnresolvable }) =>
      isUnresolvable ? ['Preemption is not helpful for scheduling'] : ['No preemption victims found for incoming pod'],
    )
    return { message: `preemption: ${fitMessage(rejections.size, { reasons })}` }
  },
})
