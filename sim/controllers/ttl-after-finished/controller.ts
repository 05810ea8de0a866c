/** Deletes Jobs some time after they have finished. Source: https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/ */
import { finishedCondition } from '../../api/batch/job/conditions.ts'
import { jobs } from '../../api/batch/job.ts'
import type { Job } from '../../api/batch/types.ts'
import { keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'

export const ttlAfterFinishedController: ControllerSpec = {
  name: 'ttl-after-finished-controller',
  serviceAccount: 'ttl-after-finished-controller',
  watches: [jobs],
  start: startTtlAfterFinishedController,
}

/** When the Job's time is up, in epoch milliseconds; undefined while it has none or runs. Pure. */
export function expiryMs({ spec, status, metadata }: Job): number | undefined {
  const finishedAt = finishedCondition(status)?.lastTransitionTime
  if (spec.ttlSecondsAfterFinished === undefined || !finishedAt) return undefined
  if (metadata.deletionTimestamp !== undefined) return undefined
  return Date.parse(finishedAt) + spec.ttlSecondsAfterFinished * 1000
}

function startTtlAfterFinishedController({
  engine,
  client,
  informers,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const informer = informers.informer(jobs)
  const queue = createQueue({ name: 'ttl after finished', metricName: 'ttl_jobs_to_delete', workers: 5, reconcile })

  function reconcile(key: string): void {
    const cached = informer.get(parseKeyText(key))
    if (!cached || waits(key, cached)) return
    // The cache may be old: a longer time may have been given since.
    const fresh = client.find(jobs, keyOf(cached))
    if (!fresh || waits(key, fresh)) return
    try {
      const preconditions = { uid: fresh.metadata.uid, resourceVersion: fresh.metadata.resourceVersion }
      client.delete(jobs, keyOf(fresh), { propagationPolicy: 'Foreground', preconditions })
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  /** True when the Job stays for now; then it is looked at again in time. */
  function waits(key: string, job: Job): boolean {
    const dueMs = expiryMs(job)
    if (dueMs === undefined) return true
    if (dueMs <= engine.epochMs) return false
    queue.addAfter(key, dueMs - engine.epochMs)
    return true
  }

  const enqueue = (job: Job): void => {
    if (expiryMs(job) !== undefined) queue.add(keyText(keyOf(job)))
  }
  const listening = createListening(() => queue.stop())
  listening.on(informer, { onAdd: enqueue, onUpdate: enqueue })
  return listening
}
