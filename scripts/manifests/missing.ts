/** What of a cluster has not come up, and why, in the cluster's own words. */
import type { Cluster, KubeObject } from '../../sim/index.ts'

// biome-ignore lint/suspicious/noExplicitAny: objects of many kinds, read as they are
type Any = any

interface Judge {
  resource: string
  /** Why it is not up; undefined when it is. */
  why(object: Any, cluster: Cluster): string | undefined
}

const condition = (object: Any, type: string): Any => object?.status?.conditions?.find((one: Any) => one.type === type)

/** What was told last of an object. */
const lastEvent = ({ uid }: Any, cluster: Cluster): Any =>
  cluster
    .objects('events')
    .filter((event: Any) => event.involvedObject?.uid === uid)
    .sort((a: Any, b: Any) => (toldAt(a) < toldAt(b) ? -1 : 1))
    .at(-1)
const toldAt = ({ lastTimestamp, eventTime, metadata }: Any): string =>
  lastTimestamp ?? eventTime ?? metadata.creationTimestamp

/** That so many of what is wanted are there. */
const count =
  (wanted: (object: Any) => number, there: (object: Any) => number | undefined, what: string): Judge['why'] =>
  (object) => {
    const [most, now] = [wanted(object), there(object) ?? 0]
    const failure = condition(object, 'ReplicaFailure') ?? condition(object, 'Progressing')
    const why = failure?.status === 'False' || failure?.type === 'ReplicaFailure' ? `: ${failure.message}` : ''
    return now < most ? `${now} of ${most} ${what}${why}` : undefined
  }

const replicas = (object: Any): number => object.spec.replicas ?? 1

const judges: readonly Judge[] = [
  {
    resource: 'deployments.apps',
    why: count(replicas, ({ status }) => status.availableReplicas, 'replicas are available'),
  },
  { resource: 'statefulsets.apps', why: count(replicas, ({ status }) => status.readyReplicas, 'replicas are ready') },
  { resource: 'replicasets.apps', why: count(replicas, ({ status }) => status.readyReplicas, 'replicas are ready') },
  {
    resource: 'replicationcontrollers',
    why: count(replicas, ({ status }) => status.readyReplicas, 'replicas are ready'),
  },
  {
    resource: 'daemonsets.apps',
    why: count(
      ({ status }) => status.desiredNumberScheduled ?? 0,
      ({ status }) => status.numberReady,
      'Pods are ready',
    ),
  },
  {
    resource: 'jobs.batch',
    why: (job) => {
      const failed = condition(job, 'Failed')
      if (failed) return `failed: ${failed.message}`
      if (job.spec.suspend || condition(job, 'Complete') || (job.status.active ?? 0) > 0) return undefined
      return 'neither complete nor active'
    },
  },
  { resource: 'pods', why: (pod, cluster) => (isSpokenFor(pod, cluster) ? undefined : whyNoPod(pod, cluster)) },
  {
    resource: 'persistentvolumeclaims',
    why: (claim, cluster) => {
      if (claim.status.phase === 'Bound') return undefined
      const told = lastEvent(claim.metadata, cluster)
      // Nobody uses it yet, and then none is made.
      return told?.reason === 'WaitForFirstConsumer'
        ? undefined
        : `${claim.status.phase}: ${told?.message ?? 'nothing is told of it'}`
    },
  },
  {
    resource: 'services',
    why: ({ spec, status }) =>
      spec.type === 'LoadBalancer' && !status.loadBalancer?.ingress?.length
        ? 'has no address of a load balancer'
        : undefined,
  },
  {
    resource: 'customresourcedefinitions.apiextensions.k8s.io',
    why: (definition) =>
      condition(definition, 'Established')?.status === 'True'
        ? undefined
        : `not established: ${condition(definition, 'NamesAccepted')?.message ?? 'nothing is told of it'}`,
  },
]

/** A Job that is complete has got over the Pods that failed it, and one that a CronJob made just now has not begun yet. */
function isSpokenFor({ metadata, status }: Any, cluster: Cluster): boolean {
  const owner = metadata.ownerReferences?.find((one: Any) => one.controller)
  if (owner?.kind !== 'Job') return false
  const job = cluster.objects('jobs.batch').find((one) => one.metadata.uid === owner.uid)
  const ageMs = cluster.epochMs - Date.parse(metadata.creationTimestamp)
  return condition(job, 'Complete')?.status === 'True' || (status.phase === 'Pending' && ageMs < 20_000)
}

function whyNoPod({ metadata, status, spec }: Any, cluster: Cluster): string | undefined {
  if (status.phase === 'Succeeded') return undefined
  if (condition({ status }, 'Ready')?.status === 'True') return whyNotForLong(status, cluster)
  const scheduled = condition({ status }, 'PodScheduled')
  if (scheduled?.status === 'False') return `not scheduled: ${scheduled.message ?? scheduled.reason}`
  if (status.phase === 'Failed' && status.reason) return `${status.reason}: ${status.message ?? ''}`
  for (const one of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
    const { waiting, terminated } = one.state ?? {}
    const last = one.lastState?.terminated
    if (waiting && waiting.reason !== 'PodInitializing') {
      const message =
        waiting.message ?? (waiting.reason === 'ContainerCreating' && lastEvent(metadata, cluster)?.message)
      return `${one.name}: ${waiting.reason}${message ? `: ${message}` : ''}${last ? ` (ended with ${last.exitCode})` : ''}`
    }
    if (terminated && terminated.exitCode !== 0)
      return `${one.name}: ${terminated.reason}, exit code ${terminated.exitCode}`
  }
  const gate = spec.readinessGates?.find(
    ({ conditionType }: Any) => condition({ status }, conditionType)?.status !== 'True',
  )
  if (gate) return `its readiness gate ${gate.conditionType} is not passed`
  return `${status.phase}, not ready`
}

/** It is ready in this moment, but what ended again and again has not run for a minute. */
function whyNotForLong(status: Any, { epochMs }: Cluster): string | undefined {
  const again = status.containerStatuses?.find(
    ({ restartCount, state, lastState }: Any) =>
      restartCount > 2 && lastState?.terminated?.exitCode && epochMs - Date.parse(state.running?.startedAt) < 60_000,
  )
  return (
    again && `${again.name}: restarted ${again.restartCount} times (ended with ${again.lastState.terminated.exitCode})`
  )
}

/** Nothing of the system's own. */
const isOwn = ({ metadata }: KubeObject): boolean =>
  !/^(kube-|ingress-nginx$|nginx-gateway$)/.test(metadata.namespace ?? '')

/** @returns a line for each object that is not up */
export const missing = (cluster: Cluster): string[] =>
  judges.flatMap(({ resource, why }) =>
    cluster
      .objects(resource)
      .filter(isOwn)
      .flatMap((object) => {
        const problem = why(object, cluster)
        return problem === undefined ? [] : [`${object.kind} ${object.metadata.name}: ${problem}`]
      }),
  )
