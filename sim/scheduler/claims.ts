/** The claims that a Pod's volumes name. */
import type { ObjectKey } from '../api/meta/object.ts'
import { charge } from '../engine/work.ts'
import type { PodInfo } from './pod-info.ts'

const NONE: readonly ObjectKey[] = []

export function claimKeys({ pod }: PodInfo): readonly ObjectKey[] {
  let keys: ObjectKey[] | undefined
  const volumes = pod.spec.volumes ?? []
  charge(volumes.length / 4)
  for (const { persistentVolumeClaim: source } of volumes) {
    if (!source) continue
    keys ??= []
    keys.push({ namespace: pod.metadata.namespace ?? '', name: source.claimName })
  }
  return keys ?? NONE
}

/** Whether the Pod uses the claim. */
export const usesClaim = (info: PodInfo, { namespace, name }: ObjectKey): boolean =>
  claimKeys(info).some((key) => key.name === name && key.namespace === namespace)
