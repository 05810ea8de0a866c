/**
 * The claims behind a Pod's volumes: those that it names, and those that are made for it alone from the template of an ephemeral volume.
 * Source: https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes, component-helpers/storage/ephemeral
 */
import { controllerOf } from '../../meta/object.ts'
import type { Pod, Volume } from '../pod-types.ts'
import type { PersistentVolumeClaim } from '../storage-types.ts'

export interface ClaimOfVolume {
  claimName: string
  readOnly: boolean
  /** It must have been made for this Pod. */
  isEphemeral: boolean
}

/** The claim that the volume stands for; undefined when it is of another kind. */
export function claimOfVolume(pod: { metadata: { name: string } }, volume: Volume): ClaimOfVolume | undefined {
  const { name, persistentVolumeClaim: source, ephemeral } = volume
  if (source) return { claimName: source.claimName, readOnly: source.readOnly ?? false, isEphemeral: false }
  if (ephemeral) return { claimName: `${pod.metadata.name}-${name}`, readOnly: false, isEphemeral: true }
  return undefined
}

/** The names of all claims of the Pod, in the order of its volumes. */
export const claimNamesOf = (pod: Pod): string[] =>
  (pod.spec.volumes ?? []).flatMap((volume) => claimOfVolume(pod, volume)?.claimName ?? [])

/** Whether the volume of this Pod is the claim's: one that is ephemeral is no other Pod's. */
export function isClaimOf(pod: Pod, volume: Volume, claim: PersistentVolumeClaim): boolean {
  const of = claimOfVolume(pod, volume)
  return of?.claimName === claim.metadata.name && (!of.isEphemeral || whyNotMadeFor(pod, claim) === undefined)
}

/** Why a claim is not the one that an ephemeral volume of the Pod may use, in the cluster's words; undefined when it is. */
export const whyNotMadeFor = ({ metadata: pod }: Pod, claim: PersistentVolumeClaim): string | undefined =>
  claim.metadata.namespace === pod.namespace && controllerOf(claim)?.uid === pod.uid
    ? undefined
    : `PVC ${claim.metadata.namespace}/${claim.metadata.name} was not created for pod ${pod.namespace}/${pod.name} (pod is not owner)`
