/** Everything that was handed over and is no part of the work: it is there at the end, as it was. */
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { kinds } from '../../api/registry.ts'
import { charge, chargeText } from '../../engine/work.ts'
import type { BystandersAssertion } from '../types.ts'
import type { StateAssertion, Verdict } from './assertion.ts'
import type { Snapshot } from './history.ts'
import { escaped, fieldsOf } from './unchanged.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * What people decide of an object, by kind; of kinds that are not here everything but metadata and status. What controllers write into a spec
 * is left out, and annotations are nobody's decision: a restart is one of a Pod template's.
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
    const { unschedulable = false, taints = [] } = spec as { unschedulable?: boolean; taints?: { key: string }[] }
    return { unschedulable, taints: taints.filter(({ key }) => !key.startsWith('node.kubernetes.io/')) }
  },
  PersistentVolumeClaim: ({ spec }) => (spec as { resources?: unknown }).resources,
  PersistentVolume: ({ spec }) => {
    const { claimRef: _, ...rest } = spec as Fields
    return rest
  },
  ...Object.fromEntries(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) => [kind, ofTemplate])),
}

function ofTemplate({ spec }: Fields): unknown {
  const { template, ...rest } = spec as { template: { metadata: { labels?: unknown }; spec: unknown } }
  return { ...rest, template: { labels: template.metadata.labels, spec: template.spec } }
}

const defaultClass = 'storageclass.kubernetes.io/is-default-class'

/** Kinds that come and go by themselves: by their owners, by a time to live, by a node that is lost. */
const ownLife: ReadonlySet<string> = new Set(
  (
    'Job Event Lease Endpoints EndpointSlice CSINode ControllerRevision VolumeAttachment IPAddress ' +
    'CertificateSigningRequest'
  ).split(' '),
)

/**
 * Of those, what somebody may have left behind who was to look only: no controller of the cluster makes one without an owner, but for leases in the
 * namespaces that the cluster has its own in.
 */
const leftBehind: ReadonlySet<string> = new Set(['Job', 'Lease', 'EndpointSlice'])

/** Where nodes and components keep their leases. */
const leaseNamespaces: ReadonlySet<string> = new Set(['kube-node-lease', 'kube-system'])

interface Bystander {
  called: string
  isOwned: boolean
  isScaled: boolean
  content: string
  /** Which Pod it is, where that has to stay. */
  kept?: KubeObject
  /** Fields that may be others. */
  free: readonly string[]
}

/**
 * Looks at every object of every namespace that was there at the first moment that is asked about, the hand-over, but at what the cluster keeps
 * by itself and at what has an owner. What a node runs from its files belongs to that node, and counts all the same: whoever edits a manifest
 * changes it. One that was deleted and made again as it was is as it was. With `lookOnly` what has an owner, the labels
 * of nodes and namespaces, containers for debugging and all annotations but the cluster's own count as well; what has no owner, and what
 * `keepPods` keeps, was as it was at every moment, and nothing may have come that is still there. With `keepPods` the Pods count that ran then:
 * each is the same one still, with its labels, its controller and what its containers run. With `allLabels` those of nodes and namespaces count.
 * @throws Error for a pattern that is none
 */
export function bystandersAssertion({
  but = [],
  lookOnly = false,
  keepPods = false,
  allLabels = lookOnly,
}: BystandersAssertion): StateAssertion {
  const patterns = but.map(readPattern)
  const excepted = patterns.filter(({ fields }) => fields.length === 0).map(({ pattern }) => pattern)
  const looked = kinds.filter(({ kind }) => !ownLife.has(kind))
  const comeAndGo = lookOnly ? kinds.filter(({ kind }) => leftBehind.has(kind)) : []
  let before: ReadonlyMap<Kind, ReadonlyMap<string, Bystander>> | undefined
  /** Of kinds that come and go by themselves, what had no owner then. */
  const alone = new Map<Kind, ReadonlySet<string>>()
  /** What was changed at some moment, though it may be as it was again. */
  const touched = new Map<Kind, string>()
  // Lists and objects are never changed in place: what was read of one holds for as long as it is there.
  const known = new WeakMap<readonly KubeObject[], { told: string | undefined }>()
  const contents = new WeakMap<KubeObject, string>()
  const contentOf = (kind: Kind, object: KubeObject, isScaled: boolean): string => {
    const content = contents.get(object) ?? contentIn(kind, object, { isScaled, allLabels, annotations: lookOnly })
    contents.set(object, content)
    return content
  }

  const bystandersOf = (snapshot: Snapshot): ReadonlyMap<Kind, ReadonlyMap<string, Bystander>> => {
    const scaled = new Set(
      snapshot.everywhere('horizontalpodautoscalers').map(({ metadata, ...rest }) => {
        const { kind, name } = (rest as unknown as { spec: { scaleTargetRef: { kind: string; name: string } } }).spec
          .scaleTargetRef
        return `${kind} ${metadata.namespace} ${name}`
      }),
    )
    const isExcepted = (called: string): boolean => excepted.some((pattern) => pattern.test(called))
    const kept = keepPods ? keptPods(snapshot, scaled, isExcepted) : new Set<KubeObject>()
    return new Map(
      looked.map((kind) => {
        const own = new Set(snapshot.objects(kind.plural))
        const found = snapshot.everywhere(kind.plural).flatMap((object): [string, Bystander][] => {
          const { name, namespace = '' } = object.metadata
          const called = calledIn(kind, object, own.has(object))
          const isKept = kept.has(object)
          const isLeft = isOwned(object) && !isOfFiles(object)
          if (isOfCluster(object) || (isLeft && !lookOnly && !isKept)) return []
          if (isExcepted(called)) return []
          const isScaled = scaled.has(`${kind.kind} ${namespace} ${name}`)
          const content = contentOf(kind, object, isScaled)
          const free = patterns.filter(({ pattern }) => pattern.test(called)).flatMap(({ fields }) => fields)
          return [
            [
              keyOf(object),
              { called, isOwned: isOwned(object), isScaled, content, free, ...(isKept ? { kept: object } : {}) },
            ],
          ]
        })
        return [kind, new Map(found)]
      }),
    )
  }

  const additionIn = (kind: Kind, snapshot: Snapshot): string | undefined => {
    const there = before!.get(kind)!
    const own = new Set(snapshot.objects(kind.plural))
    const added = snapshot
      .everywhere(kind.plural)
      .filter((object) => !isOfCluster(object) && !there.has(keyOf(object)))
      .map((object) => calledIn(kind, object, own.has(object)))
    const name = added.find((called) => !excepted.some((pattern) => pattern.test(called)))
    return name && `${name} was added`
  }

  /** Of kinds that come and go by themselves: what has no owner came from somebody. */
  const leftIn = (kind: Kind, snapshot: Snapshot): string | undefined => {
    const own = new Set(snapshot.objects(kind.plural))
    const left = snapshot
      .everywhere(kind.plural)
      .filter((object) => !isOwned(object) && !isOfCluster(object) && !isLeaseOfCluster(kind, object))
    const there = alone.get(kind)
    if (!there) return void alone.set(kind, new Set(left.map(keyOf)))
    const name = left
      .filter((object) => !there.has(keyOf(object)))
      .map((object) => calledIn(kind, object, own.has(object)))
    const told = name.find((called) => !excepted.some((pattern) => pattern.test(called)))
    return told && `${told} was added`
  }

  const changeIn = (kind: Kind, snapshot: Snapshot): string | undefined => {
    const list = snapshot.everywhere(kind.plural)
    const found = known.get(list)
    if (found) return found.told
    const read = (object: KubeObject, isScaled: boolean): string => contentOf(kind, object, isScaled)
    const changed = changeOf(before!.get(kind)!, list, read)
    if (lookOnly && changed !== undefined && !touched.has(kind)) {
      const own = new Map([...before!.get(kind)!].filter(([, one]) => !one.isOwned || one.kept))
      const told = changeOf(own, list, read)
      if (told !== undefined) touched.set(kind, told)
    }
    const told = changed ?? (lookOnly ? additionIn(kind, snapshot) : undefined)
    known.set(list, { told })
    return told
  }

  const expected = 'everything else as it was handed over'
  return {
    reads: new Set([...looked, ...comeAndGo].map(({ plural }) => plural)),
    evaluate(snapshot): Verdict {
      before ??= bystandersOf(snapshot)
      const told = [
        ...looked.flatMap((kind) => changeIn(kind, snapshot) ?? touched.get(kind) ?? []),
        ...comeAndGo.flatMap((kind) => leftIn(kind, snapshot) ?? []),
      ]
      return { holds: told.length === 0, actual: told.slice(0, mostTold).join('; ') || 'as handed over', expected }
    },
  }
}

/** How many are told. */
const mostTold = 3

/** What is not there any more, or is another: the first of them. */
function changeOf(
  before: ReadonlyMap<string, Bystander>,
  list: readonly KubeObject[],
  contentOf: (object: KubeObject, isScaled: boolean) => string,
): string | undefined {
  if (before.size === 0) return undefined
  charge(list.length)
  const now = new Map(list.map((object) => [keyOf(object), object]))
  for (const [key, { called, isScaled, content, kept, free }] of before) {
    const object = now.get(key)
    if (!object || object.metadata.deletionTimestamp) return `${called} was deleted`
    const lost = kept && lossOf(kept, object)
    if (lost) return `${called} ${lost}`
    const own = contentOf(object, isScaled)
    if (own === content) continue
    const different = firstDifference(JSON.parse(content), JSON.parse(own), free)
    if (different !== undefined) return `${called} was changed: ${different}`
  }
  return undefined
}

/**
 * The Pods that run at this moment and whose end is somebody's doing: none on a node that is lost, which are evicted; none of a Job, which end by
 * themselves, of a node's files, which no request ends, or of what an autoscaler scales. What may be changed may also have other Pods.
 */
function keptPods(
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
  const readyNodes = new Set(
    snapshot.everywhere('nodes').flatMap((node) => {
      const { conditions } = statusOf(node)
      return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ? [node.metadata.name] : []
    }),
  )
  const isRunning = (pod: KubeObject): boolean =>
    statusOf(pod).phase === 'Running' && readyNodes.has((pod as unknown as PlacedPod).spec.nodeName ?? '')
  return new Set(snapshot.everywhere('pods').filter((pod) => isRunning(pod) && isOfThese(pod)))
}

/** What keeps a number of Pods for as long as it is there. */
const controllers: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'])

/** What has become of a Pod that had to stay; nothing, where it is as it was. A container of it that was restarted is still its own. */
function lossOf(pod: KubeObject, now: KubeObject): string | undefined {
  if (now.metadata.uid !== pod.metadata.uid) return 'was made anew'
  const { restartPolicy = 'Always' } = (pod as unknown as PlacedPod).spec
  if (restartPolicy === 'Always' && ['Succeeded', 'Failed'].includes(statusOf(now).phase ?? '')) return 'was ended'
  const [owner, own] = [controllerOf(pod), controllerOf(now)].map((one) => one && `${one.kind}/${one.name}`)
  return owner === own ? undefined : own ? `was given to ${own}` : `was taken from ${owner}`
}

const controllerOf = ({ metadata }: KubeObject) =>
  metadata.ownerReferences?.find(({ controller }) => controller === true)

interface PlacedPod {
  spec: { nodeName?: string; restartPolicy?: string }
}

const statusOf = (object: KubeObject) =>
  (object as KubeObject & { status?: { phase?: string; conditions?: { type: string; status: string }[] } }).status ?? {}

/** As patterns name it. */
const calledIn = (kind: Kind, { metadata: { name, namespace } }: KubeObject, isOwn: boolean): string =>
  `${kind.isNamespaced && !isOwn ? `${namespace}/` : ''}${kind.kind}/${name}`

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`

function contentIn(
  kind: Kind,
  object: KubeObject,
  { isScaled, allLabels, annotations }: { isScaled: boolean; allLabels: boolean; annotations: boolean },
): string {
  const { metadata, status: _, kind: __, apiVersion: ___, ...rest } = object as KubeObject & Fields
  const own = kind.kind in decided ? decided[kind.kind]!(object as unknown as Fields) : rest
  const content = inOrder({
    // Whom the labels of namespaces and nodes let in is what checks of policies and of places look at.
    labels: ['Namespace', 'Node'].includes(kind.kind) && !allLabels ? undefined : metadata.labels,
    ...(annotations ? { annotations: annotationsOfPeople(metadata.annotations), ...debuggersOf(object) } : {}),
    ...(isScaled ? { ...(own as Fields), replicas: undefined } : { own }),
  })
  chargeText(content.length)
  return content
}

/** Containers that `kubectl debug` put into a Pod: they stay in it. */
function debuggersOf(object: KubeObject): { debuggers?: string[] } {
  const { spec } = object as KubeObject & { spec?: { ephemeralContainers?: { name: string }[] } }
  return spec?.ephemeralContainers ? { debuggers: spec.ephemeralContainers.map(({ name }) => name) } : {}
}

/** What the cluster and kubectl note down themselves is under their domains. */
const annotationsOfPeople = (annotations: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations).filter(([name]) => !/(^|\.)(kubernetes|k8s)\.io\//.test(name)))

/** As JSON, the fields of each object by name: in which order somebody wrote them is no difference. */
const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

const isLeaseOfCluster = ({ kind }: Kind, { metadata }: KubeObject): boolean =>
  kind === 'Lease' && leaseNamespaces.has(metadata.namespace ?? '')

/** A static Pod, as its node shows it. */
const isOfFiles = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined &&
  (metadata.ownerReferences ?? []).some(({ kind }) => kind === 'Node')

/** It goes with its owner. */
const isOwned = ({ metadata }: KubeObject): boolean => (metadata.ownerReferences?.length ?? 0) > 0

/** What the cluster itself keeps, and what is on its way out. */
const isOfCluster = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined ||
  metadata.labels?.['kubernetes.io/bootstrapping'] !== undefined ||
  (metadata.namespace === 'default' && metadata.name === 'kubernetes') ||
  metadata.name === 'kube-root-ca.crt'

/** @param free the fields that do not count. @returns undefined when only they are others */
function firstDifference(before: object, now: object, free: readonly string[]): string | undefined {
  const left = free.flatMap((field) => [field, `own.${field}`])
  const [then, own] = [fieldsOf(before, left), fieldsOf(now, left)]
  const path = [...new Set([...then.keys(), ...own.keys()])].find((field) => then.get(field) !== own.get(field))
  if (path !== undefined) return path.replace(/^own\./, '')
  return free.length > 0 ? undefined : 'an empty field'
}

/** `KIND/NAME`, with `NAMESPACE/` before it for another namespace, and ` FIELD` behind it for a part of it; `*` stands for any name. */
function readPattern(text: string): { pattern: RegExp; fields: string[] } {
  const [, called, field] = /^((?:[^/ ]+\/)?(?:\*|[A-Z]\w*)\/[^/ ]+)(?: ([a-z][\w.*]*))?$/.exec(text) ?? []
  if (called === undefined)
    throw new Error(`what may change is KIND/NAME or NAMESPACE/KIND/NAME, with * for any; not: ${text}`)
  return {
    pattern: new RegExp(`^${called.split('*').map(escaped).join('[^/]*')}$`),
    fields: field === undefined ? [] : [field],
  }
}
