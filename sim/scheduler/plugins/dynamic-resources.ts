/**
 * Claims of devices: a Pod goes where its claims' devices are, or can be had, and has them reserved before it is bound.
 * Source: dynamicresources/dynamicresources.go
 */
import type { Pod } from '../../api/core/pod-types.ts'
import { keyOf } from '../../api/meta/object.ts'
import { deviceClasses } from '../../api/resource/device-class.ts'
import {
  CLAIM_FINALIZER,
  canBeReserved,
  claimNameOf,
  isMadeFor,
  isReservedFor,
  reserved,
} from '../../api/resource/pod-claims.ts'
import { resourceClaims } from '../../api/resource/resource-claim.ts'
import { resourceSlices } from '../../api/resource/resource-slice.ts'
import type { AllocationResult, ResourceClaim } from '../../api/resource/types.ts'
import type { ComponentContext } from '../../client/machinery.ts'
import { allocate, deviceKey, SelectorFailure, selects } from '../devices.ts'
import { type SchedulerPlugin, StateKey, unresolvable } from '../framework.ts'

const NAME = 'DynamicResources'

interface ClaimsState {
  claims: readonly ResourceClaim[]
  /** What those that have nothing yet would get, by node. */
  byNode: Map<string, readonly AllocationResult[]>
  /** Those whose devices are elsewhere. */
  unavailable: Set<ResourceClaim>
}

/** That the Pod's claims were looked at. */
const STATE = new StateKey<ClaimsState>(NAME)

export function dynamicResources({ client, informers, engine }: ComponentContext): SchedulerPlugin {
  const claimInformer = informers.informer(resourceClaims)
  const classInformer = informers.informer(deviceClasses)
  const sliceInformer = informers.informer(resourceSlices)
  /** What was chosen for a claim and the cache does not show yet, by uid. */
  const pending = new Map<string, AllocationResult>()
  claimInformer.addHandlers({
    onUpdate: ({ metadata, status }) => {
      if (status?.allocation) pending.delete(metadata.uid)
    },
    onDelete: ({ metadata }) => {
      pending.delete(metadata.uid)
    },
  })

  /** The Pod's claims, or why they are not all there. */
  function claimsOf(pod: Pod): readonly ResourceClaim[] | string {
    const found: ResourceClaim[] = []
    for (const podClaim of pod.spec.resourceClaims ?? []) {
      const name = claimNameOf(pod, podClaim)
      if (name === undefined) return `pod claim ${podClaim.name}: ResourceClaim not created yet`
      const claim = claimInformer.get({ namespace: pod.metadata.namespace ?? '', name })
      if (!claim) return `resourceclaim.resource.k8s.io "${name}" not found`
      if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim "${name}" is being deleted`
      if (podClaim.resourceClaimTemplateName !== undefined && !isMadeFor(pod, claim))
        return `ResourceClaim ${pod.metadata.namespace}/${name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`
      found.push(claim)
    }
    return found
  }

  /** Why nothing can be had for the claim on any node. */
  function refusalOf(claim: ResourceClaim, pod: Pod): string | undefined {
    const { metadata, spec, status } = claim
    if (status?.allocation)
      return canBeReserved(claim) || isReservedFor(pod, claim) ? undefined : 'resourceclaim in use'
    if (pending.has(metadata.uid))
      return `resource claim ${metadata.namespace}/${metadata.name} is in the process of being allocated`
    for (const { name, exactly, firstAvailable = [] } of spec.devices?.requests ?? [])
      for (const one of exactly ? [exactly] : firstAvailable)
        if (!classInformer.get({ namespace: '', name: one.deviceClassName ?? '' }))
          return `request ${exactly ? name : `${name}/${one.name}`}: device class ${one.deviceClassName} does not exist`
    return undefined
  }

  function takenDevices(): ReadonlySet<string> {
    const allocations = [...pending.values(), ...claimInformer.list().map(({ status }) => status?.allocation)]
    return new Set(
      allocations.flatMap((one) =>
        (one?.devices?.results ?? []).filter((result) => !result.adminAccess).map(deviceKey),
      ),
    )
  }

  /** The claim with its devices, and kept until nobody uses them. */
  function withAllocation(claim: ResourceClaim, allocation: AllocationResult): ResourceClaim {
    const { finalizers = [] } = claim.metadata
    const kept = finalizers.includes(CLAIM_FINALIZER)
      ? claim
      : client.update(resourceClaims, {
          ...claim,
          metadata: { ...claim.metadata, finalizers: [...finalizers, CLAIM_FINALIZER] },
        })
    return {
      ...kept,
      status: { ...kept.status, allocation: { ...allocation, allocationTimestamp: engine.timestamp() } },
    }
  }

  return {
    name: NAME,
    preEnqueue: ({ pod }) => {
      if (!pod.spec.resourceClaims?.length) return undefined
      const found = claimsOf(pod)
      return typeof found === 'string' ? found : undefined
    },
    preFilter(cycle) {
      const { pod } = cycle.info
      const claims = pod.spec.resourceClaims?.length ? claimsOf(pod) : []
      // Of a Pod that is refused here nothing more is known afterwards.
      cycle.write(STATE, { claims: [], byNode: new Map(), unavailable: new Set<ResourceClaim>() })
      if (typeof claims === 'string') return unresolvable(NAME, claims)
      if (claims.length === 0) return 'skip'
      for (const claim of claims) {
        const refusal = refusalOf(claim, pod)
        if (refusal) return unresolvable(NAME, refusal)
      }
      cycle.write(STATE, { claims, byNode: new Map(), unavailable: new Set<ResourceClaim>() })
      return undefined
    },
    filter(cycle, { node, name }) {
      const state = cycle.read(STATE)
      if (!state || !node) return undefined
      const elsewhere = state.claims.filter(({ status }) => {
        const selector = status?.allocation?.nodeSelector
        return selector && !selects(selector, node)
      })
      const missing = state.claims.filter(({ status }) => !status?.allocation)
      if (missing.length > 0) {
        try {
          const slices = sliceInformer.list()
          const findClass = (className: string) => classInformer.get({ namespace: '', name: className })
          const found = allocate(missing, node, { slices, findClass, taken: takenDevices() })
          if (!found) return unresolvable(NAME, 'cannot allocate all claims')
          state.byNode.set(name, found)
        } catch (error) {
          // Simplified: the attempt would end here as failed, for all nodes.
          if (error instanceof SelectorFailure) return unresolvable(NAME, error.message)
          throw error
        }
      }
      if (elsewhere.length === 0) return undefined
      for (const claim of elsewhere) state.unavailable.add(claim)
      return unresolvable(NAME, 'resourceclaim not available on the node')
    },
    /** Where an earlier PreFilter refused the Pod, nobody looked at its claims: the plugin fails, and nothing else is tried. */
    postFilter(cycle) {
      const state = cycle.read(STATE)
      if (!state) return { message: 'not found', isError: true }
      if (state.claims.length === 0) return { message: 'no new claims to deallocate' }
      for (const claim of state.unavailable) {
        const { allocation: _freed, reservedFor = [], devices: _devices, ...rest } = claim.status ?? {}
        if (reservedFor.some(({ uid }) => uid !== cycle.info.uid)) continue
        client.updateStatus(resourceClaims, { ...claim, status: rest })
        return { message: 'deallocation of ResourceClaim completed' }
      }
      return { message: 'still not schedulable' }
    },
    reserve(cycle, node) {
      const state = cycle.read(STATE)
      const missing = state?.claims.filter(({ status }) => !status?.allocation) ?? []
      for (const [n, allocation] of (state?.byNode.get(node.name) ?? []).entries())
        pending.set(missing[n].metadata.uid, allocation)
      return undefined
    },
    unreserve(cycle) {
      const { pod } = cycle.info
      for (const claim of cycle.read(STATE)?.claims ?? []) {
        pending.delete(claim.metadata.uid)
        const now = client.find(resourceClaims, keyOf(claim))
        if (!now || !isReservedFor(pod, now)) continue
        const reservedFor = now.status?.reservedFor?.filter(({ uid }) => uid !== pod.metadata.uid)
        client.updateStatus(resourceClaims, { ...now, status: { ...now.status, reservedFor } })
      }
    },
    preBind(cycle) {
      const { pod } = cycle.info
      for (const claim of cycle.read(STATE)?.claims ?? []) {
        const allocation = pending.get(claim.metadata.uid)
        const current = allocation && !claim.status?.allocation ? withAllocation(claim, allocation) : claim
        if (!isReservedFor(pod, current)) client.updateStatus(resourceClaims, reserved(current, pod))
      }
      return undefined
    },
    wakes: ({ pod }, event) =>
      (pod.spec.resourceClaims ?? []).length > 0 &&
      (event.on === 'devices' ||
        (event.on === 'pod' && event.change === 'claims') ||
        (event.on === 'node' && (event.change === 'add' || event.change === 'labels'))),
  }
}
