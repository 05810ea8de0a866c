/** The volumes of a Pod or template, and the source of a PersistentVolume. Source: k8s.io/kubectl/pkg/describe/describe.go */
import type { Volume, VolumeProjection } from '../../api/core/pod-types.ts'
import type { PersistentVolume } from '../../api/core/storage-types.ts'
import { isRecord } from '../../api/meta/json.ts'
import { canonicalQuantity, compareQuantities } from '../../api/meta/quantity.ts'
import { writeClaim } from './claims.ts'
import type { DescribeWriter } from './writer.ts'

/** @param space two spaces inside a template, '' in a Pod */
export function writeVolumes(w: DescribeWriter, volumes: readonly Volume[] | undefined, space: string): void {
  if (!volumes?.length) {
    w.line(0, `${space}Volumes:\t<none>`)
    return
  }
  w.line(0, `${space}Volumes:`)
  for (const volume of volumes) {
    w.line(1, `${space ? ' ' : ''}${volume.name}:`)
    writeSource(w, volume, podSources)
  }
}

export const writePersistentSource = (w: DescribeWriter, spec: PersistentVolume['spec']): void =>
  writeSource(w, spec, persistentSources)

/** How Go prints a value of the field that is not there. */
type Missing = '' | '0' | 'false' | '[]' | 'nil' | '<none>' | '<unset>' | 'map[]'

type Shape =
  | { type: string; fields: readonly (readonly [label: string, field: string, missing: Missing])[] }
  | ((w: DescribeWriter, source: Record<string, unknown>) => void)

type Shapes = Readonly<Record<string, Shape>>

/** The first of the sources in the table's order, which is the order in which kubectl looks for them. */
function writeSource(w: DescribeWriter, holder: Readonly<Record<string, unknown>>, shapes: Shapes): void {
  for (const [name, shape] of Object.entries(shapes)) {
    const source = holder[name]
    if (!isRecord(source)) continue
    if (typeof shape === 'function') shape(w, source)
    else {
      w.line(2, `Type:\t${shape.type}`)
      for (const [label, field, missing] of shape.fields) w.line(2, `${label}\t${printValue(source[field], missing)}`)
    }
    return
  }
  w.line(1, '<unknown>')
}

/** As Go's %v prints it. */
function printValue(value: unknown, missing: Missing): string {
  if (value === undefined || value === null) return missing
  if (Array.isArray(value)) return `[${value.join(' ')}]`
  if (!isRecord(value)) return String(value)
  if (missing !== 'map[]') return printReference(value)
  const pairs = Object.keys(value).sort()
  return `map[${pairs.map((key) => `${key}:${value[key]}`).join(' ')}]`
}

/** References to Secrets are structures with a text of their own. */
function printReference({ name = '', namespace }: Record<string, unknown>): string {
  return namespace === undefined
    ? `&LocalObjectReference{Name:${name},}`
    : `&SecretReference{Name:${name},Namespace:${namespace},}`
}

const READ_ONLY = ['ReadOnly:', 'readOnly', 'false'] as const
const FS_TYPE = ['FSType:', 'fsType', ''] as const
const SECRET_REF = ['SecretRef:', 'secretRef', 'nil'] as const
const VOLUME_ID = ['VolumeID:', 'volumeID', ''] as const

const hostPath: Shape = {
  type: 'HostPath (bare host directory volume)',
  fields: [
    ['Path:', 'path', ''],
    ['HostPathType:', 'type', '<none>'],
  ],
}
const gcePersistentDisk: Shape = {
  type: 'GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)',
  fields: [['PDName:', 'pdName', ''], FS_TYPE, ['Partition:', 'partition', '0'], READ_ONLY],
}
const awsElasticBlockStore: Shape = {
  type: 'AWSElasticBlockStore (a Persistent Disk resource in AWS)',
  fields: [VOLUME_ID, FS_TYPE, ['Partition:', 'partition', '0'], READ_ONLY],
}
const nfs: Shape = {
  type: 'NFS (an NFS mount that lasts the lifetime of a pod)',
  fields: [['Server:', 'server', ''], ['Path:', 'path', ''], READ_ONLY],
}
const iscsi: Shape = {
  type: "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
  fields: [
    ['TargetPortal:', 'targetPortal', ''],
    ['IQN:', 'iqn', ''],
    ['Lun:', 'lun', '0'],
    ['ISCSIInterface', 'iscsiInterface', ''],
    FS_TYPE,
    READ_ONLY,
    ['Portals:', 'portals', '[]'],
    ['DiscoveryCHAPAuth:', 'chapAuthDiscovery', 'false'],
    ['SessionCHAPAuth:', 'chapAuthSession', 'false'],
    SECRET_REF,
    ['InitiatorName:', 'initiatorName', '<none>'],
  ],
}
const GLUSTERFS = "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)"
const rbd: Shape = {
  type: "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)",
  fields: [
    ['CephMonitors:', 'monitors', '[]'],
    ['RBDImage:', 'image', ''],
    FS_TYPE,
    ['RBDPool:', 'pool', ''],
    ['RadosUser:', 'user', ''],
    ['Keyring:', 'keyring', ''],
    SECRET_REF,
    READ_ONLY,
  ],
}
const quobyte: Shape = {
  type: "Quobyte (a Quobyte mount on the host that shares a pod's lifetime)",
  fields: [['Registry:', 'registry', ''], ['Volume:', 'volume', ''], READ_ONLY],
}
const azureDisk: Shape = {
  type: 'AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)',
  fields: [
    ['DiskName:', 'diskName', ''],
    ['DiskURI:', 'diskURI', ''],
    ['Kind: ', 'kind', ''],
    FS_TYPE,
    ['CachingMode:', 'cachingMode', ''],
    READ_ONLY,
  ],
}
const vsphereVolume: Shape = {
  type: 'vSphereVolume (a Persistent Disk resource in vSphere)',
  fields: [['VolumePath:', 'volumePath', ''], FS_TYPE, ['StoragePolicyName:', 'storagePolicyName', '']],
}
const cinder: Shape = {
  type: 'Cinder (a Persistent Disk resource in OpenStack)',
  fields: [VOLUME_ID, FS_TYPE, READ_ONLY, SECRET_REF],
}
const photonPersistentDisk: Shape = {
  type: 'PhotonPersistentDisk (a Persistent Disk resource in photon platform)',
  fields: [['PdID:', 'pdID', ''], FS_TYPE],
}
const portworxVolume: Shape = { type: 'PortworxVolume (a Portworx Volume resource)', fields: [VOLUME_ID] }
const SCALE_IO = 'ScaleIO (a persistent volume backed by a block device in ScaleIO)'
const scaleIOFields = [
  ['Gateway:', 'gateway', ''],
  ['System:', 'system', ''],
  ['Protection Domain:', 'protectionDomain', ''],
  ['Storage Pool:', 'storagePool', ''],
  ['Storage Mode:', 'storageMode', ''],
  ['VolumeName:', 'volumeName', ''],
] as const
const cephfs: Shape = {
  type: "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
  fields: [
    ['Monitors:', 'monitors', '[]'],
    ['Path:', 'path', ''],
    ['User:', 'user', ''],
    ['SecretFile:', 'secretFile', ''],
    SECRET_REF,
    READ_ONLY,
  ],
}
const storageos: Shape = {
  type: 'StorageOS (a StorageOS Persistent Disk resource)',
  fields: [['VolumeName:', 'volumeName', ''], ['VolumeNamespace:', 'volumeNamespace', ''], FS_TYPE, READ_ONLY],
}
const fc: Shape = (w, source) => {
  const names = Array.isArray(source.targetWWNs) ? source.targetWWNs.join(', ') : ''
  w.line(2, 'Type:\tFC (a Fibre Channel disk)')
  w.field(2, 'TargetWWNs', names)
  w.field(2, 'LUN', printValue(source.lun, '<none>'))
  w.field(2, 'FSType', printValue(source.fsType, ''))
  w.field(2, 'ReadOnly', printValue(source.readOnly, 'false'))
}
const AZURE_FILE = 'AzureFile (an Azure File Service mount on the host and bind mount to the pod)'
const flexVolume: Shape = {
  type: 'FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)',
  fields: [['Driver:', 'driver', ''], FS_TYPE, SECRET_REF, READ_ONLY, ['Options:', 'options', 'map[]']],
}
const flocker: Shape = {
  type: 'Flocker (a Flocker volume mounted by the Flocker agent)',
  fields: [
    ['DatasetName:', 'datasetName', ''],
    ['DatasetUUID:', 'datasetUUID', ''],
  ],
}
const CSI = 'CSI (a Container Storage Interface (CSI) volume source)'

const podSources: Shapes = {
  hostPath,
  emptyDir(w, { medium, sizeLimit }) {
    const limit = sizeLimit === undefined || compareQuantities(String(sizeLimit), '0') <= 0 ? undefined : sizeLimit
    w.line(2, "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)")
    w.field(2, 'Medium', printValue(medium, ''))
    w.field(2, 'SizeLimit', limit === undefined ? '<unset>' : canonicalQuantity(String(limit)))
  },
  gcePersistentDisk,
  awsElasticBlockStore,
  gitRepo: {
    type: 'GitRepo (a volume that is pulled from git when the pod is created)',
    fields: [
      ['Repository:', 'repository', ''],
      ['Revision:', 'revision', ''],
    ],
  },
  secret: {
    type: 'Secret (a volume populated by a Secret)',
    fields: [
      ['SecretName:', 'secretName', ''],
      ['Optional:', 'optional', 'false'],
    ],
  },
  configMap: {
    type: 'ConfigMap (a volume populated by a ConfigMap)',
    fields: [
      ['Name:', 'name', ''],
      ['Optional:', 'optional', 'false'],
    ],
  },
  nfs,
  iscsi,
  glusterfs: { type: GLUSTERFS, fields: [['EndpointsName:', 'endpoints', ''], ['Path:', 'path', ''], READ_ONLY] },
  persistentVolumeClaim: {
    type: 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
    fields: [['ClaimName:', 'claimName', ''], READ_ONLY],
  },
  ephemeral(w, { volumeClaimTemplate }) {
    w.line(
      2,
      'Type:\tEphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)',
    )
    if (isRecord(volumeClaimTemplate)) writeClaim(w, volumeClaimTemplate, 2)
  },
  rbd,
  quobyte,
  downwardAPI(w, { items }) {
    w.line(2, 'Type:\tDownwardAPI (a volume populated by information about the pod)')
    w.line(2, 'Items:')
    for (const { path, fieldRef, resourceFieldRef } of (items ?? []) as NonNullable<
      Volume['downwardAPI']
    >['items'] & {}) {
      if (fieldRef) w.line(3, `${fieldRef.fieldPath} -> ${path}`)
      if (resourceFieldRef) w.line(3, `${resourceFieldRef.resource} -> ${path}`)
    }
  },
  azureDisk,
  vsphereVolume,
  cinder,
  photonPersistentDisk,
  portworxVolume,
  scaleIO: { type: SCALE_IO, fields: [...scaleIOFields, FS_TYPE, READ_ONLY] },
  cephfs,
  storageos,
  fc,
  azureFile: {
    type: AZURE_FILE,
    fields: [['SecretName:', 'secretName', ''], ['ShareName:', 'shareName', ''], READ_ONLY],
  },
  flexVolume,
  flocker,
  projected(w, { sources }) {
    w.line(2, 'Type:\tProjected (a volume that contains injected data from multiple sources)')
    for (const source of (sources ?? []) as VolumeProjection[]) writeProjection(w, source)
  },
  csi(w, source) {
    w.line(2, `Type:\t${CSI}`)
    w.field(2, 'Driver', printValue(source.driver, ''))
    w.field(2, 'FSType', printValue(source.fsType, ''))
    w.field(2, 'ReadOnly', printValue(source.readOnly, 'false'))
    writeAttributes(w, source.volumeAttributes)
  },
  image: {
    type: 'Image (a container image or OCI artifact)',
    fields: [
      ['Reference:', 'reference', ''],
      ['PullPolicy:', 'pullPolicy', ''],
    ],
  },
}

const persistentSources: Shapes = {
  hostPath,
  gcePersistentDisk,
  awsElasticBlockStore,
  nfs,
  iscsi,
  glusterfs: {
    type: GLUSTERFS,
    fields: [
      ['EndpointsName:', 'endpoints', ''],
      ['EndpointsNamespace:', 'endpointsNamespace', '<unset>'],
      ['Path:', 'path', ''],
      READ_ONLY,
    ],
  },
  rbd,
  quobyte,
  vsphereVolume,
  cinder,
  azureDisk,
  photonPersistentDisk,
  portworxVolume,
  scaleIO(w, source) {
    const secret = isRecord(source.secretRef) ? source.secretRef : {}
    w.line(2, `Type:\t${SCALE_IO}`)
    for (const [label, field, missing] of scaleIOFields) w.line(2, `${label}\t${printValue(source[field], missing)}`)
    w.field(2, 'SecretName', printValue(secret.name, ''))
    w.field(2, 'SecretNamespace', printValue(secret.namespace, ''))
    w.field(2, 'FSType', printValue(source.fsType, ''))
    w.field(2, 'ReadOnly', printValue(source.readOnly, 'false'))
  },
  local: {
    type: 'LocalVolume (a persistent volume backed by local storage on a node)',
    fields: [['Path:', 'path', '']],
  },
  cephfs,
  storageos,
  fc,
  azureFile: {
    type: AZURE_FILE,
    fields: [
      ['SecretName:', 'secretName', ''],
      ['SecretNamespace:', 'secretNamespace', ''],
      ['ShareName:', 'shareName', ''],
      READ_ONLY,
    ],
  },
  flexVolume,
  flocker,
  csi(w, source) {
    w.line(2, `Type:\t${CSI}`)
    w.field(2, 'Driver', printValue(source.driver, ''))
    w.field(2, 'FSType', printValue(source.fsType, ''))
    w.field(2, 'VolumeHandle', printValue(source.volumeHandle, ''))
    w.field(2, 'ReadOnly', printValue(source.readOnly, 'false'))
    writeAttributes(w, source.volumeAttributes)
  },
}

const MAX_ATTRIBUTE_LENGTH = 140

/** Every piece of these lines is indented by itself, so that the values stand further right than those of other fields. */
function writeAttributes(w: DescribeWriter, attributes: unknown): void {
  const pairs = isRecord(attributes) ? attributes : {}
  const keys = Object.keys(pairs).sort()
  w.write(2, 'VolumeAttributes:\t')
  if (keys.length === 0) w.line(0, '<none>')
  keys.forEach((key, at) => {
    const line = `${key}=${pairs[key]}`
    if (at > 0) w.write(4, '\t')
    w.line(2, line.length > MAX_ATTRIBUTE_LENGTH ? `${line.slice(0, MAX_ATTRIBUTE_LENGTH)}...` : line)
  })
}

function writeProjection(
  w: DescribeWriter,
  { secret, downwardAPI, configMap, serviceAccountToken }: VolumeProjection,
): void {
  if (secret) {
    w.field(2, 'SecretName', secret.name)
    w.field(2, 'Optional', secret.optional ?? false)
  } else if (downwardAPI) w.field(2, 'DownwardAPI', 'true')
  else if (configMap) {
    w.field(2, 'ConfigMapName', configMap.name)
    w.field(2, 'Optional', configMap.optional ?? false)
  } else if (serviceAccountToken) w.field(2, 'TokenExpirationSeconds', serviceAccountToken.expirationSeconds ?? 3600)
}
