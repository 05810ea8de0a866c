/**
 * Makes the claims of ephemeral volumes from their templates. They are the Pod's own, and go with it by garbage collection.
 * Source: https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes, kubernetes/pkg/controller/volume/ephemeral
 */

import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import { claimOfVolume, whyNotMadeFor } from '../../api/core/pod/volume-claims.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod, Volume } from '../../api/core/pod-types.ts'
import { keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { indexByClaim, podsNaming } from '../claim-users.ts'
import { createListening } from '../handlers.ts'

export const ephemeralVolumeController: ControllerSpec = {
  name: 'ephemeral-volume-controller',
  serviceAccount: 'ephemeral-volume-controller',
  watches: [pods, persistentVolumeClaims],
  start: startEphemeralVolumeController,
}

function startEphemeralVolumeController(context: ComponentContext): RunningComponent {
  const { client, informers } = context
  const podInformer = informers.informer(pods)
  const claimInformer = informers.informer(persistentVolumeClaims)
  indexByClaim(podInformer)
  const events = context.recorder('ephemeral_volume')
  const queue = context.queue({ name: 'ephemeral_volume', reconcile })

  function reconcile(key: string): void {
    const pod = podInformer.get(parseKeyText(key))
    if (!pod || pod.metadata.deletionTimestamp !== undefined) return
    for (const volume of pod.spec.volumes ?? []) {
      const whyNot = makeClaim(pod, volume)
      if (whyNot === undefined) continue
      const message = `ephemeral volume ${volume.name}: ${whyNot}`
      events.event(pod, 'Warning', 'FailedBinding', message)
      throw new StatusError(500, 'InternalError', `pod ${key}, ${message}`)
    }
  }

  /** @returns why it cannot be made, or is not this Pod's; undefined when all is well */
  function makeClaim(pod: Pod, volume: Volume): string | undefined {
    const template = volume.ephemeral?.volumeClaimTemplate
    const of = claimOfVolume(pod, volume)
    if (!template || !of) return undefined
    const { namespace = '', name: podName, uid } = pod.metadata
    const known = claimInformer.get({ namespace, name: of.claimName })
    if (known) return whyNotMadeFor(pod, known)
    const { annotations, labels } = template.metadata ?? {}
    try {
      client.create(persistentVolumeClaims, {
        metadata: {
          name: of.claimName,
          namespace,
          ...(annotations ? { annotations } : {}),
          ...(labels ? { labels } : {}),
          ownerReferences: [
            { apiVersion: 'v1', kind: 'Pod', name: podName, uid, controller: true, blockOwnerDeletion: true },
          ],
        },
        spec: template.spec ?? {},
      })
      return undefined
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      return `create PVC ${of.claimName}: ${error.message}`
    }
  }

  const enqueue = (pod: Pod): void => {
    if (pod.metadata.deletionTimestamp === undefined && pod.spec.volumes?.some(({ ephemeral }) => ephemeral))
      queue.add(keyText(keyOf(pod)))
  }
  const listening = createListening(() => queue.stop())
  listening.on(podInformer, { onAdd: enqueue })
  listening.on(claimInformer, { onDelete: (claim) => podsNaming(podInformer, claim).forEach(enqueue) })
  return listening
}
