/** Reads a Pod's whole history from the store's memory. Pure. */
import type { Cluster } from '../../../sim/index.ts'
import type { ContainerMoment, PodHistory, PodMoment } from '../../explorers/pod-history.ts'

interface StatusOfContainer {
  name: string
  restartCount?: number
  started?: boolean
  state?: StateOfContainer
  lastState?: StateOfContainer
}

interface StateOfContainer {
  waiting?: { reason?: string }
  running?: object
  terminated?: { exitCode: number; reason?: string; finishedAt?: string }
}

interface PodWithStatus {
  metadata: { namespace?: string; name: string; deletionTimestamp?: string }
  status?: {
    phase?: string
    conditions?: { type: string; status: string }[]
    containerStatuses?: StatusOfContainer[]
  }
}

interface EventAboutPod {
  type?: string
  reason?: string
  message?: string
  involvedObject?: { kind?: string; namespace?: string; name?: string }
}

/** Every version of the Pod and every event about it since the hand-over. */
export function podHistory(cluster: Cluster, pod: { namespace: string; name: string }): PodHistory {
  const startEpochMs = cluster.epochMs - cluster.nowMs
  const moments = cluster
    .changes('pods')
    .filter(({ object }) => object.metadata.namespace === pod.namespace && object.metadata.name === pod.name)
    .map(({ atMs, type, object }) =>
      momentOf(object as unknown as PodWithStatus, atMs / 1000, type === 'DELETED', startEpochMs),
    )
  const occurrences = cluster.changes('events').flatMap(({ atMs, type, object }) => {
    const event = object as unknown as EventAboutPod
    const about = event.involvedObject
    if (type === 'DELETED' || about?.kind !== 'Pod' || about.name !== pod.name || about.namespace !== pod.namespace)
      return []
    const { reason = '', message = '' } = event
    return [{ atSeconds: Math.max(0, atMs / 1000), type: event.type ?? 'Normal', reason, message }]
  })
  return { endSeconds: cluster.nowMs / 1000, moments, occurrences }
}

function momentOf(pod: PodWithStatus, atSeconds: number, isGone: boolean, startEpochMs: number): PodMoment {
  return {
    atSeconds: Math.max(0, atSeconds),
    isGone,
    isDeleting: pod.metadata.deletionTimestamp !== undefined,
    phase: pod.status?.phase ?? 'Pending',
    isReady: pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
    containers: (pod.status?.containerStatuses ?? []).map((status) => containerOf(status, startEpochMs)),
  }
}

function containerOf(status: StatusOfContainer, startEpochMs: number): ContainerMoment {
  const { waiting, running, terminated } = status.state ?? {}
  const last = status.lastState?.terminated
  return {
    name: status.name,
    state: running ? 'running' : terminated ? 'terminated' : 'waiting',
    reason: waiting?.reason ?? terminated?.reason ?? '',
    exitCode: terminated?.exitCode,
    restarts: status.restartCount ?? 0,
    isStarted: status.started === true,
    last: last && {
      exitCode: last.exitCode,
      reason: last.reason ?? '',
      finishedSeconds: last.finishedAt ? (Date.parse(last.finishedAt) - startEpochMs) / 1000 : 0,
    },
  }
}
