/** Fields of a Pod that are stored and checked but change nothing here. */

const SPEC_FIELDS = ['hostUsers']

const POD_SECURITY_FIELDS = [
  'appArmorProfile',
  'fsGroupChangePolicy',
  'seLinuxChangePolicy',
  'seLinuxOptions',
  'windowsOptions',
]

const VOLUME_FIELDS = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'gitRepo',
  'glusterfs',
  'iscsi',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
]

const CONTAINER_FIELDS = [
  'securityContext.appArmorProfile',
  'securityContext.procMount',
  'securityContext.seLinuxOptions',
  'securityContext.windowsOptions',
  'volumeDevices',
]

const FIELDS = [
  ...SPEC_FIELDS,
  ...POD_SECURITY_FIELDS.map((field) => `securityContext.${field}`),
  ...VOLUME_FIELDS.map((field) => `volumes[].${field}`),
  ...['containers', 'initContainers'].flatMap((list) => CONTAINER_FIELDS.map((field) => `${list}[].${field}`)),
]

/** The paths below `prefix`, the path of a Pod spec. */
export const notSimulatedPodSpec = (prefix: string): readonly string[] => FIELDS.map((field) => `${prefix}.${field}`)
