/** Storage that is simulated: the names that a StorageClass may give as its provisioner. A class with any other name waits for ever, as on a cluster without it. */
import type { AccessMode, PersistentVolumeClaim, PersistentVolumeSpec } from '../../api/core/storage-types.ts'

export interface Provisioner {
  name: string
  accessModes: readonly AccessMode[]
  /** From where its volumes can be reached: from one node, from the nodes of a zone, from everywhere. */
  reach: 'node' | 'zone' | 'everywhere'
  /** It makes volumes only once a node is chosen. */
  needsNode?: boolean
  canExpand: boolean
  source(volumeName: string, claim: PersistentVolumeClaim): Pick<PersistentVolumeSpec, 'hostPath' | 'csi'>
}

const ONE_NODE: readonly AccessMode[] = ['ReadWriteOnce', 'ReadWriteOncePod']
const ALL: readonly AccessMode[] = ['ReadWriteOnce', 'ReadWriteOncePod', 'ReadOnlyMany', 'ReadWriteMany']

/** Volumes of a CSI driver, told by their handle. */
const csi =
  (driver: string): Provisioner['source'] =>
  (volumeName) => ({
    csi: { driver, volumeHandle: volumeName.replace('pvc-', 'vol-'), fsType: 'ext4' },
  })

const disks = (name: string, reach: Provisioner['reach']): Provisioner => ({
  name,
  accessModes: ONE_NODE,
  reach,
  canExpand: true,
  source: csi(name),
})

const shares = (name: string): Provisioner => ({
  name,
  accessModes: ALL,
  reach: 'everywhere',
  canExpand: true,
  source: csi(name),
})

const directories = (name: string): Provisioner => ({
  name,
  accessModes: ALL,
  reach: 'everywhere',
  canExpand: false,
  source: (_, { metadata }) => ({
    hostPath: { path: `/tmp/hostpath-provisioner/${metadata.namespace}/${metadata.name}`, type: 'DirectoryOrCreate' },
  }),
})

const provisioners: readonly Provisioner[] = [
  {
    name: 'rancher.io/local-path',
    accessModes: ONE_NODE,
    reach: 'node',
    needsNode: true,
    canExpand: false,
    source: (volumeName, { metadata }) => ({
      hostPath: {
        path: `/opt/local-path-provisioner/${volumeName}_${metadata.namespace}_${metadata.name}`,
        type: 'DirectoryOrCreate',
      },
    }),
  },
  directories('k8s.io/minikube-hostpath'),
  directories('docker.io/hostpath'),
  disks('hostpath.csi.k8s.io', 'node'),
  disks('ebs.csi.aws.com', 'zone'),
  disks('pd.csi.storage.gke.io', 'zone'),
  disks('disk.csi.azure.com', 'zone'),
  disks('cinder.csi.openstack.org', 'zone'),
  disks('csi.vsphere.vmware.com', 'everywhere'),
  disks('driver.longhorn.io', 'everywhere'),
  disks('rbd.csi.ceph.com', 'everywhere'),
  shares('cephfs.csi.ceph.com'),
  shares('efs.csi.aws.com'),
  shares('file.csi.azure.com'),
  shares('filestore.csi.storage.gke.io'),
  shares('nfs.csi.k8s.io'),
]

export const findProvisioner = (name: string | undefined): Provisioner | undefined =>
  provisioners.find((provisioner) => provisioner.name === name)
