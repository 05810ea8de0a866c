/** What the scheduler tells of itself as metrics. Simplified: no durations. Source: kubernetes/pkg/scheduler/metrics/metrics.go */
import { counter, type Family, gauge } from '../text/metrics-text.ts'
import type { QueuedPod, SchedulingQueue } from './queue.ts'

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error'

/** Attempts since the scheduler began, by the profile and how they ended. */
export class AttemptCounts {
  readonly #counts = new Map<string, { readonly profile: string; readonly result: AttemptResult; value: number }>()

  note(profile: string, result: AttemptResult): void {
    const key = `${profile} ${result}`
    const known = this.#counts.get(key)
    if (known) known.value++
    else this.#counts.set(key, { profile, result, value: 1 })
  }

  samples(): Family['samples'] {
    return [...this.#counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { profile, result, value }]) => ({ labels: { profile, result }, value }))
  }
}

export function schedulerFamilies(attempts: AttemptCounts, queue: Pick<SchedulingQueue, 'counts' | 'pods'>): Family[] {
  return [
    gauge(
      'scheduler_pending_pods',
      "[STABLE] Number of pending pods, by the queue type. 'active' means number of pods in activeQ; 'backoff' means number of pods in backoffQ; 'unschedulable' means number of pods in unschedulablePods that the scheduler attempted to schedule and failed; 'gated' is the number of unschedulable pods that the scheduler never attempted to schedule because they are gated.",
      Object.entries(queue.counts())
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => ({ labels: { queue: name }, value })),
    ),
    counter(
      'scheduler_schedule_attempts_total',
      "[STABLE] Number of attempts to schedule pods, by the result. 'unschedulable' means a pod could not be scheduled, while 'error' means an internal scheduler problem.",
      attempts.samples(),
    ),
    gauge(
      'scheduler_unschedulable_pods',
      '[BETA] The number of unschedulable pods broken down by plugin name. A pod will increment the gauge for all plugins that caused it to not schedule and so this metric have meaning only when broken down by plugin.',
      rejections(queue.pods()),
    ),
  ]
}

/** How many Pods each plugin keeps waiting. */
function rejections(pods: Iterable<QueuedPod>): Family['samples'] {
  const counts = new Map<string, { labels: { plugin: string; profile: string }; value: number }>()
  for (const { where, rejectedBy, info } of pods) {
    if (where === 'in-flight') continue
    const profile = info.pod.spec.schedulerName ?? ''
    for (const plugin of rejectedBy) {
      const key = `${plugin} ${profile}`
      const known = counts.get(key) ?? { labels: { plugin, profile }, value: 0 }
      known.value++
      counts.set(key, known)
    }
  }
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sample]) => sample)
}
