/** New Pods that pass for those of what was handed over: a Service sends them requests, or an autoscaler measures them, as if they were. */
import { selectorMatches } from '../../../api/meta/label-selector.ts'
import type { KubeObject, LabelSelector } from '../../../api/meta/object.ts'
import { charge } from '../../../engine/work.ts'
import type { Snapshot } from '../history.ts'
import { keyOf } from './names.ts'

/** What keeps Pods by a selector, and what makes the Jobs of one: kinds by their resources. */
const workloadKinds: Readonly<Record<string, string>> = {
  deployments: 'Deployment',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  replicasets: 'ReplicaSet',
  replicationcontrollers: 'ReplicationController',
}
const ownerKinds: Readonly<Record<string, string>> = { ...workloadKinds, jobs: 'Job', cronjobs: 'CronJob' }

/** Resources that are looked at here. */
export const keepersOfPods: readonly string[] = [
  'pods',
  'services',
  'horizontalpodautoscalers',
  ...Object.keys(ownerKinds),
]

type Selecting = KubeObject & {
  spec?: {
    selector?: LabelSelector | Record<string, string>
    template?: { metadata?: { labels?: Record<string, string> } }
  }
}

type Scaling = KubeObject & { spec?: { scaleTargetRef: { kind: string; name: string } } }

/** Who keeps a Pod: what is above all its controllers, or the Pod itself. */
export interface Keeper {
  kind: string
  object: KubeObject
}

/** What was there at the hand-over, by kind and key. */
export type HandedOver = ReadonlySet<string>

const idOf = (kind: string, object: KubeObject): string => `${kind} ${keyOf(object)}`

export const handedOver = (snapshot: Snapshot): HandedOver =>
  new Set([
    ...Object.entries(ownerKinds).flatMap(([plural, kind]) =>
      snapshot.everywhere(plural).map((object) => idOf(kind, object)),
    ),
    ...snapshot.everywhere('pods').map((pod) => idOf('Pod', pod)),
    ...snapshot.everywhere('services').map((service) => idOf('Service', service)),
  ])

/**
 * Pods that run at this moment and that nothing keeps which was handed over, but which are taken for those of a workload that was and is still there:
 * by a Service that sends requests to its Pods, or by its autoscaler, which knows Pods by the workload's selector. Labels alone do no harm: somebody
 * tries out who may connect.
 * @returns who keeps the Pod, and what takes it for another: `Service/web`
 */
export function standIns(snapshot: Snapshot, before: HandedOver): { keeper: Keeper; of: string }[] {
  const owners = new Map(
    Object.entries(ownerKinds).flatMap(([plural, kind]) =>
      snapshot.everywhere(plural).map((object) => [object.metadata.uid!, { kind, object }] as const),
    ),
  )
  const keeperOf = (one: Keeper): Keeper => {
    const uid = one.object.metadata.ownerReferences?.find(({ controller }) => controller)?.uid
    const above = uid === undefined ? undefined : owners.get(uid)
    return above ? keeperOf(above) : one
  }
  const strangers = snapshot
    .everywhere('pods')
    .filter((pod) => isRunning(pod) && !before.has(idOf('Pod', pod)))
    .map((pod) => ({ pod, keeper: keeperOf({ kind: 'Pod', object: pod }) }))
    .filter(({ keeper: { kind, object } }) => !before.has(idOf(kind, object)))
  if (strangers.length === 0) return []
  const workloads = Object.entries(workloadKinds).flatMap(([plural, kind]) =>
    (snapshot.everywhere(plural) as Selecting[])
      .filter((object) => before.has(idOf(kind, object)) && keeperOf({ kind, object }).object === object)
      .map((object) => ({ kind, object })),
  )
  const services = (snapshot.everywhere('services') as Selecting[]).filter(
    (service) =>
      before.has(idOf('Service', service)) &&
      workloads.some(
        ({ object: { metadata, spec } }) =>
          metadata.namespace === service.metadata.namespace && selects(service, spec?.template?.metadata?.labels ?? {}),
      ),
  )
  const scaled = new Set(
    (snapshot.everywhere('horizontalpodautoscalers') as Scaling[]).map(
      ({ metadata, spec }) => `${spec?.scaleTargetRef.kind} ${metadata.namespace}/${spec?.scaleTargetRef.name}`,
    ),
  )
  const known = [
    ...services.map((object) => ({ kind: 'Service', object })),
    ...workloads.filter(({ kind, object }) => scaled.has(idOf(kind, object))),
  ]
  charge(strangers.length * (1 + known.length))
  return strangers.flatMap(({ pod, keeper }) => {
    const found = known.find(
      ({ object }) =>
        object.metadata.namespace === pod.metadata.namespace && selects(object, pod.metadata.labels ?? {}),
    )
    return found ? [{ keeper, of: `${found.kind}/${found.object.metadata.name}` }] : []
  })
}

/** A Service's selector, and a ReplicationController's, is labels alone; one without any means no Pods. */
function selects({ spec: { selector } = {} }: Selecting, labels: Record<string, string>): boolean {
  if (!selector || Object.keys(selector).length === 0) return false
  const isFull = 'matchLabels' in selector || 'matchExpressions' in selector
  return selectorMatches(
    (isFull ? selector : { matchLabels: selector as Record<string, string> }) as LabelSelector,
    labels,
  )
}

const isRunning = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  !['Succeeded', 'Failed'].includes((pod as KubeObject & { status?: { phase?: string } }).status?.phase ?? '')
