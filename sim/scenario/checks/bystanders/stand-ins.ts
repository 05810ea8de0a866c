/** New Pods that pass for those of what was handed over: a Service sends them requests, or an autoscaler measures them, as if they were. */
import type { Kind } from '../../../api/meta/kind.ts'
import { selectorMatches } from '../../../api/meta/label-selector.ts'
import { controllerOf, type KubeObject, type LabelSelector } from '../../../api/meta/object.ts'
import { kinds } from '../../../api/registry.ts'
import { charge } from '../../../engine/work.ts'
import type { Snapshot } from '../history.ts'
import { keyOf } from './names.ts'

/** What keeps Pods by a selector, and what else is above a Pod. */
const workloads = kindsOf('Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController')
const owners = [...workloads, ...kindsOf('Job', 'CronJob')]
const [pods, services, autoscalers] = kindsOf('Pod', 'Service', 'HorizontalPodAutoscaler') as [Kind, Kind, Kind]

/** Kinds that are looked at here. */
export const keepersOfPods: readonly Kind[] = [pods, services, autoscalers, ...owners]

type Labels = Record<string, string>

type Selecting = KubeObject & {
  spec?: {
    selector?: LabelSelector | Labels
    template?: { metadata?: { labels?: Labels } }
  }
}

type Scaling = KubeObject & { spec?: { scaleTargetRef: { kind: string; name: string } } }

/** Who keeps a Pod: what is above all its controllers, or the Pod itself. */
export interface Keeper {
  kind: Kind
  object: KubeObject
}

/** What was there at the hand-over, by kind and key. */
export type HandedOver = ReadonlySet<string>

const idOf = ({ kind, object }: Keeper): string => `${kind.kind} ${keyOf(object)}`

const allOf = (snapshot: Snapshot, all: readonly Kind[]): Keeper[] =>
  all.flatMap((kind) => snapshot.everywhere(kind.plural).map((object) => ({ kind, object })))

export const handedOver = (snapshot: Snapshot): HandedOver =>
  new Set(allOf(snapshot, [pods, services, ...owners]).map(idOf))

/**
 * Pods that run at this moment and that nothing keeps which was handed over, but which are taken for those of a workload that was and is still there:
 * by a Service that sends requests to its Pods, or by its autoscaler, which knows Pods by the workload's selector. Labels alone do no harm: somebody
 * tries out who may connect.
 * @returns who keeps the Pod, and what takes it for another: `Service/web`
 */
export function standIns(snapshot: Snapshot, before: HandedOver): { keeper: Keeper; of: string }[] {
  const isThere = (one: Keeper): boolean => before.has(idOf(one))
  const byUid = new Map<string | undefined, Keeper>(
    allOf(snapshot, owners).map((owner) => [owner.object.metadata.uid, owner]),
  )
  const keeperOf = (one: Keeper): Keeper => {
    const above = byUid.get(controllerOf(one.object)?.uid)
    return above ? keeperOf(above) : one
  }
  const strangers = allOf(snapshot, [pods])
    .filter((pod) => isRunning(pod.object) && !isThere(pod))
    .map((pod) => ({ pod: pod.object, keeper: keeperOf(pod) }))
    .filter(({ keeper }) => !isThere(keeper))
  if (strangers.length === 0) return []
  const present = allOf(snapshot, workloads).filter((one) => isThere(one) && keeperOf(one) === one)
  const leading = allOf(snapshot, [services]).filter(
    (service) =>
      isThere(service) &&
      present.some(({ object }) => selects(service.object, object.metadata.namespace, labelsOfPods(object))),
  )
  const scaled = new Set(
    (snapshot.everywhere(autoscalers.plural) as Scaling[]).map(
      ({ metadata, spec }) => `${spec?.scaleTargetRef.kind} ${metadata.namespace}/${spec?.scaleTargetRef.name}`,
    ),
  )
  const known = [...leading, ...present.filter((one) => scaled.has(idOf(one)))]
  charge(strangers.length * (1 + known.length))
  return strangers.flatMap(({ pod: { metadata }, keeper }) => {
    const found = known.find(({ object }) => selects(object, metadata.namespace, metadata.labels ?? {}))
    return found ? [{ keeper, of: `${found.kind.kind}/${found.object.metadata.name}` }] : []
  })
}

const labelsOfPods = (workload: Selecting): Labels => workload.spec?.template?.metadata?.labels ?? {}

/** A Service's selector, and a ReplicationController's, is labels alone; one without any means no Pods. */
function selects(
  { metadata, spec: { selector } = {} }: Selecting,
  namespace: string | undefined,
  labels: Labels,
): boolean {
  if (metadata.namespace !== namespace || !selector || Object.keys(selector).length === 0) return false
  const isFull = 'matchLabels' in selector || 'matchExpressions' in selector
  return selectorMatches((isFull ? selector : { matchLabels: selector as Labels }) as LabelSelector, labels)
}

const isRunning = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  !['Succeeded', 'Failed'].includes((pod as KubeObject & { status?: { phase?: string } }).status?.phase ?? '')

/** In the order asked for. */
function kindsOf(...names: string[]): Kind[] {
  return names.map((name) => kinds.find(({ kind }) => kind === name)!)
}
