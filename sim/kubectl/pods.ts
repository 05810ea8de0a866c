/** Which Pod and container a line means: for logs and exec, which take workloads and leave the container out. */
import type { Pod } from '../api/core/pod-types.ts'
import type { Kind } from '../api/meta/kind.ts'
import { findCondition, type KubeObject, type LabelSelector } from '../api/meta/object.ts'
import type { Invocation } from './command.ts'
import { KubectlError } from './errors.ts'
import { isMap } from './printers/json.ts'
import { shownName } from './resources.ts'

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container'

export const podKind = (invocation: Invocation): Kind<Pod> => invocation.resources.find('pods') as unknown as Kind<Pod>

/**
 * The Pod of `p`, `pod/p` or `deploy/web`. Of several Pods the best is taken and told.
 * @throws StatusError NotFound
 */
export function findPod(invocation: Invocation, text: string): Pod {
  const pods = findPods(invocation, text)
  if (pods.length === 0) throw new KubectlError('timed out waiting for the condition')
  const [best] = pods.toSorted(byUsefulness)
  if (pods.length > 1) invocation.err(`Found ${pods.length} pods, using pod/${best.metadata.name}\n`)
  return best
}

/** Every Pod of `p`, `pod/p` or `deploy/web`. */
export function findPods(invocation: Invocation, text: string): readonly Pod[] {
  const [type, name] = text.includes('/') ? text.split('/') : ['pods', text]
  const kind = invocation.resources.find(type)
  const object = invocation.client.get(kind, { namespace: kind.isNamespaced ? invocation.namespace : '', name })
  if (kind.kind === 'Pod') return [object as Pod]
  const labelSelector = selectorOf(object)
  if (!labelSelector) throw new KubectlError(`${shownName(kind, name)} selects no pods`)
  return invocation.client.list(podKind(invocation), { namespace: invocation.namespace, labelSelector }).items
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
const containerNames = ({ spec }: Pod): string =>
  [
    ...spec.containers.map(({ name }) => name),
    ...(spec.initContainers ?? []).map(({ name }) => `${name} (init)`),
    ...(spec.ephemeralContainers ?? []).map(({ name }) => `${name} (ephem)`),
  ].join(', ')

/**
 * The container that is meant; without a name the default one, which is told when there are others.
 * @throws KubectlError for a name that the Pod does not have
 */
export function chooseContainer(invocation: Invocation, pod: Pod, name: string): string {
  const { spec, metadata } = pod
  const all = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  if (name) {
    if (all.some((container) => container.name === name)) return name
    throw new KubectlError(`container ${name} is not valid for pod ${metadata.name} out of: ${containerNames(pod)}`)
  }
  const annotated = metadata.annotations?.[DEFAULT_CONTAINER]
  if (annotated && all.some((container) => container.name === annotated)) return annotated
  const [first] = spec.containers
  if (all.length > 1) invocation.err(`Defaulted container "${first.name}" out of: ${containerNames(pod)}\n`)
  return first.name
}
