/**
 * Attaches volumes to the nodes whose Pods use them, and detaches them afterwards. That a volume is attached is reported by
 * its driver's attacher. Source: kubernetes/pkg/controller/volume/attachdetach
 */
import { nodes } from '../../api/core/node.ts'
import { attachmentName, isAttachmentName } from '../../api/core/persistent-volume/attachment.ts'
import { needsAttachment } from '../../api/core/persistent-volume/csi-drivers.ts'
import { persistentVolumes } from '../../api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { PersistentVolume } from '../../api/core/storage-types.ts'
import type { Node } from '../../api/core/types.ts'
import { findCondition, keyOf, parseKeyText } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { VolumeAttachment } from '../../api/storage/types.ts'
import { volumeAttachments } from '../../api/storage/volume-attachment.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { claimKeysOf, indexByClaim, podsUsing } from '../claim-users.ts'
import { createListening } from '../handlers.ts'
import { isFinished } from '../pod-state.ts'
import { planAttachments } from './plan.ts'

/** A node that does not answer may still write: its volumes are taken off it after this time. */
const UNMOUNT_WAIT_MS = 360_000
/** How long an attacher is waited for, and how long after that it is asked again: twice as long each time. Source: csiTimeout in pkg/volume/csi/csi_plugin.go, pkg/util/goroutinemap/exponentialbackoff */
const ATTACHER_MS = 120_000
const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 122_000
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'
const BY_VOLUME = 'spec.source.persistentVolumeName'

export const attachDetachController: ControllerSpec = {
  name: 'persistentvolume-attach-detach-controller',
  serviceAccount: 'attachdetach-controller',
  watches: [volumeAttachments, persistentVolumes, persistentVolumeClaims, pods, nodes],
  start: startAttachDetach,
}

function startAttachDetach(context: ComponentContext): RunningComponent {
  const { engine, client, informers } = context
  const attachmentInformer = informers.informer(volumeAttachments)
  const volumeInformer = informers.informer(persistentVolumes)
  const claimInformer = informers.informer(persistentVolumeClaims)
  const podInformer = informers.informer(pods)
  const nodeInformer = informers.informer(nodes)
  indexByClaim(podInformer)
  // What somebody else made is not this controller's to take away.
  attachmentInformer.addIndex(BY_VOLUME, ({ metadata, spec }) =>
    spec.source.persistentVolumeName && isAttachmentName(metadata.name) ? [spec.source.persistentVolumeName] : [],
  )
  const events = context.recorder('attachdetach-controller')
  const queue = context.queue({ name: 'attach-detach', metricName: 'pvcs', reconcile })
  /** Since when an attachment is not needed any more, by its name. */
  const idleSinceMs = new Map<string, number>()
  /** Attachments that nobody has made yet: since when they are waited for, and how long after this try the next one begins. */
  const tries = new Map<string, { sinceMs: number; retryMs: number }>()
  /** What was told already, until it changes: `volume node`. */
  const told = new Set<string>()

  function reconcile(name: string): void {
    const attachments = attachmentInformer.byIndex(BY_VOLUME, name)
    const volume = volumeInformer.get({ namespace: '', name })
    if (!volume || !needsAttachment(volume)) {
      for (const attachment of attachments) detach(attachment)
      return
    }
    const users = usersOf(volume)
    const plan = planAttachments(volume, users, attachments)
    for (const attachment of plan.detach) letGo(name, attachment)
    for (const attachment of attachments)
      if (!plan.detach.includes(attachment)) idleSinceMs.delete(attachment.metadata.name)
    for (const node of plan.attach) attach(volume, node)
    for (const attachment of attachments)
      if (!plan.detach.includes(attachment)) awaitAttacher(volume, attachment, users)
    for (const { node, message } of plan.blocked) {
      if (told.has(`${name} ${node}`)) continue
      told.add(`${name} ${node}`)
      for (const pod of users)
        if (pod.spec.nodeName === node) events.event(pod, 'Warning', 'FailedAttachVolume', message)
    }
  }

  function usersOf({ spec }: PersistentVolume): readonly Pod[] {
    const claim = claimInformer.get({ namespace: spec.claimRef?.namespace ?? '', name: spec.claimRef?.name ?? '' })
    if (!claim || claim.metadata.uid !== spec.claimRef?.uid) return []
    return podsUsing(podInformer, claim).filter((pod) => pod.spec.nodeName && !isFinished(pod))
  }

  function attach(volume: PersistentVolume, nodeName: string): void {
    const { name } = volume.metadata
    told.delete(`${name} ${nodeName}`)
    try {
      client.create(volumeAttachments, {
        metadata: { name: attachmentName(volume, nodeName) },
        spec: { attacher: volume.spec.csi?.driver ?? '', nodeName, source: { persistentVolumeName: name } },
      })
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error
    }
  }

  /** Tells the Pods of the node, after each try, that no attacher has answered. */
  function awaitAttacher(
    volume: PersistentVolume,
    { metadata, spec, status }: VolumeAttachment,
    users: readonly Pod[],
  ) {
    if (status?.attached || metadata.deletionTimestamp !== undefined) return void tries.delete(metadata.name)
    const { sinceMs, retryMs } = tries.get(metadata.name) ?? { sinceMs: engine.nowMs, retryMs: FIRST_RETRY_MS }
    const isOver = engine.nowMs >= sinceMs + ATTACHER_MS
    const next = isOver
      ? { sinceMs: engine.nowMs + retryMs, retryMs: Math.min(retryMs * 2, MAX_RETRY_MS) }
      : { sinceMs, retryMs }
    tries.set(metadata.name, next)
    queue.addAfter(volume.metadata.name, next.sinceMs + ATTACHER_MS - engine.nowMs)
    if (!isOver) return
    const message = `AttachVolume.Attach failed for volume "${volume.metadata.name}" : timed out waiting for external-attacher of ${spec.attacher} CSI driver to attach volume ${volume.spec.csi?.volumeHandle}`
    for (const pod of users)
      if (pod.spec.nodeName === spec.nodeName) events.event(pod, 'Warning', 'FailedAttachVolume', message)
  }

  /** Tells the Pods of the node that their volume is there. */
  function tellAttached({ spec }: VolumeAttachment): void {
    const name = spec.source.persistentVolumeName ?? ''
    const volume = volumeInformer.get({ namespace: '', name })
    for (const pod of volume ? usersOf(volume) : [])
      if (pod.spec.nodeName === spec.nodeName)
        events.event(pod, 'Normal', 'SuccessfulAttachVolume', `AttachVolume.Attach succeeded for volume "${name}" `)
  }

  function letGo(name: string, attachment: VolumeAttachment): void {
    const since = idleSinceMs.get(attachment.metadata.name) ?? engine.nowMs
    idleSinceMs.set(attachment.metadata.name, since)
    const leftMs = since + UNMOUNT_WAIT_MS - engine.nowMs
    if (leftMs > 0 && !hasUnmounted(nodeInformer.get({ namespace: '', name: attachment.spec.nodeName }))) {
      queue.addAfter(name, leftMs)
      return
    }
    detach(attachment)
  }

  function detach(attachment: VolumeAttachment): void {
    idleSinceMs.delete(attachment.metadata.name)
    try {
      client.delete(volumeAttachments, keyOf(attachment))
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  const podChanged = (pod: Pod): void => {
    for (const key of claimKeysOf(pod)) {
      const volumeName = claimInformer.get(parseKeyText(key))?.spec.volumeName
      if (volumeName) queue.add(volumeName)
    }
  }
  const attachmentChanged = ({ spec }: VolumeAttachment): void => {
    if (spec.source.persistentVolumeName) queue.add(spec.source.persistentVolumeName)
  }
  const listening = createListening(() => queue.stop())
  listening.on(podInformer, {
    onAdd: podChanged,
    onUpdate(pod, old) {
      if (pod.spec.nodeName !== old.spec.nodeName || isFinished(pod) !== isFinished(old)) podChanged(pod)
    },
    onDelete: podChanged,
  })
  listening.on(attachmentInformer, {
    onAdd: attachmentChanged,
    onUpdate(attachment, old) {
      if (attachment.status?.attached && !old.status?.attached) tellAttached(attachment)
    },
    onDelete(attachment) {
      tries.delete(attachment.metadata.name)
      attachmentChanged(attachment)
    },
  })
  listening.on(volumeInformer, {
    onUpdate(volume, old) {
      if (volume.spec.claimRef !== old.spec.claimRef || volume.status?.phase !== old.status?.phase)
        queue.add(volume.metadata.name)
    },
    onDelete: ({ metadata }) => queue.add(metadata.name),
  })
  listening.on(nodeInformer, {
    onUpdate(node, old) {
      if (hasUnmounted(node) === hasUnmounted(old)) return
      for (const attachment of attachmentInformer.list())
        if (attachment.spec.nodeName === node.metadata.name) attachmentChanged(attachment)
    },
  })
  return listening
}

/** Whether what no Pod of the node uses is unmounted there for sure: the node answers, is gone, or was given up by somebody. */
function hasUnmounted(node: Node | undefined): boolean {
  if (!node || node.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE)) return true
  return findCondition(node.status?.conditions, 'Ready')?.status === 'True'
}
