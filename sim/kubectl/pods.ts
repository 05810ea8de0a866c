/** Which Pod and container a line means: for logs and exec, which take workloads and leave the container out. */
import type { Pod } from '../api/core/pod-types.ts'
import { isMap } from '../api/meta/go-json.ts'
import type { Kind } from '../api/meta/kind.ts'
import { findCondition, type KubeObject, type LabelSelector } from '../api/meta/object.ts'
import type { Wait } from '../runtime/process.ts'
import type { Invocation } from './command.ts'
import { KubectlError } from './errors.ts'
import { type Found, getNamed, selectResources } from './resources.ts'
import { EventQueue } from './waits.ts'

export const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container'

export const podKind = (invocation: Invocation): Kind<Pod> => invocation.resources.find('pods') as unknown as Kind<Pod>

/** What `p`, `pod/p` or `deploy/web` names. @param type of a name without one. @throws StatusError NotFound */
export function findObject(invocation: Invocation, text: string, type = 'pods'): Found {
  const words = text.includes('/') ? [text] : [type, text]
  const [target] = selectResources(invocation, words).targets
  return { kind: target.kind, object: getNamed(invocation, target) }
}

/**
 * A Pod of the object: itself, or the best of those that it selects, which is told when there are several. Waits for the first.
 * @param activity for the refusal: `get the logs from`
 * @throws KubectlError when none has come in time, or the kind selects no Pods
 */
export function* choosePod(
  invocation: Invocation,
  found: Found,
  activity: string,
): Generator<Wait, { pod: Pod; others: readonly Pod[] }, unknown> {
  const { kind, object } = found
  if (kind.kind === 'Pod') return { pod: object as Pod, others: [] }
  const labelSelector = podSelectorOf(found)
  if (typeof labelSelector === 'string')
    throw new KubectlError(`cannot ${activity} *${kind.version}.${kind.kind}: ${labelSelector}`)
  const options = { namespace: object.metadata.namespace ?? '', labelSelector }
  const list = invocation.client.list(podKind(invocation), options)
  const [pod, ...others] = list.items.toSorted(byUsefulness)
  if (pod) return { pod, others }
  const untilMs = invocation.context.nowEpochMs() + invocation.flags.number('pod-running-timeout')
  const events = new EventQueue(invocation.client, podKind(invocation) as never, {
    ...options,
    resourceVersion: list.resourceVersion,
  })
  try {
    for (;;) {
      const event = yield* events.next(invocation.context, untilMs)
      if (!event) throw new KubectlError('timed out waiting for the condition')
      if (event.type === 'ADDED' || event.type === 'MODIFIED') return { pod: event.object as Pod, others: [] }
    }
  } finally {
    events.close()
  }
}

/** As choosePod, and says when there were others. */
export function* choosePodAloud(invocation: Invocation, found: Found, activity: string): Generator<Wait, Pod, unknown> {
  const { pod, others } = yield* choosePod(invocation, found, activity)
  if (others.length > 0) invocation.err(`Found ${others.length + 1} pods, using pod/${pod.metadata.name}\n`)
  return pod
}

/** Kinds whose Pods are found by their selector. Source: k8s.io/kubectl/pkg/polymorphichelpers/helpers.go, SelectorsForObject */
const selecting = ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'ReplicationController', 'Service', 'StatefulSet']

/** The selector of the Pods, or why there is none. */
function podSelectorOf({ kind, object }: Found): LabelSelector | string {
  if (!selecting.includes(kind.kind)) return `selector for *${kind.version}.${kind.kind} not implemented`
  const selector = selectorOf(object)
  const isEmpty = selector === undefined || Object.keys(selector.matchLabels ?? {}).length === 0
  if (kind.kind === 'Service' && isEmpty)
    return `invalid service '${object.metadata.name}': Service is defined without a selector`
  return selector ?? {}
}

/** The selector of a workload or Service; undefined for what has none. */
export function selectorOf(object: KubeObject): LabelSelector | undefined {
  const spec = (object as { spec?: unknown }).spec
  if (!isMap(spec) || !isMap(spec.selector)) return undefined
  // The two kinds that are older than selectors with expressions.
  if (object.kind === 'Service' || object.kind === 'ReplicationController')
    return { matchLabels: spec.selector as Record<string, string> }
  return spec.selector as LabelSelector
}

/** Assigned before unassigned, running before others, ready before not, old before young. Source: podutils.ByLogging */
function byUsefulness(a: Pod, b: Pod): number {
  const rank = (pod: Pod): number =>
    (pod.spec.nodeName ? 0 : 100) +
    (pod.status.phase === 'Running' ? 0 : pod.status.phase === 'Unknown' ? 10 : 20) +
    (findCondition(pod.status.conditions, 'Ready')?.status === 'True' ? 0 : 1)
  const created = (pod: Pod): string => pod.metadata.creationTimestamp
  return rank(a) - rank(b) || (created(a) < created(b) ? -1 : created(a) > created(b) ? 1 : 0)
}

/** Every container's name, those of init and ephemeral containers marked: `web, sidecar, setup (init)`. */
export const containerNames = ({ spec }: Pod): string =>
  [
    ...spec.containers.map(({ name }) => name),
    ...(spec.initContainers ?? []).map(({ name }) => `${name} (init)`),
    ...(spec.ephemeralContainers ?? []).map(({ name }) => `${name} (ephem)`),
  ].join(', ')

/**
 * The container that is meant; without a name the default one, which is told when there are others.
 * @param tell where to, instead of the standard error of who did not ask for silence
 * @throws KubectlError for a name that the Pod does not have
 */
export function chooseContainer(invocation: Invocation, pod: Pod, name: string, tell?: (text: string) => void): string {
  const { spec, metadata } = pod
  const all = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  if (name) {
    if (all.some((container) => container.name === name)) return name
    throw new KubectlError(`container ${name} is not valid for pod ${metadata.name} out of: ${containerNames(pod)}`)
  }
  const annotated = metadata.annotations?.[defaultContainerAnnotation]
  if (annotated && all.some((container) => container.name === annotated)) return annotated
  const [first] = spec.containers
  if (all.length > 1 && (tell || !invocation.flags.bool('quiet'))) {
    const told = `Defaulted container "${first.name}" out of: ${containerNames(pod)}\n`
    if (tell) tell(told)
    else invocation.err(told)
  }
  if (invocation.verbosity >= 4)
    invocation.log('I', 'podcmd.go:84', `Using the first container in a pod: ${first.name}`)
  return first.name
}
