/** The claims of a Pod's volumes. */
import { claimOfVolume } from '../api/core/pod/volume-claims.ts'
import type { ObjectKey } from '../api/meta/object.ts'
import { charge } from '../engine/work.ts'
import type { PodInfo } from './pod-info.ts'

export interface ClaimKey extends ObjectKey {
  isEphemeral: boolean
}

const NONE: readonly ClaimKey[] = []

export function claimKeys({ pod }: PodInfo): readonly ClaimKey[] {
  let keys: ClaimKey[] | undefined
  const volumes = pod.spec.volumes ?? []
  charge(volumes.length / 4)
  for (const volume of volumes) {
    const of = claimOfVolume(pod, volume)
    if (!of) continue
    keys ??= []
    keys.push({ namespace: pod.metadata.namespace ?? '', name: of.claimName, isEphemeral: of.isEphemeral })
  }
  return keys ?? NONE
}

/** Whether the Pod uses the claim. */
export const usesClaim = (info: PodInfo, { namespace, name }: ObjectKey): boolean =>
  claimKeys(info).some((key) => key.name === name && key.namespace === namespace)
