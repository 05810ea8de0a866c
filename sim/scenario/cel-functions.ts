/** What checks ask again and again of objects, as methods in CEL: `pods.labelled('app', 'web').all(p, p.isReady())`. */
import {
  type CelMap,
  CelScalar,
  type CelValue,
  celFunc,
  celMethod,
  isCelList,
  isCelMap,
  listType,
  mapType,
} from '@bufbuild/cel'
import { toJson } from '../api/cel/values.ts'
import { applyDefaultRequests } from '../api/core/pod/defaults.ts'
import { hasPodLevelRequests, isSidecar, podRequests } from '../api/core/pod/resources.ts'
import type { PodSpec } from '../api/core/pod-types.ts'
import { addQuantities, compareQuantities, quantityError } from '../api/meta/quantity.ts'
import { findImage, imageDigest } from '../images/registry.ts'
import { expandVariables } from '../kubelet/expansion.ts'
import { type ImageReference, parseImageReference } from '../text/image-reference.ts'

const object = mapType(CelScalar.STRING, CelScalar.DYN)
const objects = listType(CelScalar.DYN)

/** What is at the end of a path, undefined where a part of it is missing. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => (isCelMap(found) ? (found as CelMap).get(name) : undefined), value)
}

const hasLabel = (value: unknown, key: string, wanted: string): boolean =>
  at(value, 'metadata', 'labels', key) === wanted

const hasCondition = (one: unknown, type: string): boolean => {
  const conditions = at(one, 'status', 'conditions')
  return (
    isCelList(conditions) && [...conditions].some((each) => at(each, 'type') === type && at(each, 'status') === 'True')
  )
}

const isOwnedBy = (one: unknown, kind: string, name: string): boolean => {
  const owners = at(one, 'metadata', 'ownerReferences')
  return isCelList(owners) && [...owners].some((each) => at(each, 'kind') === kind && at(each, 'name') === name)
}

/**
 * Of a Pod: each of the containers is ready, and there are some. Being terminating is another matter. Of a node: its condition Ready is True.
 */
function isReady(one: unknown): boolean {
  if (at(one, 'status', 'nodeInfo') !== undefined) return hasCondition(one, 'Ready')
  const statuses = at(one, 'status', 'containerStatuses')
  return isCelList(statuses) && statuses.size > 0 && [...statuses].every((status) => at(status, 'ready') === true)
}

/** Of a Deployment or a StatefulSet: all its Pods are of the newest template and available, as many as are asked for. */
function isRolledOut(workload: unknown): boolean {
  const replicas = at(workload, 'spec', 'replicas')
  return (
    at(workload, 'status', 'observedGeneration') === at(workload, 'metadata', 'generation') &&
    ['replicas', 'updatedReplicas', 'availableReplicas'].every(
      (count) => (at(workload, 'status', count) ?? 0n) === replicas,
    )
  )
}

/** What is run in a container besides: by its probes and hooks, a text for each. */
function execsOf(container: unknown): string[] {
  const places = [
    ...['startupProbe', 'readinessProbe', 'livenessProbe'].map((probe) => [probe]),
    ...['postStart', 'preStop'].map((hook) => ['lifecycle', hook]),
  ]
  return places.flatMap((place) => {
    const command = at(container, ...place, 'exec', 'command')
    return isCelList(command) ? [[...command].join(' ')] : []
  })
}

/** What a container runs, however it is split between `command` and `args`, with the values of its variables that are written out. */
function wordsOf(container: unknown): string[] {
  const written = listAt(container, 'env').filter((one) => typeof at(one, 'value') === 'string')
  const values = new Map(written.map((one) => [String(at(one, 'name')), String(at(one, 'value'))]))
  const isNamed = (word: string): boolean => [...values.keys()].some((name) => word.includes(`$(${name})`))
  return ['command', 'args']
    .flatMap((name) => listAt(container, name).map(String))
    .map((word) => (isNamed(word) ? expandVariables(word, (name) => values.get(name)) : word))
}

/**
 * What the container runs is what its image runs by itself: nothing else is said, or the same in full, by programs of the image. An entrypoint
 * that only prepares what the image's words then begin may be left out.
 */
function runsItsImage(container: unknown): boolean {
  const words = wordsOf(container)
  if (words.length === 0) return true
  const { entrypoint = [], cmd = [] } = findImage(String(at(container, 'image'))) ?? {}
  const isCommand = listAt(container, 'command').length > 0
  const said = isCommand ? words : [...entrypoint, ...words]
  const isSame = (mine: readonly string[], theirs: readonly string[]): boolean =>
    theirs.length > 0 &&
    mine.length === theirs.length &&
    mine.every((word, n) => word === theirs[n] || (n === 0 && isProgram(word, theirs[n]!)))
  return [[...entrypoint, ...cmd], cmd].some((own) => isSame(said, own)) && hasOwnPrograms(container)
}

/** Of the same name, in a folder of programs or without one. */
const isProgram = (word: string, own: string): boolean => {
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  const isPlaced = (path: string): boolean =>
    !path.includes('/') || programFolders.includes(path.slice(0, path.lastIndexOf('/')))
  return nameOf(word) === nameOf(own) && isPlaced(word) && isPlaced(own)
}

/** Where images keep what they run, and what that is linked with. */
const programFolders = ['', '/usr', '/usr/local'].flatMap((above) =>
  ['bin', 'sbin', 'lib', 'lib64'].map((name) => `${above}/${name}`),
)

/** What decides which file a name of a program is, or what is loaded and run before it. */
const lookups = ['PATH', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'ENV', 'BASH_ENV']

/**
 * A container's command means the programs of its image: nothing is mounted above, at or below a folder of programs, and no variable says that
 * others come first. Variables of a whole ConfigMap or Secret may have any name.
 */
function hasOwnPrograms(container: unknown): boolean {
  return (
    listAt(container, 'envFrom').length === 0 &&
    listAt(container, 'env').every((one) => !lookups.includes(String(at(one, 'name')))) &&
    listAt(container, 'volumeMounts').every((one) => {
      const path = mountedAt(one)
      return path !== undefined && !programFolders.some((folder) => isAbove(folder, path) || isAbove(path, folder))
    })
  )
}

const listAt = (value: unknown, ...path: readonly string[]): unknown[] => {
  const found = at(value, ...path)
  return isCelList(found) ? [...found] : []
}

const isAbove = (folder: string, path: string): boolean => folder === path || path.startsWith(`${folder}/`)

/** Where a mount is, however it is written; undefined for one that may be anywhere, since it climbs up, and for the root. */
function mountedAt(mount: unknown): string | undefined {
  const parts = String(at(mount, 'mountPath'))
    .split('/')
    .filter((part) => part !== '' && part !== '.')
  return parts.length === 0 || parts.includes('..') ? undefined : `/${parts.join('/')}`
}

/**
 * In the container the folder is a ConfigMap, as a whole or by single files, each under its own name, and nothing is mounted over a part
 * of it.
 */
function hasConfigMapAt(container: unknown, podSpec: unknown, folder: string, name: string): boolean {
  const mounts = listAt(container, 'volumeMounts').flatMap((mount) => {
    const path = mountedAt(mount)
    return path === undefined || isAbove(folder, path) ? [{ mount, path }] : []
  })
  const isOfIt = ({ mount, path }: (typeof mounts)[number]): boolean => {
    const file = at(mount, 'subPath')
    return (
      path === (file === undefined ? folder : `${folder}/${file}`) &&
      at(mount, 'subPathExpr') === undefined &&
      isConfigMap(volumeOf(mount, podSpec), name)
    )
  }
  return mounts.length > 0 && mounts.every(isOfIt)
}

const volumeOf = (mount: unknown, podSpec: unknown): unknown =>
  listAt(podSpec, 'volumes').find((one) => at(one, 'name') === at(mount, 'name'))

/** A volume holds this ConfigMap alone, each file under its own name. */
function isConfigMap(volume: unknown, name: string): boolean {
  const projected = listAt(volume, 'projected', 'sources').map((source) => at(source, 'configMap'))
  const sources = projected.length > 0 ? projected : [at(volume, 'configMap')]
  const isUnderItsName = (item: unknown): boolean => at(item, 'key') === at(item, 'path')
  return sources.every((source) => at(source, 'name') === name && listAt(source, 'items').every(isUnderItsName))
}

/** What runs in a Pod as long as it does: its containers, and its sidecars among the init containers. */
const containersAndSidecars = (podSpec: unknown): unknown[] => [
  ...listAt(podSpec, 'containers'),
  ...listAt(podSpec, 'initContainers').filter((one) => at(one, 'restartPolicy') === 'Always'),
]

/** As a Pod has it: in a template no request stands yet where there is only a limit. */
function podSpecOf(pod: unknown): PodSpec {
  const spec = (toJson(at(pod, 'spec') ?? null) ?? {}) as unknown as PodSpec
  applyDefaultRequests(spec)
  return spec
}

/**
 * What a Pod requests of the nodes, of a Pod or of a template: its containers and sidecars together, what an init container needs beside those
 * that run by then where that is more, what is asked for the Pod as a whole in place of both, and overhead. '' for nothing.
 */
const requestsOf = (pod: unknown, resource: string): string => podRequests(podSpecOf(pod))[resource] ?? ''

/**
 * What an autoscaler's per cent are a share of: the request of the Pod as a whole where it has one, else those of its containers and sidecars
 * together, or that of the named container. '' where one of these has none, for then nothing is scaled.
 */
function scaledBy(pod: unknown, container: string, resource: string): string {
  const spec = podSpecOf(pod)
  if (container === '' && hasPodLevelRequests(spec)) return podRequests(spec)[resource] ?? ''
  const running = [...(spec.containers ?? []), ...(spec.initContainers ?? []).filter(isSidecar)]
  const counted = running.filter(({ name }) => container === '' || name === container)
  const requests = counted.map(({ resources }) => resources?.requests?.[resource])
  if (requests.length === 0 || requests.includes(undefined)) return ''
  return (requests as string[]).reduce(addQuantities)
}

/** As many as are asked for are the same amount: `128Mi`, `134217728`, `0.125Gi`. */
function sameQuantity(one: unknown, other: unknown): boolean {
  const [a, b] = [one, other].map((value) => (typeof value === 'bigint' ? Number(value) : value))
  const isOne = (value: unknown) => typeof value === 'number' || (typeof value === 'string' && !quantityError(value))
  return isOne(a) && isOne(b) && compareQuantities(a as string, b as string) === 0
}

/**
 * Two names of one image: `nginx:1.27`, `docker.io/library/nginx:1.27`, and the digest that this tag stands for; without a tag it is `latest`. That
 * of another registry is another one.
 */
function sameImage(one: unknown, other: unknown): boolean {
  const [a, b] = [one, other].map((name) => (typeof name === 'string' ? parseImageReference(name) : 'no name'))
  return typeof a === 'object' && typeof b === 'object' && pinned(a) === pinned(b)
}

/** A runtime that is given a digest asks for that, whatever tag stands beside it. */
const pinned = (image: ImageReference): string =>
  `${image.registry}/${image.repository}@${image.digest ?? imageDigest(image)}`

/**
 * The endpoints of a Service that get requests: ready Pods, in slices that the control plane made. A slice that somebody wrote by hand
 * says nothing of any Pod.
 */
function readyEndpoints(slices: readonly unknown[], service: string): unknown[] {
  const ours = slices.filter(
    (slice) =>
      hasLabel(slice, 'kubernetes.io/service-name', service) &&
      hasLabel(slice, 'endpointslice.kubernetes.io/managed-by', 'endpointslice-controller.k8s.io'),
  )
  const endpoints = ours.flatMap((slice) => {
    const list = at(slice, 'endpoints')
    return isCelList(list) ? [...list] : []
  })
  return endpoints.filter((endpoint) => at(endpoint, 'conditions', 'ready') !== false)
}

const uidsOf = (all: readonly unknown[]): ReadonlySet<unknown> =>
  new Set(all.map((one) => at(one, 'metadata', 'uid')).filter((uid) => uid !== undefined))

/** The Pods that a Deployment made, by one of its ReplicaSets. Another one's Pods may carry the same labels. */
function podsOfDeployment(pods: readonly unknown[], replicaSets: readonly unknown[], deployment: string): unknown[] {
  const ours = replicaSets.filter((set) => isOwnedBy(set, 'Deployment', deployment))
  const uids = uidsOf(ours)
  return pods.filter((pod) => {
    const owners = at(pod, 'metadata', 'ownerReferences')
    return isCelList(owners) && [...owners].some((owner) => uids.has(at(owner, 'uid')))
  })
}

/** Those endpoints that are one of these Pods. */
function endpointsOn(endpoints: readonly unknown[], pods: readonly unknown[]): unknown[] {
  const uids = uidsOf(pods)
  return endpoints.filter((endpoint) => uids.has(at(endpoint, 'targetRef', 'uid')))
}

export const checkFunctions = [
  celMethod('execs', object, [], listType(CelScalar.STRING), function () {
    return execsOf(this)
  }),
  celMethod('words', object, [], listType(CelScalar.STRING), function () {
    return wordsOf(this)
  }),
  celMethod('runsItsImage', object, [], CelScalar.BOOL, function () {
    return runsItsImage(this)
  }),
  celMethod('hasOwnPrograms', object, [], CelScalar.BOOL, function () {
    return hasOwnPrograms(this)
  }),
  celMethod(
    'hasConfigMapAt',
    object,
    [object, CelScalar.STRING, CelScalar.STRING],
    CelScalar.BOOL,
    function (podSpec, folder, name) {
      return hasConfigMapAt(this, podSpec, folder, name)
    },
  ),
  celMethod('containersAndSidecars', object, [], objects, function () {
    return containersAndSidecars(this) as CelValue[]
  }),
  celMethod('requests', object, [CelScalar.STRING], CelScalar.STRING, function (resource) {
    return requestsOf(this, resource)
  }),
  celMethod('scaledBy', object, [CelScalar.STRING, CelScalar.STRING], CelScalar.STRING, function (container, resource) {
    return scaledBy(this, container, resource)
  }),
  celFunc('sameQuantity', [CelScalar.DYN, CelScalar.DYN], CelScalar.BOOL, sameQuantity),
  celFunc('sameImage', [CelScalar.DYN, CelScalar.DYN], CelScalar.BOOL, sameImage),
  celMethod('readyOf', objects, [CelScalar.STRING], objects, function (service) {
    return readyEndpoints([...this], service) as CelValue[]
  }),
  celMethod('on', objects, [objects], objects, function (pods) {
    return endpointsOn([...this], [...pods]) as CelValue[]
  }),
  celMethod('ofDeployment', objects, [objects, CelScalar.STRING], objects, function (replicaSets, deployment) {
    return podsOfDeployment([...this], [...replicaSets], deployment) as CelValue[]
  }),
  celMethod('labelled', objects, [CelScalar.STRING, CelScalar.STRING], objects, function (key, value) {
    return [...this].filter((item) => hasLabel(item, key, value)) as CelValue[]
  }),
  celMethod('hasLabel', object, [CelScalar.STRING, CelScalar.STRING], CelScalar.BOOL, function (key, value) {
    return hasLabel(this, key, value)
  }),
  celMethod('hasCondition', object, [CelScalar.STRING], CelScalar.BOOL, function (type) {
    return hasCondition(this, type)
  }),
  celMethod('isOwnedBy', object, [CelScalar.STRING, CelScalar.STRING], CelScalar.BOOL, function (kind, name) {
    return isOwnedBy(this, kind, name)
  }),
  celMethod('isReady', object, [], CelScalar.BOOL, function () {
    return isReady(this)
  }),
  celMethod('isTerminating', object, [], CelScalar.BOOL, function () {
    return at(this, 'metadata', 'deletionTimestamp') !== undefined
  }),
  celMethod('isRolledOut', object, [], CelScalar.BOOL, function () {
    return isRolledOut(this)
  }),
]
