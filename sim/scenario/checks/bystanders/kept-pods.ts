/** Pods that have to stay, and what has become of them. */
import type { Kind } from '../../../api/meta/kind.ts'
import { controllerOf, type KubeObject } from '../../../api/meta/object.ts'
import { kinds } from '../../../api/registry.ts'
import { said } from '../../../engine/said.ts'
import type { Snapshot } from '../history.ts'
import { calledIn } from './names.ts'

/**
 * The Pods that run at this moment and whose end is somebody's doing: none on a node that is lost, which are evicted; none of a Job, which end by
 * themselves, of a node's files, which no request ends, or of what an autoscaler scales. What may be changed may also have other Pods.
 */
export function keptPods(
  snapshot: Snapshot,
  scaled: ReadonlySet<string>,
  isExcepted: (called: string) => boolean,
): ReadonlySet<KubeObject> {
  const owners = new Map<string, { kind: Kind; object: KubeObject; isOwn: boolean }>()
  for (const kind of kinds.filter(({ kind }) => controllers.has(kind))) {
    const own = new Set(snapshot.objects(kind.plural))
    for (const object of snapshot.everywhere(kind.plural))
      owners.set(object.metadata.uid!, { kind, object, isOwn: own.has(object) })
  }
  const isOfThese = (object: KubeObject): boolean => {
    const owner = controllerOf(object)
    if (!owner) return true
    const found = owners.get(owner.uid)
    // Of a Job, of a node, or of nobody any more.
    if (!found) return false
    const { kind, object: above, isOwn } = found
    const { name, namespace = '' } = above.metadata
    if (scaled.has(`${kind.kind} ${namespace} ${name}`) || isExcepted(calledIn(kind, above, isOwn))) return false
    return isOfThese(above)
  }
  const ready = readyNodes(snapshot)
  const isRunning = (pod: KubeObject): boolean =>
    statusOf(pod).phase === 'Running' && ready.has((pod as unknown as PlacedPod).spec.nodeName ?? '')
  return new Set(snapshot.everywhere('pods').filter((pod) => isRunning(pod) && isOfThese(pod)))
}

/** What keeps a number of Pods for as long as it is there. */
const controllers: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'])

/** @returns names of the nodes that are ready */
export const readyNodes = (snapshot: Snapshot): ReadonlySet<string> =>
  new Set(
    snapshot.everywhere('nodes').flatMap((node) => {
      const { conditions } = statusOf(node)
      return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ? [node.metadata.name] : []
    }),
  )

/**
 * What has become of a Pod that had to stay; nothing, where it is as it was. A container that had been restarted before may be so again: whatever
 * ended it may go on. One that had run from its beginning was ended by somebody.
 */
export function lossOf(pod: KubeObject, now: KubeObject, called: string): string | undefined {
  if (now.metadata.uid !== pod.metadata.uid) return said`${called} was made anew`
  const { restartPolicy = 'Always' } = (pod as unknown as PlacedPod).spec
  if (restartPolicy === 'Always' && ['Succeeded', 'Failed'].includes(statusOf(now).phase ?? ''))
    return said`${called} was ended`
  const restarts = new Map(containersOf(now).map(({ name, restartCount }) => [name, restartCount]))
  const ended = containersOf(pod).find(
    ({ name, restartCount, state }) => restartCount === 0 && state?.running && (restarts.get(name) ?? 0) > 0,
  )
  if (ended) return said`${called} has a container that was restarted: ${ended.name}`
  const [owner, own] = [controllerOf(pod), controllerOf(now)].map((one) => one && `${one.kind}/${one.name}`)
  if (owner === own) return undefined
  return own ? said`${called} was given to ${own}` : said`${called} was taken from ${owner}`
}

interface PlacedPod {
  spec: { nodeName?: string; restartPolicy?: string }
}

interface ContainerStatus {
  name: string
  restartCount: number
  state?: { running?: object }
}

interface Status {
  phase?: string
  conditions?: { type: string; status: string }[]
  containerStatuses?: ContainerStatus[]
  initContainerStatuses?: ContainerStatus[]
}

const statusOf = (object: KubeObject): Status => (object as KubeObject & { status?: Status }).status ?? {}

const containersOf = (pod: KubeObject): ContainerStatus[] => {
  const { containerStatuses = [], initContainerStatuses = [] } = statusOf(pod)
  return [...initContainerStatuses, ...containerStatuses]
}
