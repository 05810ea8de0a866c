/** What people decide of an object: how it is told whether somebody changed it. */
import type { Kind } from '../../../api/meta/kind.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import { chargeText } from '../../../engine/work.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * What people decide of an object, by kind; of kinds that are not here everything but metadata and status. What controllers write into a spec
 * is left out, and annotations are nobody's decision, but for those of a Pod template: all its Pods get them. A restart is none.
 */
const decided: Readonly<Record<string, (object: Fields) => unknown>> = {
  Namespace: () => null,
  // A Pod comes back with another node, and with the name of another token: what it runs is what it is.
  // How long it may run is part of it: whoever bounds that ends it.
  Pod({ spec }) {
    const { containers, activeDeadlineSeconds } = spec as { containers: Fields[]; activeDeadlineSeconds?: number }
    return [
      ...containers.map(({ name, image, command, args }) => ({ name, image, command, args })),
      ...(activeDeadlineSeconds === undefined ? [] : [{ activeDeadlineSeconds }]),
    ]
  },
  // What is gathered from other roles is theirs.
  ClusterRole: ({ aggregationRule, rules }) => (aggregationRule ? { aggregationRule } : { rules }),
  // One that is made again gets another address.
  Service: ({ spec }) => {
    const { clusterIP, clusterIPs: _, ...rest } = spec as Fields
    return { ...rest, isHeadless: clusterIP === 'None' }
  },
  StorageClass: ({ metadata, kind: _, apiVersion: __, ...rest }) => ({
    ...rest,
    isDefault: (metadata as { annotations?: Record<string, string> }).annotations?.[defaultClass],
  }),
  Node: ({ spec }) => {
    const { unschedulable = false, taints = [] } = spec as { unschedulable?: boolean; taints?: Taint[] }
    return { unschedulable, taints: taints.filter((taint) => !isTaintOfCluster(taint)) }
  },
  PersistentVolumeClaim: ({ spec }) => (spec as { resources?: unknown }).resources,
  PersistentVolume: ({ spec }) => {
    const { claimRef: _, ...rest } = spec as Fields
    return rest
  },
  ...Object.fromEntries(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) => [kind, ofTemplate])),
}

function ofTemplate({ spec }: Fields): unknown {
  const { template, ...rest } = spec as { template: Pick<KubeObject, 'metadata'> & { spec: unknown } }
  const { labels, annotations } = template.metadata
  return { ...rest, template: { labels, ...annotationsOfPeople(annotations, [restartedAt]), spec: template.spec } }
}

/** By which `kubectl rollout restart` makes new Pods of the same kind. */
const restartedAt = 'kubectl.kubernetes.io/restartedAt'

const defaultClass = 'storageclass.kubernetes.io/is-default-class'

interface Taint {
  key: string
  effect: string
}

/** What the node lifecycle controller and kubelets say of a node by a taint. Source: https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const isTaintOfCluster = ({ key, effect }: Taint): boolean =>
  /^node\.kubernetes\.io\/(?:not-ready|unreachable)$/.test(key)
    ? effect !== 'PreferNoSchedule'
    : effect === 'NoSchedule' &&
      /^node\.kubernetes\.io\/(?:(?:memory|disk|pid)-pressure|network-unavailable|unschedulable)$/.test(key)

interface Looked {
  isScaled: boolean
  allLabels: boolean
  annotations: boolean
  /** A Pod that stays is not given more or less meanwhile. */
  keepPods: boolean
}

/** @returns labels and what else was decided, as JSON with the fields of each object by name */
export function contentIn(
  kind: Kind,
  object: KubeObject,
  { isScaled, allLabels, annotations, keepPods }: Looked,
): string {
  const { metadata, status: _, kind: __, apiVersion: ___, ...rest } = object as KubeObject & Fields
  const own = kind.kind in decided ? decided[kind.kind]!(object as unknown as Fields) : rest
  const content = inOrder({
    // Whom the labels of namespaces and nodes let in is what checks of policies and of places look at.
    labels: ['Namespace', 'Node'].includes(kind.kind) && !allLabels ? undefined : metadata.labels,
    ...finalizersIn(metadata.finalizers),
    ...(annotations || setByAnnotations.has(kind.kind)
      ? annotationsOfPeople(metadata.annotations, annotations ? [] : [changeCause])
      : {}),
    ...(annotations ? debuggersOf(object) : {}),
    ...(keepPods && kind.kind === 'Pod' ? { resources: resourcesIn(object) } : {}),
    ...(isScaled ? { ...(own as Fields), replicas: undefined } : { own }),
  })
  chargeText(content.length)
  return content
}

/** Of each container: that they are changed restarts nothing. */
const resourcesIn = (object: KubeObject): unknown =>
  (object as KubeObject & { spec: { containers: Fields[] } }).spec.containers.map(({ name, resources }) => [
    name,
    resources,
  ])

/** Containers that `kubectl debug` put into a Pod: they stay in it. */
function debuggersOf(object: KubeObject): { debuggers?: string[] } {
  const { spec } = object as KubeObject & { spec?: { ephemeralContainers?: { name: string }[] } }
  return spec?.ephemeralContainers ? { debuggers: spec.ephemeralContainers.map(({ name }) => name) } : {}
}

/** What the cluster notes down by itself while somebody works, and kubectl with each apply. Source: https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const annotationsOfCluster: ReadonlySet<string> = new Set(
  Object.entries({
    'kubectl.kubernetes.io': 'last-applied-configuration',
    'kubernetes.io': 'config.hash config.mirror config.seen config.source',
    'deployment.kubernetes.io': 'revision revision-history desired-replicas max-replicas',
    'pv.kubernetes.io': 'bind-completed bound-by-controller provisioned-by migrated-to',
    'volume.kubernetes.io':
      'storage-provisioner selected-node provisioner-deletion-secret-name provisioner-deletion-secret-namespace storage-resizer',
    'volume.beta.kubernetes.io': 'storage-provisioner',
    'volumes.kubernetes.io': 'controller-managed-attach-detach',
    'csi.volume.kubernetes.io': 'nodeid',
    'node.alpha.kubernetes.io': 'ttl',
    'batch.kubernetes.io':
      'job-tracking cronjob-scheduled-timestamp job-completion-index job-index-failure-count job-index-ignored-failure-count',
    'endpoints.kubernetes.io': 'last-change-trigger-time over-capacity managed-by',
    'control-plane.alpha.kubernetes.io': 'leader',
    'autoscaling.alpha.kubernetes.io': 'conditions current-metrics metrics behavior',
    'apf.kubernetes.io': 'autoupdate-spec',
    'rbac.authorization.kubernetes.io': 'autoupdate',
    'resource.kubernetes.io': 'pod-claim-name',
  }).flatMap(([domain, names]) => names.split(' ').map((name) => `${domain}/${name}`)),
).add('deprecated.daemonset.template.generation')

/** What an implementation of them does is told by annotations as well. */
const setByAnnotations: ReadonlySet<string> = new Set(['Ingress', 'IngressClass', 'Service', 'Gateway', 'HTTPRoute'])

/** What kubectl notes down of a change with `--record`, and people by themselves. */
const changeCause = 'kubernetes.io/change-cause'

/** Those that no part of the cluster has put there. @param free of no interest */
function annotationsOfPeople(
  all: Readonly<Record<string, string>> = {},
  free: readonly string[] = [],
): { annotations?: Record<string, string> } {
  const ofPeople = Object.entries(all).filter(([name]) => !annotationsOfCluster.has(name) && !free.includes(name))
  return ofPeople.length > 0 ? { annotations: Object.fromEntries(ofPeople) } : {}
}

/** Those that no part of the cluster has put there. */
export const finalizersOfPeople = (finalizers: readonly string[] = []): string[] =>
  finalizers.filter((name) => !/(?:^|\.)(?:kubernetes|k8s)\.io(?:\/|$)|^(?:foregroundDeletion|orphan)$/.test(name))

const finalizersIn = (all: readonly string[] | undefined): { finalizers?: string[] } => {
  const finalizers = finalizersOfPeople(all).sort()
  return finalizers.length > 0 ? { finalizers } : {}
}

/**
 * What somebody may have left on an object that comes and goes by itself, as JSON. Its holder renews a Lease, and writes nothing else into it: how
 * long it holds, and who should have it next, are as they were.
 */
export function marksIn(kind: Kind, object: KubeObject): string {
  const { metadata, spec = {} } = object as KubeObject & { spec?: Fields }
  const { leaseDurationSeconds, strategy, preferredHolder } = spec
  const content = inOrder({
    labels: metadata.labels,
    ...finalizersIn(metadata.finalizers),
    ...annotationsOfPeople(metadata.annotations),
    ...(kind.kind === 'Lease' ? { spec: { leaseDurationSeconds, strategy, preferredHolder } } : {}),
  })
  chargeText(content.length)
  return content
}

/** As JSON, the fields of each object by name: in which order somebody wrote them is no difference. */
const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
