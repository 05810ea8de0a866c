/**
 * What the sources of volumes must be that are stored and checked but not simulated, in Pods and in PersistentVolumes.
 * Source: kubernetes/pkg/apis/core/validation/validation.go
 */
import { type FieldError, invalid, notSupported, required, tooLong } from '../meta/field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from '../meta/names.ts'
import { sortedEntries } from '../meta/object-meta.ts'
import { validateNoBacksteps } from './volume-source-validation.ts'

/** Fields as manifests give them; decoding has seen to their types. */
type Source = Readonly<Record<string, unknown>>
type SecretRef = Readonly<{ name?: string; namespace?: string }>

/** @param isPersistent of a PersistentVolume, whose Secrets are in any namespace */
type Validate = (source: Source, path: string, isPersistent: boolean) => FieldError[]

const MAX_DRIVER_BYTES = 63
const MAX_TENANT_CHARACTERS = 64
const MAX_LUN = 255
const PARTITIONS = 'must be between 1 and 255, inclusive'
const LUNS = 'must be between 0 and 255, inclusive'
const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite']
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared']
const MANAGED_DISK = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const BLOB_DISK = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'
const HOST_PORTS = 'must be a host:port pair or multiple pairs separated by commas'
const QUALIFIED_NAMES: readonly [string, RegExp][] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/],
  ['eui', /^eui.[A-Za-z0-9]{16}$/],
  ['naa', /^naa.[A-Za-z0-9]{32}$/],
]

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const isEmpty = (value: unknown): boolean => (Array.isArray(value) ? value.length === 0 : !value)
/** The fields that must be there, in the order in which the server looks. */
const need = (source: Source, path: string, ...fields: string[]): FieldError[] =>
  fields.filter((field) => isEmpty(source[field])).map((field) => required(`${path}.${field}`))

function validateSecretRef(source: Source, path: string, hasNamespace: boolean): FieldError[] {
  const secret = source.secretRef as SecretRef | undefined
  if (!secret) return []
  return need(secret, `${path}.secretRef`, ...(hasNamespace ? ['name', 'namespace'] : ['name']))
}

const validatePartition = (source: Source, path: string): FieldError[] => {
  const partition = Number(source.partition ?? 0)
  return partition < 0 || partition > MAX_LUN ? [invalid(`${path}.partition`, partition, PARTITIONS)] : []
}

const validateLun = (lun: number, path: string): FieldError[] =>
  lun < 0 || lun > MAX_LUN ? [invalid(`${path}.lun`, lun, LUNS)] : []

const validateOptions: Validate = (source, path) =>
  sortedEntries((source.options ?? {}) as Record<string, string>).flatMap(([key]) => {
    const namespace = `.${key.split('/', 1)[0].toLowerCase()}`
    return namespace.endsWith('.kubernetes.io') || namespace.endsWith('.k8s.io')
      ? [invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')]
      : []
  })

function validateIscsi(source: Source, path: string, isPersistent: boolean): FieldError[] {
  const iqn = text(source.iqn)
  const errors = need(source, path, 'targetPortal', 'iqn')
  const isWrong = (name: string): boolean => {
    const known = QUALIFIED_NAMES.find(([prefix]) => name.startsWith(prefix))
    return known !== undefined && !known[1].test(name)
  }
  const isUnknown = (name: string): boolean => !QUALIFIED_NAMES.some(([prefix]) => name.startsWith(prefix))
  const whenUnknown = isPersistent ? 'must be valid format' : 'must be valid format starting with iqn, eui, or naa'
  if (iqn && isUnknown(iqn)) errors.push(invalid(`${path}.iqn`, iqn, whenUnknown))
  if (isWrong(iqn)) errors.push(invalid(`${path}.iqn`, iqn, 'must be valid format'))
  errors.push(...validateLun(Number(source.lun ?? 0), path))
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef)
    errors.push(required(`${path}.secretRef`))
  errors.push(...validateSecretRef(source, path, false))
  const initiator = source.initiatorName
  if (typeof initiator === 'string' && (isUnknown(initiator) || isWrong(initiator)))
    errors.push(invalid(`${path}.initiatorname`, initiator, 'must be valid format'))
  return errors
}

function validateFibreChannel(source: Source, path: string): FieldError[] {
  const names = (source.targetWWNs ?? []) as readonly string[]
  const ids = (source.wwids ?? []) as readonly string[]
  const errors: FieldError[] = []
  if (names.length === 0 && ids.length === 0)
    errors.push(required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'))
  if (names.length > 0 && ids.length > 0)
    errors.push(invalid(`${path}.targetWWNs`, names, 'targetWWNs and wwids can not be specified simultaneously'))
  if (names.length === 0) return errors
  if (typeof source.lun !== 'number') errors.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'))
  else errors.push(...validateLun(source.lun, path))
  return errors
}

function validateFlocker(source: Source, path: string): FieldError[] {
  const name = text(source.datasetName)
  const errors: FieldError[] = []
  if (!name && !source.datasetUUID) errors.push(required(path, 'one of datasetName and datasetUUID is required'))
  if (name && source.datasetUUID)
    errors.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
  if (name.includes('/')) errors.push(invalid(`${path}.datasetName`, name, "must not contain '/'"))
  return errors
}

function validateQuobyte(source: Source, path: string): FieldError[] {
  const registry = text(source.registry)
  const errors: FieldError[] = []
  if (!registry) errors.push(required(`${path}.registry`, HOST_PORTS))
  else if (text(source.tenant).length > MAX_TENANT_CHARACTERS)
    errors.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'))
  else
    for (const pair of registry.split(','))
      if (!/^(\[[^\]]*\]|[^:[\]]*):[^:]*$/.test(pair)) errors.push(invalid(`${path}.registry`, registry, HOST_PORTS))
  return [...errors, ...need(source, path, 'volume')]
}

function validateGitRepo(source: Source, path: string): FieldError[] {
  const directory = text(source.directory)
  const errors = need(source, path, 'repository')
  if (directory.startsWith('/')) errors.push(invalid(`${path}.directory`, directory, 'must be a relative path'))
  return [...errors, ...validateNoBacksteps(directory, `${path}.directory`)]
}

function validateAzureDisk(source: Source, path: string): FieldError[] {
  const { cachingMode, kind } = source
  const uri = text(source.diskURI)
  const errors = need(source, path, 'diskName', 'diskURI')
  if (cachingMode !== undefined && !CACHING_MODES.includes(text(cachingMode)))
    errors.push(notSupported(`${path}.cachingMode`, cachingMode, CACHING_MODES))
  if (kind === undefined) return errors
  if (!DISK_KINDS.includes(text(kind))) errors.push(notSupported(`${path}.kind`, kind, DISK_KINDS))
  const [prefix, form] = kind === 'Managed' ? ['/subscriptions/', MANAGED_DISK] : ['https://', BLOB_DISK]
  if (!uri.startsWith(prefix)) errors.push(notSupported(`${path}.diskURI`, uri, [form]))
  return errors
}

const validateAzureFile: Validate = (source, path, isPersistent) => [
  ...need(source, path, 'secretName', 'shareName'),
  ...(isPersistent && source.secretNamespace === '' ? [required(`${path}.secretNamespace`)] : []),
]

function validateGlusterfs(source: Source, path: string, isPersistent: boolean): FieldError[] {
  const errors = need(source, path, 'endpoints', 'path')
  const namespace = source.endpointsNamespace
  if (!isPersistent || typeof namespace !== 'string') return errors
  const at = `${path}.endpointsNamespace`
  if (namespace === '')
    return [...errors, invalid(at, '', 'if the endpointnamespace is set, it must be a valid namespace name')]
  return [...errors, ...dnsLabelErrors(namespace).map((why) => invalid(at, namespace, why))]
}

function validateStorageOs(source: Source, path: string, isPersistent: boolean): FieldError[] {
  const labels = ['volumeName', 'volumeNamespace'].flatMap((field) => {
    const value = text(source[field])
    return value ? dnsLabelErrors(value).map((why) => invalid(`${path}.${field}`, value, why)) : []
  })
  return [...need(source, path, 'volumeName'), ...labels, ...validateSecretRef(source, path, isPersistent)]
}

/** The name of a CSI driver. */
export function validateDriverName(driver: string, path: string): FieldError[] {
  if (!driver) return [required(path)]
  return [
    ...(driver.length > MAX_DRIVER_BYTES ? [tooLong(path, MAX_DRIVER_BYTES)] : []),
    ...dnsSubdomainErrors(driver.toLowerCase()).map((why) => invalid(path, driver, why)),
  ]
}

const SECRETS_OF_CSI = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
]

function validateCsi(source: Source, path: string, isPersistent: boolean): FieldError[] {
  const errors = validateDriverName(text(source.driver), `${path}.driver`)
  if (!isPersistent) {
    const secret = source.nodePublishSecretRef as SecretRef | undefined
    if (!secret) return errors
    const name = secret.name ?? ''
    if (!name) return [...errors, required(`${path}.nodePublishSecretRef.name`)]
    return [...errors, ...dnsSubdomainErrors(name).map((why) => invalid(`${path}.name`, name, why))]
  }
  errors.push(...need(source, path, 'volumeHandle'))
  for (const field of SECRETS_OF_CSI) {
    const secret = source[field] as SecretRef | undefined
    if (!secret) continue
    const [name, namespace] = [secret.name ?? '', secret.namespace ?? '']
    const at = `${path}.${field}`
    if (!name) errors.push(required(`${at}.name`))
    else errors.push(...dnsSubdomainErrors(name).map((why) => invalid(`${at}.name`, name, why)))
    if (!namespace) errors.push(required(`${at}.namespace`))
    else errors.push(...dnsLabelErrors(namespace).map((why) => invalid(`${at}.namespace`, namespace, why)))
  }
  return errors
}

/** By field of a volume. The server has another word for the path of one. */
const SOURCES: Readonly<Record<string, Validate>> = {
  gitRepo: validateGitRepo,
  gcePersistentDisk: (source, path) => {
    const at = path.replace(/gcePersistentDisk$/, 'persistentDisk')
    return [...need(source, at, 'pdName'), ...validatePartition(source, at)]
  },
  awsElasticBlockStore: (source, path) => [...need(source, path, 'volumeID'), ...validatePartition(source, path)],
  iscsi: validateIscsi,
  glusterfs: validateGlusterfs,
  flocker: validateFlocker,
  rbd: (source, path) => need(source, path, 'monitors', 'image'),
  cinder: (source, path, isPersistent) => [
    ...need(source, path, 'volumeID'),
    ...validateSecretRef(source, path, isPersistent),
  ],
  cephfs: (source, path) => need(source, path, 'monitors'),
  quobyte: validateQuobyte,
  fc: validateFibreChannel,
  flexVolume: (source, path, isPersistent) => [
    ...need(source, path, 'driver'),
    ...validateOptions(source, path, isPersistent),
  ],
  azureFile: validateAzureFile,
  vsphereVolume: (source, path) => need(source, path, 'volumePath'),
  photonPersistentDisk: (source, path) => need(source, path, 'pdID'),
  portworxVolume: (source, path) => need(source, path, 'volumeID'),
  azureDisk: validateAzureDisk,
  storageos: validateStorageOs,
  scaleIO: (source, path) => need(source, path, 'gateway', 'system', 'volumeName'),
  csi: validateCsi,
}

/** @param source the field: `csi`. @param path where it is: `spec.csi` */
export const validateOtherSource = (
  source: string,
  value: unknown,
  path: string,
  isPersistent: boolean,
): FieldError[] => SOURCES[source]?.(value as Source, path, isPersistent) ?? []
