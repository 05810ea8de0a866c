/**
 * What is wrong with a cluster, in words: from a symptom (a Pod that is not ready, a Service without endpoints) down to its
 * cause. Each finding has a name, to which hints can be bound.
 */

import { daemonSets } from '../api/apps/daemon-set.ts'
import { replicaSets } from '../api/apps/replica-set.ts'
import { statefulSets } from '../api/apps/stateful-set.ts'
import { jobs } from '../api/batch/job.ts'
import { events as eventKind } from '../api/core/event.ts'
import { nodes } from '../api/core/node.ts'
import { pods } from '../api/core/pod.ts'
import type { Container, ContainerStatus, Pod, Probe } from '../api/core/pod-types.ts'
import { services } from '../api/core/service.ts'
import type { Event, Service } from '../api/core/types.ts'
import type { Kind } from '../api/meta/kind.ts'
import { selectorMatches } from '../api/meta/label-selector.ts'
import { findCondition, type KubeObject } from '../api/meta/object.ts'
import { inWords, missingRule } from '../apiserver/request.ts'
import type { LiveCluster } from '../cluster.ts'
import { said } from '../engine/said.ts'

/** Every cause that can be found: what hints and mistakes may be bound to. */
export const causeNames = [
  'image-not-found',
  'container-crashes',
  'container-completes',
  'config-missing',
  'readiness-fails',
  'liveness-fails',
  'startup-fails',
  'unschedulable',
  'volume-missing',
  'selector-matches-no-pod',
  'no-ready-endpoint',
  'target-port-not-listening',
  'node-not-ready',
  'create-refused',
  'request-forbidden',
] as const

export type CauseName = (typeof causeNames)[number]

export interface Finding {
  cause: CauseName
  /** `Pod/web-7d9…`: what shows the symptom. */
  object: string
  /** From the symptom to the cause. */
  chain: Link[]
}

/** A step from a symptom to its cause: a sentence, and since when the cluster has shown it, where an object or an event tells. */
export interface Link {
  text: string
  sinceMs?: number
}

/**
 * Everything that is wrong in the run's namespace now, causes after what they lead to: the last is the root. One finding for Pods alike.
 */
export function diagnose(cluster: LiveCluster): Finding[] {
  const namespace = cluster.namespace
  const { server } = cluster
  const all = server.storedList(pods, namespace)
  const told = server.storedList(eventKind, namespace)
  const ofPods = new Map(
    all
      .filter((pod) => !pod.metadata.deletionTimestamp)
      .map((pod) => [pod.metadata.name, diagnosePod(pod, told, cluster)] as const),
  )
  const downSince = new Map(
    server.storedList(nodes).flatMap(({ metadata: { name }, status: { conditions } }) => {
      const ready = findCondition(conditions, 'Ready')
      return ready?.status === 'True' ? [] : [[name, ready?.lastTransitionTime] as const]
    }),
  )
  /** What keeps the Pods of a Service from being ready is told of them or of their node. */
  const isExplained = (service: Service): boolean =>
    selectedPods(service, all).some(
      ({ metadata, spec }) => ofPods.get(metadata.name)?.length || downSince.has(spec.nodeName ?? ''),
    )
  const ofServices = server.storedList(services, namespace).map((service) => ({
    findings: diagnoseService(service, all, cluster),
    isExplained: isExplained(service),
  }))
  const findings = [
    ...ofServices.flatMap((service) => (service.isExplained ? service.findings : [])),
    ...[...ofPods.values()].flat(),
    ...server.storedList(replicaSets, namespace).flatMap((replicaSet) => {
      const failure = findCondition(replicaSet.status.conditions, 'ReplicaFailure')
      if (failure?.status !== 'True') return []
      const name = replicaSet.metadata.name
      return [
        finding(
          'create-refused',
          `ReplicaSet/${name}`,
          said`ReplicaSet ${name} can't create its Pods.`,
          since(cluster, failure.lastTransitionTime, said`The API server refuses them: ${failure.message}.`),
        ),
      ]
    }),
    ...diagnoseUnmade(cluster, told),
    ...[...downSince].map(([name, time]) =>
      finding('node-not-ready', `Node/${name}`, since(cluster, time, said`Node ${name} is not ready.`)),
    ),
    ...ofServices.flatMap((service) => (service.isExplained ? [] : service.findings)),
    ...diagnoseRefusals(cluster),
  ]
  return distinct(findings)
}

/** Controllers without a condition for it tell in events that their Pods are refused; the last word counts. */
function diagnoseUnmade(cluster: LiveCluster, told: readonly Event[]): Finding[] {
  const { server, namespace } = cluster
  const owners = [statefulSets, daemonSets, jobs].flatMap((kind): KubeObject[] =>
    server.storedList<KubeObject>(kind as unknown as Kind, namespace),
  )
  return owners.flatMap(({ kind, metadata: { name, uid } }) => {
    const own = told.filter(({ involvedObject }) => involvedObject.uid === uid)
    const last = (reason: string): Event | undefined =>
      own
        .filter((event) => event.reason === reason)
        .sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
        .at(-1)
    const failure = last('FailedCreate')
    const success = last('SuccessfulCreate')
    if (!failure || (success && timeOf(success) > timeOf(failure))) return []
    return [
      finding(
        'create-refused',
        `${kind}/${name}`,
        said`${kind} ${name} can't create its Pods.`,
        since(cluster, beganAt(failure), said`The API server refuses them: ${failure.message}.`),
      ),
    ]
  })
}

const timeOf = ({ lastTimestamp }: Event): string => lastTimestamp ?? ''

/** Requests of people and of the namespace's service accounts that were refused, and would be now. */
function diagnoseRefusals({ server, namespace }: LiveCluster): Finding[] {
  return server.refusedRequests().flatMap((request) => {
    const { name } = request.user
    const [, home, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? []
    const isOfInterest = home === namespace || (home === undefined && !name.startsWith('system:'))
    if (!isOfInterest || server.authorization.authorize(request).allowed) return []
    return [
      finding(
        'request-forbidden',
        account === undefined ? `User/${name}` : `ServiceAccount/${account}`,
        said`The API server refused ${name} to ${inWords(request)}.`,
        missingRule(request),
      ),
    ]
  })
}

const finding = (cause: CauseName, object: string, ...chain: (string | Link)[]): Finding => ({
  cause,
  object,
  chain: chain.map((link) => (typeof link === 'string' ? { text: link } : link)),
})

/** The step with its moment. @param time of an object or an event, in whole seconds: what happened then shows a second later for sure */
function since(cluster: LiveCluster, time: string | undefined, text: string): Link {
  const agoMs = cluster.epochMs - Date.parse(time ?? '')
  return Number.isNaN(agoMs)
    ? { text }
    : { text, sinceMs: Math.min(Math.max(0, cluster.nowMs - agoMs + 1000), cluster.nowMs) }
}

const beganAt = (event: Event | undefined): string | undefined =>
  event?.firstTimestamp ?? event?.eventTime ?? event?.lastTimestamp ?? undefined

function diagnosePod(pod: Pod, events: readonly Event[], cluster: LiveCluster): Finding[] {
  const name = pod.metadata.name
  const object = `Pod/${name}`
  const own = events.filter((event) => event.involvedObject.uid === pod.metadata.uid)
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])]
  if (findCondition(pod.status.conditions, 'Ready')?.status === 'True')
    return statuses
      .filter((status) => isBetweenEnds(status, cluster.epochMs))
      .flatMap((status) => diagnoseContainer(pod, status, own, cluster))
  if (!pod.spec.nodeName) {
    const scheduled = findCondition(pod.status.conditions, 'PodScheduled')
    return scheduled?.message
      ? [
          finding(
            'unschedulable',
            object,
            since(cluster, scheduled.lastTransitionTime, said`${name} is Pending: no node was found for it.`),
            said`The scheduler says: ${scheduled.message}`,
          ),
        ]
      : []
  }
  const findings = statuses.flatMap((status) => diagnoseContainer(pod, status, own, cluster))
  if (findings.length > 0) return findings
  const mount = own.findLast((event) => event.reason === 'FailedMount')
  return mount
    ? [
        finding(
          'volume-missing',
          object,
          said`${name} waits for its volumes.`,
          since(cluster, beganAt(mount), said`The kubelet says: ${mount.message}`),
        ),
      ]
    : []
}

/** Whether the container is done for good when it has ended well. */
function mayEnd({ spec }: Pod, name: string): boolean {
  const init = spec.initContainers?.find((container) => container.name === name)
  return init ? init.restartPolicy !== 'Always' : spec.restartPolicy !== 'Always'
}

/** It runs, and has not yet done so for longer than the last time: nothing says that it ends differently. */
function isBetweenEnds({ state: { running }, lastState, restartCount }: ContainerStatus, epochMs: number): boolean {
  const last = lastState.terminated
  if (!running || !last || restartCount < 2) return false
  const lastMs = last.reason === 'StartError' ? 0 : timeBetween(last.startedAt, last.finishedAt)
  // Times of containers are told in whole seconds.
  return epochMs - Date.parse(running.startedAt) <= lastMs + 1000
}

/** In milliseconds; 0 when one of them is not told. */
const timeBetween = (from = '', to = ''): number => Date.parse(to) - Date.parse(from) || 0

function diagnoseContainer(
  pod: Pod,
  status: ContainerStatus,
  events: readonly Event[],
  cluster: LiveCluster,
): Finding[] {
  const name = pod.metadata.name
  const object = `Pod/${name}`
  const container = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find(
    (candidate) => candidate.name === status.name,
  )
  const { waiting, terminated, running } = status.state
  const reason = waiting?.reason ?? ''
  if (/ImagePull|InvalidImageName|ErrImageNeverPull/.test(reason)) {
    const pull = events.findLast((event) => event.message.includes('Failed to pull image'))
    const why = pull?.message ?? waiting?.message ?? ''
    return [
      finding(
        'image-not-found',
        object,
        said`${name} is not running: container ${status.name} waits with ${reason}.`,
        since(cluster, beganAt(pull), said`Its image ${container?.image ?? ''} can't be had: ${why}`),
      ),
    ]
  }
  const refused = events.find((event) => event.reason === 'Failed' && event.message === `Error: ${waiting?.message}`)
  if (/CreateContainerConfigError/.test(reason)) {
    return [
      finding(
        'config-missing',
        object,
        said`${name} is not running: container ${status.name} can't be made.`,
        since(cluster, beganAt(refused), said`The kubelet says: ${waiting?.message ?? ''}`),
      ),
    ]
  }
  if (/^(Run|Create)ContainerError$/.test(reason)) {
    return [
      finding(
        'container-crashes',
        object,
        said`${name} is not running: container ${status.name} can't be started.`,
        since(cluster, beganAt(refused), said`The container runtime says: ${waiting?.message ?? ''}`),
      ),
    ]
  }
  const killed = events.findLast(
    (event) => event.reason === 'Killing' && /failed (liveness|startup) probe/.test(event.message),
  )
  const failed = probeFailure(container, events, cluster, pod)
  if (killed && failed) {
    const which = killed.message.includes('startup') ? 'startup' : 'liveness'
    return [
      finding(
        which === 'startup' ? 'startup-fails' : 'liveness-fails',
        object,
        since(cluster, beganAt(killed), said`${name} is restarted again and again (${status.restartCount} times).`),
        said`Its ${which} probe fails, so the kubelet kills container ${status.name}.`,
        ...failed,
      ),
    ]
  }
  const last = terminated ?? status.lastState.terminated
  const isClean = last?.exitCode === 0
  if (terminated && isClean && mayEnd(pod, status.name)) return []
  const isBetween = isBetweenEnds(status, cluster.epochMs)
  if (last && (reason === 'CrashLoopBackOff' || terminated || isBetween)) {
    const log = lastLines(cluster, pod, status)
    return [
      finding(
        isClean ? 'container-completes' : 'container-crashes',
        object,
        isBetween
          ? said`${name} does not stay up: container ${status.name} has been restarted ${status.restartCount} times.`
          : reason === 'CrashLoopBackOff'
            ? said`${name} is not ready: container ${status.name} is in CrashLoopBackOff after ${status.restartCount} restarts.`
            : said`${name} is not ready: container ${status.name} has ended.`,
        since(
          cluster,
          last.finishedAt,
          last.reason === 'StartError'
            ? said`It could not be started: ${last.message ?? ''}`
            : isClean
              ? said`It ended with exit code ${last.exitCode} (${last.reason ?? ''}), and restartPolicy Always starts it again.`
              : said`It ended with exit code ${last.exitCode} (${last.reason ?? ''}).`,
        ),
        ...(log ? [said`The last it said: ${log}`] : []),
      ),
    ]
  }
  if (running && !status.ready && failed) {
    return [
      finding(
        'readiness-fails',
        object,
        said`${name} is running and not ready: its ${status.started ? 'readiness' : 'startup'} probe fails.`,
        ...failed,
      ),
    ]
  }
  return []
}

/** What the probe asks, what came back, and what the container listens on. */
function probeFailure(
  container: Container | undefined,
  events: readonly Event[],
  cluster: LiveCluster,
  pod: Pod,
): (string | Link)[] | undefined {
  const unhealthy = events.findLast((event) => event.reason === 'Unhealthy')
  if (!unhealthy || !container) return undefined
  const probe = unhealthy.message.startsWith('Liveness')
    ? container.livenessProbe
    : unhealthy.message.startsWith('Startup')
      ? container.startupProbe
      : container.readinessProbe
  const asked = probe ? portOf(probe, container) : undefined
  const { listening, local } = listeningPorts(cluster, pod)
  return [
    since(cluster, beganAt(unhealthy), said`The kubelet says: ${unhealthy.message.trim()}`),
    ...(asked && listening.length > 0 && !listening.includes(asked)
      ? [said`The probe asks port ${asked}, and the container listens on ${listening.join(', ')}.`]
      : []),
    ...(asked && local.includes(asked)
      ? [said`The container listens on port ${asked} at 127.0.0.1 alone, and the probe comes from outside of the Pod.`]
      : []),
  ]
}

function portOf(probe: Probe, container: Container): number | undefined {
  const port = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port
  if (typeof port === 'number') return port
  return container.ports?.find((candidate) => candidate.name === port)?.containerPort
}

/** Ports that something in the Pod's sandbox accepts connections on, of those worth a guess; `local` are those at its loopback address alone. */
function listeningPorts(cluster: LiveCluster, pod: Pod): { listening: number[]; local: number[] } {
  const network = cluster.network.sandbox({ namespace: pod.metadata.namespace ?? '', name: pod.metadata.name })
  const listening = [...(network?.listeningPorts() ?? [])]
  return { listening, local: listening.filter((port) => network?.isLocal(port)) }
}

function lastLines(cluster: LiveCluster, pod: Pod, status: ContainerStatus): string {
  const text = cluster.nodes.lastLog(pod, status.name)
  const lines = text.trimEnd().split('\n').slice(-2)
  return lines.join(' / ').slice(0, 300)
}

/** None for a Service without a selector. */
function selectedPods({ spec: { selector } }: Service, all: readonly Pod[]): Pod[] {
  if (!selector || Object.keys(selector).length === 0) return []
  return all.filter(
    (pod) => selectorMatches({ matchLabels: selector }, pod.metadata.labels) && !pod.metadata.deletionTimestamp,
  )
}

function diagnoseService(service: Service, all: readonly Pod[], cluster: LiveCluster): Finding[] {
  const { selector, ports = [], type } = service.spec
  const name = service.metadata.name
  const object = `Service/${name}`
  if (!selector || type === 'ExternalName' || Object.keys(selector).length === 0) return []
  const selected = selectedPods(service, all)
  const wanted = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  if (selected.length === 0) {
    return [
      finding(
        'selector-matches-no-pod',
        object,
        said`Service ${name} has no endpoints.`,
        said`Its selector ${wanted} matches no Pod.`,
      ),
    ]
  }
  const ready = selected.filter((pod) => findCondition(pod.status.conditions, 'Ready')?.status === 'True')
  if (ready.length === 0) {
    return [
      finding(
        'no-ready-endpoint',
        object,
        said`Service ${name} has no ready endpoint.`,
        said`Its selector ${wanted} matches ${selected.length} Pod(s), and none of them is ready.`,
      ),
    ]
  }
  return ports.flatMap((port) => {
    const pod = ready[0]
    const target =
      typeof port.targetPort === 'number'
        ? port.targetPort
        : pod.spec.containers
            .flatMap((container) => container.ports ?? [])
            .find((candidate) => candidate.name === port.targetPort)?.containerPort
    const { listening, local } = listeningPorts(cluster, pod)
    const isLocal = target !== undefined && local.includes(target)
    if (target !== undefined && listening.includes(target) && !isLocal) return []
    if (listening.length === 0) return []
    return [
      finding(
        'target-port-not-listening',
        object,
        said`Service ${name} leads nowhere: connections to its port ${port.port} are refused.`,
        target === undefined
          ? said`No container of ${pod.metadata.name} has a port named ${port.targetPort}.`
          : isLocal
            ? said`It sends them to port ${target} of its Pods, and ${pod.metadata.name} listens on it at 127.0.0.1 alone, which nobody outside of the Pod reaches.`
            : said`It sends them to port ${target} of its Pods, and ${pod.metadata.name} listens on ${listening.join(', ')}.`,
      ),
    ]
  })
}

/** Pods of one owner that fail alike are told once. */
function distinct(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ cause, object, chain }) => {
    const alike = `${cause} ${object.replace(/-[a-z0-9]{5}$/, '')} ${chain.at(-1)?.text.replace(/\d+/g, '')}`
    if (seen.has(alike)) return false
    seen.add(alike)
    return true
  })
}
