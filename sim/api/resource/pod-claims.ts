/** Claims of Pods: which they are, and who may use one. Source: k8s.io/dynamic-resource-allocation/resourceclaim */
import type { Pod, PodResourceClaim } from '../core/pod-types.ts'
import type { ConsumerReference, ResourceClaim } from './types.ts'

/** Kept on an allocated claim until nobody uses it. */
export const CLAIM_FINALIZER = 'resource.kubernetes.io/delete-protection'
/** On a claim that was made for a Pod: which of the Pod's claims it is. */
export const POD_CLAIM_NAME = 'resource.kubernetes.io/pod-claim-name'
const MOST_CONSUMERS = 256

/** The name of the claim; undefined until the one of a template is made. */
export const claimNameOf = (
  { status }: Pod,
  { name, resourceClaimName, resourceClaimTemplateName }: PodResourceClaim,
): string | undefined =>
  resourceClaimTemplateName === undefined
    ? resourceClaimName
    : status?.resourceClaimStatuses?.find((one) => one.name === name)?.resourceClaimName

/** Whether the claim was made for this Pod, and not for one of the same name before it. */
export const isMadeFor = ({ metadata }: Pod, claim: ResourceClaim): boolean =>
  claim.metadata.namespace === metadata.namespace &&
  (claim.metadata.ownerReferences ?? []).some(({ controller, uid }) => controller && uid === metadata.uid)

export const isReservedFor = ({ metadata }: Pod, { status }: ResourceClaim): boolean =>
  (status?.reservedFor ?? []).some(({ uid }) => uid === metadata.uid)

export const canBeReserved = ({ status }: ResourceClaim): boolean => (status?.reservedFor ?? []).length < MOST_CONSUMERS

const consumerOf = ({ metadata }: Pod): ConsumerReference => ({
  resource: 'pods',
  name: metadata.name,
  uid: metadata.uid,
})

/** The claim with the Pod among those who use it. */
export const reserved = (claim: ResourceClaim, pod: Pod): ResourceClaim => ({
  ...claim,
  status: { ...claim.status, reservedFor: [...(claim.status?.reservedFor ?? []), consumerOf(pod)] },
})
