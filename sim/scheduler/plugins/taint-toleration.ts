/** Keeps Pods off nodes whose taints they don't tolerate, and prefers nodes without such of the soft kind. Source: tainttoleration/taint_toleration.go */

import { findUntolerated, tolerationFinder } from '../../api/core/pod/node-fit.ts'
import { charge } from '../../engine/work.ts'
import { normalizeByGreatest, type SchedulerPlugin, unresolvable } from '../framework.ts'

const NAME = 'TaintToleration'
const REJECTION = unresolvable(NAME, 'node(s) had untolerated taint(s)')

export const taintToleration = (): SchedulerPlugin => ({
  name: NAME,
  weight: 3,
  filter: ({ info }, { taints }) =>
    taints.length > 0 && findUntolerated(info.pod, taints, 'NoSchedule', 'NoExecute') ? REJECTION : undefined,
  score({ info }, { taints }) {
    if (taints.length === 0) return 0
    charge(taints.length)
    const soft = info.pod.spec.tolerations?.filter(({ effect }) => !effect || effect === 'PreferNoSchedule') ?? []
    const findToleration = tolerationFinder(soft, taints.length)
    let count = 0
    for (const taint of taints) {
      if (taint.effect !== 'PreferNoSchedule') continue
      if (!findToleration(taint)) count++
    }
    return count
  },
  normalizeScore: (_cycle, scores) => normalizeByGreatest(scores, true),
  wakes(info, event) {
    if (event.on === 'pod') return event.change === 'tolerations'
    if (event.on !== 'node' || (event.change !== 'add' && event.change !== 'taints')) return false
    if (findUntolerated(info.pod, event.node.spec.taints, 'NoSchedule', 'NoExecute')) return false
    return (
      event.change === 'add' ||
      findUntolerated(info.pod, event.old?.spec.taints, 'NoSchedule', 'NoExecute') !== undefined
    )
  },
})
