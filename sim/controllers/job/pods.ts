/** What a Job asks of its Pods. Source: kubernetes/pkg/controller/job */
import type { Job } from '../../api/batch/types.ts'
import type { Container, Pod } from '../../api/core/pod-types.ts'
import { type Draft, findCondition } from '../../api/meta/object.ts'
import { controllerReference } from '../ownership.ts'

/** Keeps an ended Pod until the Job has counted it. */
export const FINALIZER = 'batch.kubernetes.io/job-tracking'
const INDEX = 'batch.kubernetes.io/job-completion-index'
const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX'
export const FAILURES = 'batch.kubernetes.io/job-index-failure-count'
export const IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count'
const MAX_GENERATED_BASE = 58

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed'

/** A Pod that is going is replaced only once it has ended. */
export const replacesOnlyFailed = ({ spec }: Job): boolean =>
  spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined

export const hasFinalizer = (pod: Pod): boolean => pod.metadata.finalizers?.includes(FINALIZER) ?? false

/** Ended badly; or deleted, and for that Pod the Job does not wait. */
export const isFailed = (job: Job, pod: Pod): boolean =>
  pod.status.phase === 'Failed' ||
  (!replacesOnlyFailed(job) && pod.metadata.deletionTimestamp !== undefined && pod.status.phase !== 'Succeeded')

/** Its completion index; undefined without a valid one. */
export function indexOf(job: Job, pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX]
  if (text === undefined || !/^\d+$/.test(text)) return undefined
  return Number(text) < (job.spec.completions ?? 0) ? Number(text) : undefined
}

export const countIn = (pod: Pod | undefined, annotation: string): number =>
  Number(pod?.metadata.annotations?.[annotation]) || 0

/** The Pod of the template; of an Indexed Job, the one with that index and what its predecessors left it. */
export function newPod(job: Job, index: number | undefined, failures: Readonly<Record<string, string>>): Draft<Pod> {
  const { metadata, spec } = job.spec.template
  const isOwn = index !== undefined
  const annotations = { ...metadata?.annotations, ...(isOwn ? { [INDEX]: String(index) } : {}), ...failures }
  const suffix = isOwn ? `-${index}-` : '-'
  const withVariable = (container: Container): Container =>
    container.env?.some(({ name }) => name === INDEX_VARIABLE)
      ? container
      : { ...container, env: [...(container.env ?? []), indexVariable] }
  return {
    metadata: {
      generateName: isOwn
        ? `${job.metadata.name.slice(0, MAX_GENERATED_BASE - suffix.length)}${suffix}`
        : `${job.metadata.name}-`,
      namespace: job.metadata.namespace,
      labels: { ...metadata?.labels, ...(isOwn ? { [INDEX]: String(index) } : {}) },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      finalizers: [...(metadata?.finalizers ?? []).filter((one) => one !== FINALIZER), FINALIZER],
      ownerReferences: [controllerReference(job)],
    },
    spec: isOwn
      ? {
          ...spec,
          hostname: `${job.metadata.name}-${index}`,
          ...(spec.initContainers ? { initContainers: spec.initContainers.map(withVariable) } : {}),
          containers: spec.containers.map(withVariable),
        }
      : spec,
  }
}

const indexVariable = {
  name: INDEX_VARIABLE,
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX}']` } },
}

/** When the Pod ended: its last container, or the end of its readiness, or its deletion. In epoch milliseconds. */
export function finishedAtMs(pod: Pod): number {
  const { containerStatuses = [], initContainerStatuses = [], conditions } = pod.status
  const sidecars = new Set(
    (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  )
  const counted = [...containerStatuses, ...initContainerStatuses.filter(({ name }) => sidecars.has(name))]
  const ends = counted.map(({ state }) => Date.parse(state.terminated?.finishedAt ?? ''))
  if (ends.length > 0 && ends.every((end) => !Number.isNaN(end))) return Math.max(...ends)
  const ready = findCondition(conditions, 'Ready')
  if (ready?.status === 'False' && ready.lastTransitionTime) return Date.parse(ready.lastTransitionTime)
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata
  if (deletionTimestamp !== undefined) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000
  return Date.parse(creationTimestamp)
}
