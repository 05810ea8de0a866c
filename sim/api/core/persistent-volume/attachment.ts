/** Attachments of volumes to nodes: to how many, and under which name. */
import type { PersistentVolume } from '../storage-types.ts'

/** Whether several nodes may have it at once. */
export const isMultiAttach = ({ spec }: PersistentVolume): boolean =>
  (spec.accessModes ?? []).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')

/** The name of the VolumeAttachment: `csi-` and 64 hexadecimal digits that follow from the three. Simplified: not SHA-256. */
export function attachmentName(volume: PersistentVolume, node: string): string {
  const text = `${volume.spec.csi?.volumeHandle ?? ''}${volume.spec.csi?.driver ?? ''}${node}`
  let name = 'csi-'
  for (let part = 0; part < 8; part++) {
    let hash = 0x811c9dc5 ^ part
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    name += (hash >>> 0).toString(16).padStart(8, '0')
  }
  return name
}
