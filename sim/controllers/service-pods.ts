/** Which Pods stand behind a Service, and at which port. Source: kubernetes/pkg/controller/util/endpoint */
import type { Container, Pod } from '../api/core/pod-types.ts'
import type { Service, ServicePort } from '../api/core/types.ts'
import { equalJson } from '../api/meta/json.ts'
import { type KubeObject, keyOf, keyText } from '../api/meta/object.ts'
import type { SharedInformer } from '../client/informer.ts'
import { charge } from '../engine/work.ts'
import { isFinished, isReady, readyCondition } from './pod-state.ts'

export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'
export const HEADLESS = 'service.kubernetes.io/headless'

export const isHeadless = (service: Service): boolean => service.spec.clusterIP === 'None'

/** A selector of a Service is a map of labels; an empty one selects nothing. */
export function selects(service: Service, labels: Readonly<Record<string, string>> | undefined): boolean {
  const selector = service.spec.selector
  if (!selector) return false
  let isEmpty = true
  for (const key in selector) {
    isEmpty = false
    if (labels?.[key] !== selector[key]) return false
  }
  return !isEmpty
}

export const hasSelector = (service: Service): boolean =>
  service.spec.type !== 'ExternalName' && Object.keys(service.spec.selector ?? {}).length > 0

/** Has an address and is not finished; one that is being deleted counts if asked for. */
export function isBehind(pod: Pod, includeTerminating: boolean): boolean {
  if (isFinished(pod) || !pod.status.podIP) return false
  return includeTerminating || pod.metadata.deletionTimestamp === undefined
}

/** The container port that a Service's port means in this Pod; undefined when it has none of that name. */
export function portIn(pod: Pod, { targetPort, protocol }: ServicePort): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  charge(pod.spec.containers.length + sidecars.length)
  for (const { ports = [] } of [...pod.spec.containers, ...sidecars] as Container[]) {
    charge(ports.length / 32)
    const named = ports.find((port) => port.name === targetPort && (port.protocol ?? 'TCP') === protocol)
    if (named) return named.containerPort
  }
  return undefined
}

/** The name that DNS gives the Pod under this Service, if any. */
export const hostnameFor = (pod: Pod, service: Service): string | undefined =>
  pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? pod.spec.hostname : undefined

/**
 * Milliseconds in which changes of a Service's Pods gather before its endpoints are written again: the more there are, the
 * longer a reconcile takes. None for small Services.
 */
export const gatherMs = (pods: number): number => Math.floor(pods / 50)

/** Calls `enqueue` with the key of each Service whose endpoints the change of a Pod may alter. */
export function createPodHandlers(services: SharedInformer<Service>, enqueue: (key: string) => void) {
  const forEach = (pod: Pod, act: (key: string) => void): void => {
    const all = services.list(pod.metadata.namespace)
    charge(all.length)
    for (const service of all) {
      if (selects(service, pod.metadata.labels)) act(keyText(keyOf(service)))
    }
  }
  const onAny = (pod: Pod): void => forEach(pod, enqueue)
  return {
    onAdd: onAny,
    onDelete: onAny,
    onUpdate(pod: Pod, old: Pod): void {
      const haveLabelsChanged =
        pod.metadata.labels !== old.metadata.labels && !equalJson(pod.metadata.labels, old.metadata.labels)
      if (!haveLabelsChanged && !isEndpointChanged(pod, old)) return
      onAny(pod)
      if (haveLabelsChanged) onAny(old)
    },
  }
}

function isEndpointChanged(pod: Pod, old: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    isReady(pod) !== isReady(old) ||
    isFinished(pod) !== isFinished(old) ||
    pod.status.podIP !== old.status.podIP ||
    pod.spec.nodeName !== old.spec.nodeName ||
    pod.spec.hostname !== old.spec.hostname ||
    pod.spec.subdomain !== old.spec.subdomain
  )
}

/**
 * Tells what moment made the endpoints change: the earliest new readiness change of a Pod, or the Service's creation.
 * Proxies measure their lag by it. Source: endpointslice/trigger-time-tracker
 */
export class TriggerTimes {
  private readonly states = new Map<string, { pods: Map<string, string>; service: string }>()

  /** RFC 3339, or undefined when nothing of that changed since the last call. */
  next(service: Service, pods: readonly Pod[]): string | undefined {
    const key = keyText(keyOf(service))
    const before = this.states.get(key)
    let earliest: string | undefined
    const consider = (time: string, known: string | undefined): void => {
      if ((known === undefined || time > known) && (earliest === undefined || time < earliest)) earliest = time
    }
    const podTimes = new Map<string, string>()
    for (const pod of pods) {
      const time = readyCondition(pod)?.lastTransitionTime
      if (!time) continue
      podTimes.set(pod.metadata.name, time)
      consider(time, before?.pods.get(pod.metadata.name))
    }
    consider(service.metadata.creationTimestamp, before?.service)
    this.states.set(key, { pods: podTimes, service: service.metadata.creationTimestamp })
    return earliest
  }

  forget(key: string): void {
    this.states.delete(key)
  }
}

/** The object's annotations with the trigger time set, or taken out when there is none. */
export function withTriggerTime(
  object: KubeObject | undefined,
  time: string | undefined,
): Record<string, string> | undefined {
  const { [TRIGGER_TIME]: _former, ...others } = object?.metadata.annotations ?? {}
  const annotations = time ? { ...others, [TRIGGER_TIME]: time } : others
  return Object.keys(annotations).length > 0 ? annotations : undefined
}
