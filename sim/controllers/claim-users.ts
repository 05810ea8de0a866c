/** Finding the Pods that use a claim without looking at all Pods. */
import { claimNamesOf, isClaimOf } from '../api/core/pod/volume-claims.ts'
import type { Pod } from '../api/core/pod-types.ts'
import type { PersistentVolumeClaim } from '../api/core/storage-types.ts'
import type { SharedInformer } from '../client/informer.ts'

const BY_CLAIM = 'spec.volumes.persistentVolumeClaim'

export function indexByClaim(informer: SharedInformer<Pod>): void {
  informer.addIndex(BY_CLAIM, claimKeysOf)
}

/** `namespace/name` of the claims of the Pod's volumes. */
export const claimKeysOf = (pod: Pod): string[] => claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`)

/** The Pods with a volume of the claim, whatever state they are in. */
export const podsUsing = (informer: SharedInformer<Pod>, claim: PersistentVolumeClaim): readonly Pod[] =>
  podsNaming(informer, claim).filter((pod) => pod.spec.volumes?.some((volume) => isClaimOf(pod, volume, claim)))

/** Those with a volume whose claim has that name, even when this one was not made for them. */
export const podsNaming = (
  informer: SharedInformer<Pod>,
  { metadata: { namespace, name } }: PersistentVolumeClaim,
): readonly Pod[] => informer.byIndex(BY_CLAIM, `${namespace}/${name}`)
