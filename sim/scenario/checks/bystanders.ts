/** Everything that was handed over and is no part of the work: it is there at the end, as it was. */
import { pods as podKind } from '../../api/core/pod.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { kinds } from '../../api/registry.ts'
import { said } from '../../engine/said.ts'
import { charge } from '../../engine/work.ts'
import type { BystandersAssertion } from '../types.ts'
import { type ActedOn, actsOn, mayAct } from './bystanders/acts-on.ts'
import { isMadeByCluster, ownLife, wasDeleted } from './bystanders/comes-and-goes.ts'
import { contentIn, finalizersOfPeople, marksIn } from './bystanders/decided.ts'
import { changeInPlace } from './bystanders/in-place.ts'
import { keptPods, lossOf, readyNodes } from './bystanders/kept-pods.ts'
import { calledIn, isOfFiles, isOwned, keyOf } from './bystanders/names.ts'
import { changesOfNodes } from './bystanders/node-files.ts'
import { type HandedOver, handedOver, keepersOfPods, standIns } from './bystanders/stand-ins.ts'
import type { Snapshot } from './history.ts'
import { escaped, fieldsOf, firstDifferent } from './unchanged.ts'
import type { StateAssertion, Verdict } from './verdict.ts'

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
 * changes it. One that was deleted and made again as it was is as it was. Nothing new may act on it: no policy or budget that selects its Pods, no
 * quota beside them, no webhook, no class that is everybody's default, no addresses of a Service, no Pods in the place of its own, no Ingress for a host of another, no rights for
 * who was there before. Nobody changes a Pod of a controller in place, so that it runs something else than its template says. The files by which nodes run are as they were, but for `files`. The commands of containers run the programs of their images, and are not disturbed by hooks, probes or other containers.
 * With `keepPods` the Pods count that ran then: each is the same one still, with its labels, its controller, what its
 * containers run, and those of them that had never been restarted; and nodes are as ready as they were. With `lookOnly`, which keeps Pods too, what has an owner, the labels of nodes
 * and namespaces, containers for debugging and all annotations but the cluster's own count as well; what has no owner, and the Pods, were as they
 * were at every moment, and nothing may have come that is still there. With `allLabels` those of nodes and
 * namespaces count.
 * @throws Error for a pattern that is none
 */
export function bystandersAssertion({
  but = [],
  adds = [],
  lookOnly = false,
  keepPods = lookOnly,
  allLabels = lookOnly,
  files = [],
}: BystandersAssertion): StateAssertion {
  const patterns = but.map(readPattern)
  const excepted = patterns.filter(({ fields }) => fields.length === 0).map(({ pattern }) => pattern)
  const isExcepted = (called: string): boolean => excepted.some((pattern) => pattern.test(called))
  const mayBeAdded = adds.map(readPattern)
  const isAskedFor = (called: string): boolean =>
    isExcepted(called) || mayBeAdded.some(({ pattern }) => pattern.test(called))
  const looked = kinds.filter(({ kind }) => !ownLife.has(kind))
  const comeAndGo = lookOnly ? kinds.filter(({ kind }) => ownLife.has(kind)) : []
  const rules = lookOnly ? [] : kinds.filter(mayAct)
  let before: ReadonlyMap<Kind, ReadonlyMap<string, Bystander>> | undefined
  let others: ActedOn | undefined
  /** Of kinds that may act on others, what was there then. */
  const given = new Map<Kind, ReadonlySet<string>>()
  const inPlace = new WeakMap<KubeObject, { told: string | undefined }>()
  /** The moment of the hand-over. */
  let sinceMs: number | undefined
  let wereReady: ReadonlySet<string> | undefined
  /** Of the Pods that have to stay, by namespace and name. */
  let keptNames: ReadonlySet<string> = new Set()
  let werePods: HandedOver | undefined
  let lookedThrough: { lists: readonly (readonly KubeObject[])[]; told: string[] } = { lists: [], told: [] }
  /** What was on its way out then. */
  const wereLeaving = new Set<string>()
  /** Nobody's work: what the cluster keeps, and what goes, unless somebody holds it who came later. */
  const isLeftOut = (kind: Kind, object: KubeObject): boolean => {
    const { uid = '', deletionTimestamp, finalizers } = object.metadata
    const isGoing = deletionTimestamp !== undefined
    return (
      isOfCluster(kind, object) || (isGoing && (wereLeaving.has(uid) || finalizersOfPeople(finalizers).length === 0))
    )
  }
  /** Of kinds that come and go by themselves, what was there then. */
  const alone = new Map<Kind, ReadonlyMap<string, KubeObject>>()
  /** Of these, what was in the namespace of the work. */
  const aloneOwn = new Map<Kind, ReadonlySet<KubeObject>>()
  /** What was changed at some moment, though it may be as it was again. */
  const touched = new Map<Kind, string>()
  // Lists and objects are never changed in place: what was read of one holds for as long as it is there.
  const known = new WeakMap<readonly KubeObject[], { told: string | undefined }>()
  const contents = new WeakMap<KubeObject, string>()
  const contentOf = (kind: Kind, object: KubeObject, isScaled: boolean): string => {
    const content =
      contents.get(object) ?? contentIn(kind, object, { isScaled, allLabels, annotations: lookOnly, keepPods })
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
    const running = keptPods(snapshot, scaled, isExcepted)
    const kept = keepPods ? running : new Set<KubeObject>()
    keptNames = new Set([...kept].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))
    const bystanders = new Map(
      looked.map((kind) => {
        const own = new Set(snapshot.objects(kind.plural))
        const found = snapshot.everywhere(kind.plural).flatMap((object): [string, Bystander][] => {
          const { name, namespace = '' } = object.metadata
          const called = calledIn(kind, object, own.has(object))
          const isKept = kept.has(object)
          const isLeft = isOwned(object) && !isOfFiles(object)
          if (object.metadata.deletionTimestamp) wereLeaving.add(object.metadata.uid!)
          if (isLeftOut(kind, object) || (isLeft && !lookOnly && !isKept)) return []
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
    const isThere = (kind: string, key: string) =>
      [...bystanders].some(([one, all]) => one.kind === kind && all.has(key))
    const ingresses = snapshot
      .everywhere('ingresses')
      .filter((ingress) => isThere('Ingress', keyOf(ingress))) as (KubeObject & { spec: IngressSpec })[]
    others = {
      pods: [...running],
      has: (kind, namespace, name) => isThere(kind, `${namespace}/${name}`),
      hosts: new Set(ingresses.flatMap(({ spec }) => (spec.rules ?? []).map(({ host = '' }) => host))),
    }
    for (const kind of rules) given.set(kind, new Set(snapshot.everywhere(kind.plural).map(keyOf)))
    return bystanders
  }

  const additionIn = (kind: Kind, snapshot: Snapshot): string | undefined => {
    const there = before!.get(kind)!
    const own = new Set(snapshot.objects(kind.plural))
    const added = snapshot
      .everywhere(kind.plural)
      .filter((object) => !isLeftOut(kind, object) && !there.has(keyOf(object)))
      .map((object) => calledIn(kind, object, own.has(object)))
    const name = added.find((called) => !isExcepted(called))
    return name && said`${name} was added`
  }

  /** Of kinds that come and go by themselves: what has no owner, and is none of the cluster's, came from somebody. What controllers keep is the one that was there. */
  const leftIn = (kind: Kind, snapshot: Snapshot): string | undefined => {
    const now = new Map(snapshot.everywhere(kind.plural).map((object) => [keyOf(object), object]))
    const there = alone.get(kind)
    const own = new Set(snapshot.objects(kind.plural))
    if (!there) {
      aloneOwn.set(kind, own)
      return void alone.set(kind, now)
    }
    const told = [...now.values()]
      .filter((object) => !there.has(keyOf(object)) && !isOwned(object) && !isLeftOut(kind, object))
      .filter((object) => !isMadeByCluster(kind, object, snapshot))
      .map((object) => calledIn(kind, object, own.has(object)))
      .find((called) => !isExcepted(called))
    if (told !== undefined) return said`${told} was added`
    for (const [key, object] of now) {
      const before = there.get(key)
      if (!before || before.metadata.uid !== object.metadata.uid || before === object) continue
      const called = calledIn(kind, object, own.has(object))
      if (isExcepted(called)) continue
      const [then, marks] = [marksIn(kind, before), marksIn(kind, object)]
      if (then !== marks)
        return said`${called} was changed: ${firstDifference(JSON.parse(then), JSON.parse(marks), [])}`
    }
    const gone = [...there.values()].find((object) => {
      const called = calledIn(kind, object, aloneOwn.get(kind)!.has(object))
      const owner = kind.kind === 'Endpoints' ? called.replace('Endpoints/', 'Service/') : called
      if (isLeftOut(kind, object) || isExcepted(called) || isExcepted(owner)) return false
      return wasDeleted(kind, object, there, now, snapshot.epochMs)
    })
    return gone ? said`${calledIn(kind, gone, aloneOwn.get(kind)!.has(gone))} was deleted` : undefined
  }

  /** Something new that acts on what was handed over. */
  const ruleIn = (kind: Kind, snapshot: Snapshot): string | undefined => {
    const own = new Set(snapshot.objects(kind.plural))
    for (const object of snapshot.everywhere(kind.plural)) {
      if (isLeftOut(kind, object) || given.get(kind)!.has(keyOf(object))) continue
      const called = calledIn(kind, object, own.has(object))
      if (isAskedFor(called)) continue
      const what = actsOn(kind, object, others!)
      if (what !== undefined) return said`${called} was added, which acts on ${what}`
    }
    return undefined
  }

  /** New Pods that are taken for those of what was handed over. */
  const standInIn = (snapshot: Snapshot): string[] => {
    werePods ??= handedOver(snapshot)
    const lists = keepersOfPods.map(({ plural }) => snapshot.everywhere(plural))
    if (lists.some((list, n) => list !== lookedThrough.lists[n]))
      lookedThrough = { lists, told: standInOf(snapshot, werePods) }
    return lookedThrough.told
  }

  const standInOf = (snapshot: Snapshot, were: HandedOver): string[] => {
    for (const { keeper, of } of standIns(snapshot, were)) {
      const { kind, object } = keeper
      const called = calledIn(kind, object, snapshot.objects(kind.plural).includes(object))
      if (!isAskedFor(called)) return [said`${called} was added, which acts on ${of}`]
    }
    return []
  }

  /** Pods whose owner is as it was, or as it should be, and which run something else. */
  const inPlaceIn = (snapshot: Snapshot): string[] => {
    sinceMs ??= snapshot.atMs
    const own = new Set(snapshot.objects('pods'))
    return snapshot.everywhere('pods').flatMap((pod) => {
      const called = calledIn(podKind, pod, own.has(pod))
      if (isAskedFor(called) || pod.metadata.deletionTimestamp) return []
      const known = inPlace.get(pod) ?? { told: changeInPlace(snapshot, pod, sinceMs!, called) }
      inPlace.set(pod, known)
      return known.told ?? []
    })
  }

  const nodeFilesIn = (snapshot: Snapshot): string[] => {
    const { before, now } = snapshot.nodeFiles()
    return changesOfNodes(before, now, files, lookOnly)
  }

  const unreadyIn = (snapshot: Snapshot): string[] => {
    const ready = readyNodes(snapshot)
    wereReady ??= ready
    const node = [...wereReady].find((name) => !ready.has(name) && !isExcepted(`Node/${name}`))
    return node === undefined ? [] : [said`Node/${node} is not ready`]
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

  const expected = said`everything else as it was handed over`
  return {
    reads: new Set([...looked, ...comeAndGo, ...rules, ...keepersOfPods].map(({ plural }) => plural)),
    evaluate(snapshot): Verdict {
      before ??= bystandersOf(snapshot)
      const told = [
        ...looked.flatMap((kind) => changeIn(kind, snapshot) ?? touched.get(kind) ?? []),
        ...comeAndGo.flatMap((kind) => leftIn(kind, snapshot) ?? []),
        ...rules.flatMap((kind) => ruleIn(kind, snapshot) ?? []),
        ...standInIn(snapshot),
        ...inPlaceIn(snapshot),
        ...(lookOnly || keepPods ? unreadyIn(snapshot) : []),
        ...interferencesIn(snapshot, keptNames, lookOnly),
        ...(lookOnly ? interruptedIn(snapshot) : []),
        ...nodeFilesIn(snapshot),
      ]
      return { holds: told.length === 0, actual: told.slice(0, mostTold).join('; ') || said`as handed over`, expected }
    },
  }
}

const interruptedIn = (snapshot: Snapshot): string[] =>
  snapshot.interruptedServices().map(({ node, service }) => said`${service} of ${node} was stopped`)

type IngressSpec = { rules?: { host?: string }[] }

/** What runs in containers is what their images and commands say, of whosever Pods they are; files that somebody comes in to change are those of Pods that stay. */
const interferencesIn = (snapshot: Snapshot, keptNames: ReadonlySet<string>, isLookOnly: boolean): string[] =>
  snapshot.interferences().flatMap((one) => {
    const container = said`container ${one.container} of Pod/${one.pod}`
    if (one.kind === 'file')
      return keptNames.has(`${one.namespace}/${one.pod}`) ? said`somebody changed ${one.path} in ${container}` : []
    if (one.kind === 'ended')
      return isLookOnly ? said`somebody sent ${one.signal} to ${one.command} in ${container}` : []
    if (one.kind === 'program') return said`${container} ran another ${one.name} than its image has`
    return one.kind === 'stopped'
      ? said`${container} was stopped: its command ${one.command} got SIGSTOP`
      : said`in ${container} ${one.signal} was sent to ${one.command}, which its command had started`
  })

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
    if (!object || object.metadata.deletionTimestamp) return said`${called} was deleted`
    const lost = kept && lossOf(kept, object, called)
    if (lost) return lost
    const own = contentOf(object, isScaled)
    if (own === content) continue
    const different = firstDifference(JSON.parse(content), JSON.parse(own), free)
    if (different !== undefined) return said`${called} was changed: ${different}`
  }
  return undefined
}

/** What the API server keeps by itself. */
const isOfCluster = ({ kind }: Kind, { metadata: { name, namespace } }: KubeObject): boolean =>
  (ofTheApiServer.has(kind) && namespace === 'default' && name === 'kubernetes') ||
  (kind === 'ConfigMap' && name === 'kube-root-ca.crt')

const ofTheApiServer: ReadonlySet<string> = new Set(['Service', 'Endpoints', 'EndpointSlice'])

/** @param free the fields that do not count. @returns undefined when only they are others */
function firstDifference(before: object, now: object, free: readonly string[]): string | undefined {
  const left = free.flatMap((field) => [field, `own.${field}`])
  const [then, own] = [fieldsOf(before, left), fieldsOf(now, left)]
  const path = firstDifferent(then, own)
  if (path !== undefined) return path.replace(/^own\./, '')
  return free.length > 0 ? undefined : said`an empty field`
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
