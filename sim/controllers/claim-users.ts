/** Finding the Pods that use a claim without looking at all Pods. */
import type { Pod } from '../api/core/pod-types.ts'
import type { PersistentVolumeClaim } from '../api/core/storage-types.ts'
import type { SharedInformer } from '../client/informer.ts'

const BY_CLAIM = 'spec.volumes.persistentVolumeClaim'

export function indexByClaim(informer: SharedInformer<Pod>): void {
  informer.addIndex(BY_CLAIM, claimKeysOf)
}

/** `namespace/name` of the claims that the Pod names. */
export const claimKeysOf = ({ metadata, spec }: Pod): string[] => {
  const keys: string[] = []
  for (const { persistentVolumeClaim: source } of spec.volumes ?? [])
    if (source) keys.push(`${metadata.namespace}/${source.claimName}`)
  return keys
}

/** The Pods that name the claim, whatever state they are in. */
export const podsUsing = (informer: SharedInformer<Pod>, { metadata }: PersistentVolumeClaim): readonly Pod[] =>
  informer.byIndex(BY_CLAIM, `${metadata.namespace}/${metadata.name}`)
