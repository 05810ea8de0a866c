/** Attachments of volumes to nodes: to how many, and under which name. */
import { sha256 } from '../../meta/sha256.ts'
import type { PersistentVolume } from '../storage-types.ts'

/** Whether several nodes may have it at once. */
export const isMultiAttach = ({ spec }: PersistentVolume): boolean =>
  (spec.accessModes ?? []).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')

/** The name of the VolumeAttachment. Source: kubernetes/pkg/volume/csi/csi_attacher.go, getAttachmentName */
export function attachmentName({ spec: { csi } }: PersistentVolume, node: string): string {
  const text = `${csi?.volumeHandle ?? ''}${csi?.driver ?? ''}${node}`
  const words = sha256(Array.from(text, (character) => character.charCodeAt(0)))
  return `csi-${words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')}`
}

/** Whether the controller that attaches volumes gave that name. */
export const isAttachmentName = (name: string): boolean => /^csi-[0-9a-f]{64}$/.test(name)
