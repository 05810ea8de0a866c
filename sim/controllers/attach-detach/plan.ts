/** What to attach where, and what to take off. Pure. Source: kubernetes/pkg/controller/volume/attachdetach/reconciler/reconciler.go */
import { isMultiAttach } from '../../api/core/persistent-volume/attachment.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { PersistentVolume } from '../../api/core/storage-types.ts'
import type { VolumeAttachment } from '../../api/storage/types.ts'

export interface AttachmentPlan {
  /** Nodes to attach the volume to. */
  attach: readonly string[]
  /** Attachments that nobody on their node needs, and that are not on their way out yet. */
  detach: readonly VolumeAttachment[]
  /** Nodes that have to wait until another one lets go, each with the words of the event. */
  blocked: readonly { node: string; message: string }[]
}

/**
 * @param users Pods that use the volume and have a node; those that have ended need it no more
 * @param attachments of the volume
 */
export function planAttachments(
  volume: PersistentVolume,
  users: readonly Pod[],
  attachments: readonly VolumeAttachment[],
): AttachmentPlan {
  const wanted = new Set(users.map((pod) => pod.spec.nodeName!))
  const held = new Set(attachments.map(({ spec }) => spec.nodeName))
  const attach: string[] = []
  const blocked: { node: string; message: string }[] = []
  for (const node of wanted) {
    if (held.has(node)) continue
    if (!isMultiAttach(volume) && held.size + attach.length > 0)
      blocked.push({
        node,
        message: refusal(
          volume,
          users.filter((pod) => pod.spec.nodeName !== node),
        ),
      })
    else attach.push(node)
  }
  return {
    attach,
    detach: attachments.filter(
      ({ metadata, spec }) => metadata.deletionTimestamp === undefined && !wanted.has(spec.nodeName),
    ),
    blocked,
  }
}

function refusal({ metadata }: PersistentVolume, others: readonly Pod[]): string {
  const why =
    others.length > 0
      ? `Volume is already used by pod(s) ${others.map((pod) => pod.metadata.name).join(', ')}`
      : "Volume is already exclusively attached to one node and can't be attached to another"
  return `Multi-Attach error for volume "${metadata.name}" ${why}`
}
