/**
 * The attachers of the drivers: they report an attachment as made once the driver has had its time, and let go of one that is
 * to be deleted once the driver has taken the volume off. Source: kubernetes-csi/external-attacher, pkg/controller/csi_handler.go
 */
import { keyOf } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { VolumeAttachment } from '../../api/storage/types.ts'
import { volumeAttachments } from '../../api/storage/volume-attachment.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'
import { findProvisioner } from '../volume-provisioner/provisioners.ts'

/** How long a driver takes to attach a volume, or to detach it. */
const DRIVER_MS = 1000

export const volumeAttacher: ControllerSpec = {
  name: 'volume-attacher',
  serviceAccount: 'csi-attacher',
  watches: [volumeAttachments],
  start: startVolumeAttacher,
}

function startVolumeAttacher({ engine, client, informers, queue: createQueue }: ComponentContext): RunningComponent {
  const informer = informers.informer(volumeAttachments)
  const queue = createQueue({ name: 'attach', metricName: null, reconcile })
  /** Attachments whose driver is at work: at what, and when it will be done. */
  const busy = new Map<string, { isLeaving: boolean; doneMs: number }>()

  function reconcile(name: string): void {
    const attachment = informer.get({ namespace: '', name })
    // Nobody runs an attacher of a driver that is not there.
    if (!attachment || !findProvisioner(attachment.spec.attacher)) return
    const isLeaving = attachment.metadata.deletionTimestamp !== undefined
    const finalizer = finalizerOf(attachment)
    const isHeld = attachment.metadata.finalizers?.includes(finalizer) ?? false
    if (isLeaving ? !isHeld : attachment.status.attached) return
    const others = (attachment.metadata.finalizers ?? []).filter((one) => one !== finalizer)
    const work = busy.get(name)
    if (work?.isLeaving !== isLeaving) {
      if (!isHeld) write(attachment, { metadata: { finalizers: [...others, finalizer] } })
      callDriver(isLeaving ? 'ControllerUnpublishVolume' : 'ControllerPublishVolume', attachment)
      busy.set(name, { isLeaving, doneMs: engine.nowMs + DRIVER_MS })
      queue.addAfter(name, DRIVER_MS)
    } else if (engine.nowMs < work.doneMs) queue.addAfter(name, work.doneMs - engine.nowMs)
    else {
      busy.delete(name)
      if (isLeaving) write(attachment, { metadata: { finalizers: others.length > 0 ? others : null } })
      else write(attachment, { status: { attached: true } }, 'status')
    }
  }

  function write({ metadata }: VolumeAttachment, patch: object, subresource?: 'status'): void {
    try {
      if (subresource) client.patchStatus(volumeAttachments, keyOf({ metadata }), 'merge', patch)
      else client.patch(volumeAttachments, keyOf({ metadata }), 'merge', patch)
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  function callDriver(call: string, { metadata, spec }: VolumeAttachment): void {
    const volume = spec.source.persistentVolumeName
    const object = { kind: 'VolumeAttachment', name: metadata.name }
    engine.trace.record(spec.attacher, `CSI ${call}`, object, {
      volume,
      node: spec.nodeName,
      caller: 'external-attacher',
    })
  }

  const listening = createListening(() => queue.stop())
  listening.on(informer, {
    onAdd: ({ metadata }) => queue.add(metadata.name),
    onUpdate: ({ metadata }) => queue.add(metadata.name),
    onDelete: ({ metadata }) => void busy.delete(metadata.name),
  })
  return listening
}

/** `external-attacher/ebs-csi-aws-com` */
const finalizerOf = ({ spec }: VolumeAttachment): string =>
  `external-attacher/${spec.attacher.replaceAll(/[^A-Za-z0-9-]/g, '-')}`
