/**
 * A Pod goes where its claims' volumes are, or can be: bound ones must be reachable from the node, and claims that wait for
 * their first consumer get their volumes, or the order to make one, when the node is chosen. Source: volumebinding/{volume_binding,binder}.go
 */
import { classOf } from '../../api/core/persistent-volume/access-modes.ts'
import {
  bindVolume,
  findBestMatch,
  isFullyBound,
  isReachable,
  NO_PROVISIONER,
  SELECTED_NODE,
} from '../../api/core/persistent-volume/match.ts'
import { persistentVolumes } from '../../api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import { whyNotMadeFor } from '../../api/core/pod/volume-claims.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import type { Node } from '../../api/core/types.ts'
import { keyOf, keyText, type ObjectKey } from '../../api/meta/object.ts'
import { compareQuantities } from '../../api/meta/quantity.ts'
import { allowsNode } from '../../api/storage/allowed-topologies.ts'
import { storageClasses } from '../../api/storage/storage-class.ts'
import type { StorageClass } from '../../api/storage/types.ts'
import type { ComponentContext } from '../../client/machinery.ts'
import type { Timer } from '../../engine/engine.ts'
import { type ClaimKey, claimKeys, usesClaim } from '../claims.ts'
import { type Cycle, type Rejection, type SchedulerPlugin, StateKey, unresolvable } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'

const NAME = 'VolumeBinding'
const NODE_CONFLICT = unresolvable(NAME, 'node(s) had volume node affinity conflict')
const BIND_CONFLICT = unresolvable(NAME, "node(s) didn't find available persistent volumes to bind")
const NO_VOLUME = unresolvable(NAME, 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)')
/** How long binding waits for the volumes. Source: VolumeBindingArgs.BindTimeoutSeconds */
const BIND_TIMEOUT_MS = 600_000

const notFound = (name: string): string => `persistentvolumeclaim "${name}" not found`
/** As it is right after the Pod was made. */
const waitsToBeMade = (name: string): string =>
  `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`

interface ClaimState {
  bound: readonly PersistentVolumeClaim[]
  /** Claims that wait for their first consumer, the smallest first. */
  delayed: readonly PersistentVolumeClaim[]
  byNode: Map<string, NodeChoice>
}

/** What the claims that wait would get on a node. */
interface NodeChoice {
  given: readonly { claim: PersistentVolumeClaim; volume: PersistentVolume }[]
  made: readonly PersistentVolumeClaim[]
}

const STATE = new StateKey<ClaimState>(NAME)

export function volumeBinding({ engine, client, informers }: ComponentContext): SchedulerPlugin {
  const claims = informers.informer(persistentVolumeClaims)
  const volumes = informers.informer(persistentVolumes)
  const classes = informers.informer(storageClasses)
  /** Volumes that were chosen for claims and that the cache does not show as bound yet: name -> key of the claim. */
  const assumed = new Map<string, string>()
  /** Pods whose binding waits for claims, by uid. */
  const waiting = new Map<string, () => void>()

  claims.addHandlers({
    onUpdate: () => {
      for (const look of [...waiting.values()]) look()
    },
  })

  const classFor = (claim: PersistentVolumeClaim): StorageClass | undefined =>
    classes.get({ namespace: '', name: classOf(claim) })

  function sortClaims(pod: Pod, keys: readonly ClaimKey[]): ClaimState | Rejection {
    const bound: PersistentVolumeClaim[] = []
    const delayed: PersistentVolumeClaim[] = []
    let isImmediate = false
    for (const key of keys) {
      const claim = claims.get(key)
      if (!claim) return unresolvable(NAME, key.isEphemeral ? waitsToBeMade(key.name) : notFound(key.name))
      if (claim.status?.phase === 'Lost')
        return unresolvable(
          NAME,
          `persistentvolumeclaim "${key.name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`,
        )
      if (claim.metadata.deletionTimestamp !== undefined)
        return unresolvable(NAME, `persistentvolumeclaim "${key.name}" is being deleted`)
      const whyNot = key.isEphemeral ? whyNotMadeFor(pod, claim) : undefined
      if (whyNot !== undefined) return unresolvable(NAME, whyNot)
      if (isFullyBound(claim)) bound.push(claim)
      else if (!claim.spec.volumeName && classFor(claim)?.volumeBindingMode === 'WaitForFirstConsumer')
        delayed.push(claim)
      else isImmediate = true
    }
    if (isImmediate) return unresolvable(NAME, 'pod has unbound immediate PersistentVolumeClaims')
    return { bound, delayed: delayed.sort(bySize), byNode: new Map() }
  }

  function checkBound(state: ClaimState, node: Node): Rejection | undefined {
    for (const claim of state.bound) {
      const volume = volumes.get({ namespace: '', name: claim.spec.volumeName ?? '' })
      if (!volume) return NO_VOLUME
      if (!isReachable(volume, node)) return NODE_CONFLICT
    }
    return undefined
  }

  /** What the claims that wait get on this node; undefined when one gets nothing. */
  function choose(state: ClaimState, node: Node): NodeChoice | undefined {
    const given: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = []
    const made: PersistentVolumeClaim[] = []
    const taken = new Set<string>()
    for (const claim of state.delayed) {
      const selected = claim.metadata.annotations?.[SELECTED_NODE]
      if (selected !== undefined) {
        if (selected !== node.metadata.name) return undefined
        made.push(claim)
        continue
      }
      for (const [name, key] of assumed) if (key !== keyText(keyOf(claim))) taken.add(name)
      const volume = findBestMatch(claim, volumes.list(), { node, isDelayed: true, taken })
      if (volume) {
        given.push({ claim, volume })
        taken.add(volume.metadata.name)
      } else if (canBeMade(classFor(claim), node)) made.push(claim)
      else return undefined
    }
    return { given, made }
  }

  const areBound = (keys: readonly ObjectKey[]): boolean =>
    keys.every((key) => {
      const claim = claims.get(key)
      return claim !== undefined && isFullyBound(claim)
    })

  return {
    name: NAME,
    preFilter(cycle) {
      const keys = claimKeys(cycle.info)
      if (keys.length === 0) return 'skip'
      const state = sortClaims(cycle.info.pod, keys)
      if ('plugin' in state) return state
      cycle.write(STATE, state)
      return undefined
    },
    filter(cycle, { node, name }) {
      const state = cycle.read(STATE)
      if (!state || !node) return undefined
      const rejection = checkBound(state, node)
      if (rejection || state.delayed.length === 0) return rejection
      const choice = choose(state, node)
      if (!choice) return BIND_CONFLICT
      state.byNode.set(name, choice)
      return undefined
    },
    reserve(cycle, node) {
      for (const { claim, volume } of choiceOf(cycle, node)?.given ?? [])
        assumed.set(volume.metadata.name, keyText(keyOf(claim)))
      return undefined
    },
    unreserve(cycle, node) {
      for (const { volume } of choiceOf(cycle, node)?.given ?? []) assumed.delete(volume.metadata.name)
    },
    preBind(cycle, node) {
      const choice = choiceOf(cycle, node)
      if (!choice || (choice.given.length === 0 && choice.made.length === 0)) return undefined
      for (const { claim, volume } of choice.given) client.update(persistentVolumes, bindVolume(volume, claim))
      for (const claim of choice.made) {
        if (claim.metadata.annotations?.[SELECTED_NODE] === node.name) continue
        const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: node.name }
        client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations } })
      }
      const keys = claimKeys(cycle.info)
      const { uid } = cycle.info
      return {
        begin(done) {
          let timer: Timer | undefined
          const end = (rejection: Rejection | undefined): void => {
            engine.cancel(timer)
            waiting.delete(uid)
            for (const { volume } of choice.given) assumed.delete(volume.metadata.name)
            done(rejection)
          }
          const expire = (): void => end(unresolvable(NAME, 'binding volumes: timed out waiting for the condition'))
          timer = engine.after(BIND_TIMEOUT_MS, 'bind volumes', expire, { background: true })
          waiting.set(uid, () => {
            if (areBound(keys)) end(undefined)
          })
        },
      }
    },
    wakes: (info, event) =>
      (event.on === 'claim' && usesClaim(info, event.claim)) ||
      (event.on === 'volume' && (event.change === 'volume' || event.change === 'class')) ||
      (event.on === 'node' && (event.change === 'add' || event.change === 'labels')),
  }
}

const choiceOf = (cycle: Cycle, node: NodeInfo): NodeChoice | undefined => cycle.read(STATE)?.byNode.get(node.name)

const sizeOf = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.storage ?? '0'
const bySize = (a: PersistentVolumeClaim, b: PersistentVolumeClaim): number => compareQuantities(sizeOf(a), sizeOf(b))

/** Whether the class has its volumes made, and may have them made where the node is. */
function canBeMade(storageClass: StorageClass | undefined, node: Node): boolean {
  if (!storageClass?.provisioner || storageClass.provisioner === NO_PROVISIONER) return false
  return allowsNode(storageClass, node)
}
