/**
 * Lets a deleted claim go once no Pod uses it, and a deleted volume once it is bound no more.
 * Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection, kubernetes/pkg/controller/volume/{pvc,pv}protection
 */
import { persistentVolumes } from '../../api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { type KubeObject, keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { Client } from '../../client/client.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { claimKeysOf, indexByClaim, podsUsing } from '../claim-users.ts'
import { createListening } from '../handlers.ts'

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection'
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection'

export const claimProtectionController: ControllerSpec = {
  name: 'persistentvolumeclaim-protection-controller',
  serviceAccount: 'pvc-protection-controller',
  watches: [persistentVolumeClaims, pods],
  start: startClaimProtection,
}

function startClaimProtection({ client, informers, queue: createQueue }: ComponentContext): RunningComponent {
  const claimInformer = informers.informer(persistentVolumeClaims)
  const podInformer = informers.informer(pods)
  indexByClaim(podInformer)
  const queue = createQueue({ name: 'claim protection', metricName: 'pvcprotection', reconcile })

  function reconcile(key: string): void {
    const claim = claimInformer.get(parseKeyText(key))
    if (!claim || claim.metadata.deletionTimestamp === undefined) return
    if (podsUsing(podInformer, claim).some((pod) => keepsAlive(pod, claim))) return
    removeFinalizer(client, persistentVolumeClaims, claim, CLAIM_FINALIZER)
  }

  const podGone = (pod: Pod): void => {
    for (const key of claimKeysOf(pod)) queue.add(key)
  }
  const listening = createListening(() => queue.stop())
  listening.on(claimInformer, {
    onAdd: (claim) => queue.add(keyText(keyOf(claim))),
    onUpdate(claim) {
      if (claim.metadata.deletionTimestamp !== undefined) queue.add(keyText(keyOf(claim)))
    },
  })
  listening.on(podInformer, {
    onUpdate(pod) {
      if (pod.metadata.deletionGracePeriodSeconds === 0) podGone(pod)
    },
    onDelete: podGone,
  })
  return listening
}

/**
 * Pods without a node do not count: no kubelet will start one whose claim is going. Nor does one that its kubelet is done with, when the claim is
 * its own: it goes with the Pod. Source: podUsesPVCForDeletion, podIsShutDown
 */
const keepsAlive = (pod: Pod, { metadata }: PersistentVolumeClaim): boolean =>
  Boolean(pod.spec.nodeName) &&
  (pod.metadata.deletionGracePeriodSeconds !== 0 ||
    (pod.spec.volumes ?? []).some((volume) => volume.persistentVolumeClaim?.claimName === metadata.name))

export const volumeProtectionController: ControllerSpec = {
  name: 'persistentvolume-protection-controller',
  serviceAccount: 'pv-protection-controller',
  watches: [persistentVolumes],
  start: startVolumeProtection,
}

function startVolumeProtection({ client, informers, queue: createQueue }: ComponentContext): RunningComponent {
  const volumeInformer = informers.informer(persistentVolumes)
  const queue = createQueue({ name: 'volume protection', metricName: 'pvprotection', reconcile })

  function reconcile(name: string): void {
    const volume = volumeInformer.get({ namespace: '', name })
    if (!volume || volume.metadata.deletionTimestamp === undefined || volume.status?.phase === 'Bound') return
    removeFinalizer(client, persistentVolumes, volume, VOLUME_FINALIZER)
  }

  const listening = createListening(() => queue.stop())
  listening.on(volumeInformer, {
    onAdd: ({ metadata }) => queue.add(metadata.name),
    onUpdate({ metadata }) {
      if (metadata.deletionTimestamp !== undefined) queue.add(metadata.name)
    },
  })
  return listening
}

function removeFinalizer<T extends KubeObject>(client: Client, kind: Kind<T>, object: T, finalizer: string): void {
  const finalizers = object.metadata.finalizers ?? []
  if (!finalizers.includes(finalizer)) return
  const kept = finalizers.filter((one) => one !== finalizer)
  try {
    client.update(kind, { ...object, metadata: { ...object.metadata, finalizers: kept } })
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error
  }
}
