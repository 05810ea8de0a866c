/** The attachers of the drivers: they report an attachment as made once the driver has had its time. Source: kubernetes-csi/external-attacher */
import { keyOf } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import { volumeAttachments } from '../../api/storage/volume-attachment.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'

/** How long a driver takes to attach a volume. */
const DRIVER_MS = 1000

export const volumeAttacher: ControllerSpec = {
  name: 'volume-attacher',
  serviceAccount: 'csi-attacher',
  watches: [volumeAttachments],
  start: startVolumeAttacher,
}

function startVolumeAttacher({ client, informers, queue: createQueue }: ComponentContext): RunningComponent {
  const informer = informers.informer(volumeAttachments)
  const queue = createQueue({ name: 'attach', reconcile })

  function reconcile(name: string): void {
    const attachment = informer.get({ namespace: '', name })
    if (!attachment || attachment.status?.attached) return
    try {
      client.patchStatus(volumeAttachments, keyOf(attachment), 'merge', { status: { attached: true } })
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  const listening = createListening(() => queue.stop())
  listening.on(informer, { onAdd: ({ metadata }) => queue.addAfter(metadata.name, DRIVER_MS) })
  return listening
}
