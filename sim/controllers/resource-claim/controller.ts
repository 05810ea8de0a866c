/**
 * Makes the claims of Pods from their templates, and takes back what is used no longer.
 * Source: kubernetes/pkg/controller/resourceclaim/controller.go
 */
import { pods } from '../../api/core/pod.ts'
import type { Pod, PodResourceClaim } from '../../api/core/pod-types.ts'
import { keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import {
  CLAIM_FINALIZER,
  canBeReserved,
  claimNameOf,
  isMadeFor,
  isReservedFor,
  POD_CLAIM_NAME,
  reserved,
} from '../../api/resource/pod-claims.ts'
import { resourceClaims } from '../../api/resource/resource-claim.ts'
import { resourceClaimTemplates } from '../../api/resource/resource-claim-template.ts'
import type { ConsumerReference, ResourceClaim } from '../../api/resource/types.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'
import { isFinished } from '../pod-state.ts'

/** Of what stands before the random part of a name. */
const LONGEST_BASE = 57
const POD = 'pod:'
const CLAIM = 'claim:'

export const resourceClaimController: ControllerSpec = {
  name: 'resourceclaim-controller',
  serviceAccount: 'resource-claim-controller',
  watches: [pods, resourceClaims, resourceClaimTemplates],
  start: startResourceClaimController,
}

function startResourceClaimController(context: ComponentContext): RunningComponent {
  const { client, informers } = context
  const podInformer = informers.informer(pods)
  const claimInformer = informers.informer(resourceClaims)
  const templateInformer = informers.informer(resourceClaimTemplates)
  const recorder = context.recorder('resource_claim')
  const queue = context.queue({
    name: 'resource_claim',
    reconcile: (key) =>
      key.startsWith(POD) ? reconcilePod(key.slice(POD.length)) : reconcileClaim(key.slice(CLAIM.length)),
  })

  function reconcilePod(key: string): void {
    const pod = podInformer.get(parseKeyText(key))
    if (!pod || pod.metadata.deletionTimestamp !== undefined) return
    const statuses = new Map((pod.status.resourceClaimStatuses ?? []).map((status) => [status.name, status]))
    let isChanged = false
    for (const podClaim of pod.spec.resourceClaims ?? []) {
      try {
        const made = claimFor(pod, podClaim)
        if (made === undefined || made === statuses.get(podClaim.name)?.resourceClaimName) continue
        statuses.set(podClaim.name, { name: podClaim.name, resourceClaimName: made })
        isChanged = true
      } catch (error) {
        const why = (error as Error).message
        recorder.event(pod, 'Warning', 'FailedResourceClaimCreation', `PodResourceClaim ${podClaim.name}: ${why}`)
        throw error
      }
    }
    if (isChanged)
      client.patchStatus(pods, keyOf(pod), 'strategic', { status: { resourceClaimStatuses: [...statuses.values()] } })
    if (pod.spec.nodeName) reserveFor(pod)
  }

  /** The name of the claim that a template asks for; undefined when none has to be made. */
  function claimFor(pod: Pod, podClaim: PodResourceClaim): string | undefined {
    const { name, resourceClaimTemplateName } = podClaim
    if (resourceClaimTemplateName === undefined) return undefined
    const { namespace = '' } = pod.metadata
    const known = claimNameOf(pod, podClaim)
    const made = known === undefined ? undefined : claimInformer.get({ namespace, name: known })
    if (made && isMadeFor(pod, made)) return known
    // One that was made before the Pod's status could say so.
    const orphan = claimInformer
      .list(namespace)
      .find((claim) => claim.metadata.annotations?.[POD_CLAIM_NAME] === name && isMadeFor(pod, claim))
    if (orphan) return orphan.metadata.name
    const template = templateInformer.get({ namespace, name: resourceClaimTemplateName })
    if (!template)
      throw new StatusError(
        404,
        'NotFound',
        `resource claim template "${resourceClaimTemplateName}": resourceclaimtemplate.resource.k8s.io "${resourceClaimTemplateName}" not found`,
      )
    const { annotations, labels } = template.spec.metadata ?? {}
    return client.create(resourceClaims, {
      metadata: {
        namespace,
        generateName: baseName(pod.metadata.name, name),
        annotations: { ...annotations, [POD_CLAIM_NAME]: name },
        ...(labels ? { labels } : {}),
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid, controller: true },
        ],
      },
      spec: template.spec.spec,
    }).metadata.name
  }

  /** Of a Pod that did not come by the scheduler. */
  function reserveFor(pod: Pod): void {
    for (const podClaim of pod.spec.resourceClaims ?? []) {
      const name = claimNameOf(pod, podClaim)
      const claim =
        name === undefined ? undefined : claimInformer.get({ namespace: pod.metadata.namespace ?? '', name })
      if (!claim?.status?.allocation || isReservedFor(pod, claim) || !canBeReserved(claim)) continue
      client.updateStatus(resourceClaims, reserved(claim, pod))
    }
  }

  function reconcileClaim(key: string): void {
    const claim = claimInformer.get(parseKeyText(key))
    if (!claim) return
    const { reservedFor = [] } = claim.status ?? {}
    const remaining = reservedFor.filter((consumer) => isStillUsing(claim, consumer))
    const isProtected = (claim.metadata.finalizers ?? []).includes(CLAIM_FINALIZER)
    const isFreed = remaining.length < reservedFor.length
    const isLetGo = isProtected && remaining.length === 0 && (isFreed || claim.metadata.deletionTimestamp !== undefined)
    let current = claim
    if (isFreed || (isLetGo && claim.status?.allocation)) {
      const { allocation, reservedFor: _before, ...rest } = claim.status ?? {}
      const status = {
        ...rest,
        ...(allocation && !isLetGo ? { allocation } : {}),
        ...(remaining.length > 0 ? { reservedFor: remaining } : {}),
      }
      current = client.updateStatus(resourceClaims, { ...claim, status })
    }
    if (isLetGo) {
      const finalizers = (current.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLAIM_FINALIZER)
      client.update(resourceClaims, { ...current, metadata: { ...current.metadata, finalizers } })
    }
    if (remaining.length === 0) deleteUnused(current)
  }

  const isStillUsing = (claim: ResourceClaim, { apiGroup, resource, name, uid }: ConsumerReference): boolean => {
    if (apiGroup || resource !== 'pods') return true
    const key = { namespace: claim.metadata.namespace ?? '', name }
    const pod = podInformer.get(key) ?? find(key)
    return pod !== undefined && pod.metadata.uid === uid && !isDone(pod)
  }

  /** The scheduler may know a Pod that has not come here yet. */
  const find = (key: { namespace: string; name: string }): Pod | undefined => {
    try {
      return client.get(pods, key)
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined
      throw error
    }
  }

  /** A claim that was made for a Pod goes once the Pod has ended; the garbage collector sees to Pods that are gone. */
  function deleteUnused(claim: ResourceClaim): void {
    const owner = claim.metadata.ownerReferences?.find(({ kind, controller }) => controller && kind === 'Pod')
    const pod = owner && podInformer.get({ namespace: claim.metadata.namespace ?? '', name: owner.name })
    if (!pod || (pod.metadata.uid === owner.uid && !isDone(pod))) return
    try {
      client.delete(resourceClaims, keyOf(claim))
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  const enqueuePod = (pod: Pod): void => {
    const { resourceClaims: claims = [] } = pod.spec
    if (claims.length === 0) return
    if (isDone(pod)) enqueueClaimsOf(pod)
    else queue.add(POD + keyText(keyOf(pod)))
  }
  const enqueueClaimsOf = (pod: Pod): void => {
    const { namespace = '' } = pod.metadata
    for (const podClaim of pod.spec.resourceClaims ?? []) {
      const name = claimNameOf(pod, podClaim)
      if (name !== undefined) queue.add(CLAIM + keyText({ namespace, name }))
    }
  }
  const enqueueClaim = (claim: ResourceClaim): void => queue.add(CLAIM + keyText(keyOf(claim)))
  /** Pods that ask for one that came, or went. */
  const enqueuePodsOf = (namespace: string, asks: (podClaim: PodResourceClaim, pod: Pod) => boolean): void => {
    for (const pod of podInformer.list(namespace))
      if (pod.spec.resourceClaims?.some((podClaim) => asks(podClaim, pod))) enqueuePod(pod)
  }
  const listening = createListening(() => queue.stop())
  listening.on(podInformer, { onAdd: enqueuePod, onUpdate: enqueuePod, onDelete: enqueueClaimsOf })
  listening.on(claimInformer, {
    onAdd: enqueueClaim,
    onUpdate: enqueueClaim,
    onDelete: ({ metadata }) =>
      enqueuePodsOf(metadata.namespace ?? '', (podClaim, pod) => claimNameOf(pod, podClaim) === metadata.name),
  })
  listening.on(templateInformer, {
    onAdd: ({ metadata }) =>
      enqueuePodsOf(metadata.namespace ?? '', (podClaim) => podClaim.resourceClaimTemplateName === metadata.name),
  })
  return listening
}

/** Of a Pod that cannot run any more. Source: isPodDone */
const isDone = (pod: Pod): boolean =>
  isFinished(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec.nodeName)

/** `<pod>-<claim>-`, both cut in proportion when that is too long. */
function baseName(pod: string, claim: string): string {
  const name = `${pod}-${claim}-`
  if (name.length <= LONGEST_BASE) return name
  const cut = (text: string): string => text.slice(0, Math.floor((text.length * LONGEST_BASE) / name.length))
  return `${cut(pod)}-${cut(claim)}`
}
