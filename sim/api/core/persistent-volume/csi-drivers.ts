/** What CSI drivers can do that are simulated. Source: the CSIDriver objects and capabilities of each */
import type { PersistentVolume } from '../storage-types.ts'

/** Drivers of file servers and of the node's own directories: nothing is attached, staged or grown on a node. */
const FILES = new Set([
  'cephfs.csi.ceph.com',
  'efs.csi.aws.com',
  'file.csi.azure.com',
  'filestore.csi.storage.gke.io',
  'hostpath.csi.k8s.io',
  'nfs.csi.k8s.io',
])

const isDisk = ({ spec: { csi } }: PersistentVolume): boolean => csi !== undefined && !FILES.has(csi.driver)

/** Whether it has to be attached to a node before it can be mounted there. Source: https://kubernetes-csi.github.io/docs/skip-attach.html */
export const needsAttachment = isDisk

/** Whether the node mounts it once for all its Pods (STAGE_UNSTAGE_VOLUME). */
export const hasStaging = isDisk

/** Whether the file system has to be grown on the node after the volume (node_expansion_required). */
export const needsNodeExpansion = isDisk
