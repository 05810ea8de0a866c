/** What volumes and their mounts must be. Source: ValidateVolumes in kubernetes/pkg/apis/core/validation/validation.go */
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notFoundField,
  notSupported,
  required,
} from '../../meta/field-error.ts'
import { dnsLabelErrors } from '../../meta/names.ts'
import { compareQuantities, quantityError } from '../../meta/quantity.ts'
import type {
  Container,
  DownwardAPIVolumeFile,
  KeyToPath,
  Volume,
  VolumeMount,
  VolumeProjection,
} from '../pod-types.ts'
import { validateHostPath, validateNfs, validateNoBacksteps } from '../volume-source-validation.ts'
import { VOLUME_FIELDS, validateFieldRef, validateResourceFieldRef } from './env-validation.ts'

/** In the order in which the server looks at them: the second one found is one too many. */
const SOURCES = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const
const MODE_MESSAGE = 'must be a number between 0 and 0777 (octal), both inclusive'
const MAX_MODE = 0o777
const MIN_TOKEN_SECONDS = 600

/** Checks the volumes, and gives the names of those that mounts may refer to. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  path: string,
): { errors: FieldError[]; names: Set<string> } {
  const errors: FieldError[] = []
  const names = new Set<string>()
  const seen = new Set<string>()
  for (const [index, volume] of (volumes ?? []).entries()) {
    const at = `${path}[${index}]`
    const own = validateSource(volume, at)
    if (!volume.name) own.push(required(`${at}.name`))
    else for (const why of dnsLabelErrors(volume.name)) own.push(invalid(`${at}.name`, volume.name, why))
    if (seen.has(volume.name)) own.push(duplicate(`${at}.name`, volume.name))
    if (own.length === 0) names.add(volume.name)
    seen.add(volume.name)
    errors.push(...own)
  }
  return { errors, names }
}

function validateSource(volume: Volume, path: string): FieldError[] {
  const given = SOURCES.filter((source) => volume[source] !== undefined && volume[source] !== null)
  if (given.length === 0) return [required(path, 'must specify a volume type')]
  const surplus = given
    .slice(1)
    .map((source) => forbiddenField(`${path}.${source}`, 'may not specify more than 1 volume type'))
  return [...validateKnownSource(volume, given[0], `${path}.${given[0]}`), ...surplus]
}

function validateKnownSource(volume: Volume, source: (typeof SOURCES)[number], path: string): FieldError[] {
  switch (source) {
    case 'emptyDir': {
      const limit = volume.emptyDir!.sizeLimit
      const isBad =
        limit !== undefined && (quantityError(String(limit)) !== undefined || compareQuantities(limit, '0') < 0)
      return isBad ? [forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : []
    }
    case 'hostPath':
      return validateHostPath(volume.hostPath!, path)
    case 'secret':
      return validateKeys(volume.secret!, volume.secret!.secretName, `${path}.secretName`, path)
    case 'configMap':
      return validateKeys(volume.configMap!, volume.configMap!.name, `${path}.name`, path)
    case 'downwardAPI':
      return [
        ...validateMode(volume.downwardAPI!.defaultMode, `${path}.defaultMode`),
        ...validateFiles(volume.downwardAPI!.items, path),
      ]
    case 'projected':
      return validateProjected(volume.projected!, path)
    case 'persistentVolumeClaim':
      return volume.persistentVolumeClaim!.claimName ? [] : [required(`${path}.claimName`)]
    case 'nfs':
      return validateNfs(volume.nfs!, path)
    default:
      return []
  }
}

function validateKeys(
  source: { items?: KeyToPath[]; defaultMode?: number },
  name: string | undefined,
  namePath: string,
  path: string,
): FieldError[] {
  return [
    ...(name ? [] : [required(namePath)]),
    ...validateMode(source.defaultMode, `${path}.defaultMode`),
    ...validateKeyToPaths(source.items, path),
  ]
}

const validateKeyToPaths = (items: readonly KeyToPath[] | undefined, path: string): FieldError[] =>
  (items ?? []).flatMap((item, index) => {
    const at = `${path}.items[${index}]`
    return [
      ...(item.key ? [] : [required(`${at}.key`)]),
      ...(item.path ? [] : [required(`${at}.path`)]),
      ...validateLocalPath(item.path ?? '', `${at}.path`, true),
      ...validateMode(item.mode, `${at}.mode`),
    ]
  })

const validateFiles = (items: readonly DownwardAPIVolumeFile[] | undefined, path: string): FieldError[] =>
  (items ?? []).flatMap((item) => {
    const errors: FieldError[] = item.path ? [] : [required(`${path}.path`)]
    errors.push(...validateLocalPath(item.path ?? '', `${path}.path`, true))
    if (item.fieldRef) {
      errors.push(...validateFieldRef(item.fieldRef, VOLUME_FIELDS, `${path}.fieldRef`))
      if (item.resourceFieldRef)
        errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
    } else if (item.resourceFieldRef)
      errors.push(...validateResourceFieldRef(item.resourceFieldRef, `${path}.resourceFieldRef`, true))
    else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
    return [...errors, ...validateMode(item.mode, `${path}.mode`)]
  })

function validateProjected(source: NonNullable<Volume['projected']>, path: string): FieldError[] {
  const errors = validateMode(source.defaultMode, `${path}.defaultMode`)
  for (const [index, projection] of (source.sources ?? []).entries())
    errors.push(...validateProjection(projection, `${path}.sources[${index}]`))
  return errors
}

function validateProjection(projection: VolumeProjection, path: string): FieldError[] {
  const given = (['secret', 'configMap', 'downwardAPI', 'serviceAccountToken'] as const).filter(
    (kind) => projection[kind],
  )
  const errors: FieldError[] = given
    .slice(1)
    .map((kind) => forbiddenField(`${path}.${kind}`, 'may not specify more than 1 volume type per source'))
  const { secret, configMap, downwardAPI, serviceAccountToken: token } = projection
  if (given[0] === 'secret')
    errors.push(...validateKeys({ items: secret!.items }, secret!.name, `${path}.secret.name`, `${path}.secret`))
  if (given[0] === 'configMap')
    errors.push(
      ...validateKeys({ items: configMap!.items }, configMap!.name, `${path}.configMap.name`, `${path}.configMap`),
    )
  if (given[0] === 'downwardAPI') errors.push(...validateFiles(downwardAPI!.items, `${path}.downwardAPI`))
  if (given[0] === 'serviceAccountToken') {
    const at = `${path}.serviceAccountToken`
    if ((token!.expirationSeconds ?? 3600) < MIN_TOKEN_SECONDS)
      errors.push(
        invalid(`${at}.expirationSeconds`, token!.expirationSeconds, 'may not specify a duration less than 10 minutes'),
      )
    if (!token!.path) errors.push(required(`${at}.path`))
    else errors.push(...validateLocalPath(token!.path, `${at}.path`, true))
  }
  if (given.length === 0 && Object.keys(projection).length === 0)
    errors.push(required(path, 'at least one source is required'))
  return errors
}

const validateMode = (mode: number | undefined, path: string): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > MAX_MODE) ? [invalid(path, mode, MODE_MESSAGE)] : []

/** A path below some folder. @param isReserved whether names that start with `..` are kept for the kubelet */
function validateLocalPath(value: string, path: string, isReserved = false): FieldError[] {
  const errors: FieldError[] = value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : []
  errors.push(...validateNoBacksteps(value, path))
  if (isReserved && value.startsWith('..') && !value.startsWith('../'))
    errors.push(invalid(path, value, "must not start with '..'"))
  return errors
}

export function validateMounts(container: Container, volumes: ReadonlySet<string>, path: string): FieldError[] {
  const deviceNames = new Set(container.volumeDevices?.map(({ name }) => name))
  const devicePaths = new Set(container.volumeDevices?.map(({ devicePath }) => devicePath))
  const seen = new Set<string>()
  return (container.volumeMounts ?? []).flatMap((mount, index) => {
    const at = `${path}[${index}]`
    const errors: FieldError[] = []
    if (!mount.name) errors.push(required(`${at}.name`))
    if (!volumes.has(mount.name)) errors.push(notFoundField(`${at}.name`, mount.name ?? ''))
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`))
    if (seen.has(mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'))
    seen.add(mount.mountPath)
    if (deviceNames.has(mount.name))
      errors.push(invalid(`${at}.name`, mount.name, 'must not already exist in volumeDevices'))
    if (devicePaths.has(mount.mountPath))
      errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'))
    return [
      ...errors,
      ...validateSubPath(mount, at, path),
      ...validatePropagation(mount, container, path),
      ...validateRecursiveReadOnly(mount, path),
    ]
  })
}

/** The server names the list, not the item, where the path below the volume is wrong. */
function validateSubPath(mount: VolumeMount, at: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (mount.subPath) errors.push(...validateLocalPath(mount.subPath, `${path}.subPath`))
  if (!mount.subPathExpr) return errors
  if (mount.subPath)
    errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
  return [...errors, ...validateLocalPath(mount.subPathExpr, `${path}.subPathExpr`)]
}

function validatePropagation(mount: VolumeMount, container: Container, path: string): FieldError[] {
  const { mountPropagation } = mount
  if (mountPropagation === undefined) return []
  const supported = ['Bidirectional', 'HostToContainer', 'None']
  if (!supported.includes(mountPropagation))
    return [notSupported(`${path}.mountPropagation`, mountPropagation, supported)]
  if (mountPropagation === 'Bidirectional' && !container.securityContext?.privileged)
    return [
      forbiddenField(
        `${path}.mountPropagation`,
        'Bidirectional mount propagation is available only to privileged containers',
      ),
    ]
  return []
}

function validateRecursiveReadOnly(mount: VolumeMount, path: string): FieldError[] {
  const { recursiveReadOnly, readOnly, mountPropagation = 'None' } = mount
  const at = `${path}.recursiveReadOnly`
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return []
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible')
    return [notSupported(at, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible'])]
  const errors: FieldError[] = []
  if (!readOnly) errors.push(forbiddenField(at, 'may only be specified when readOnly is true'))
  if (mountPropagation !== 'None')
    errors.push(forbiddenField(at, 'may only be specified when mountPropagation is None or not specified'))
  return errors
}

export function validateDevices(container: Container, volumes: readonly Volume[], path: string): FieldError[] {
  const seenNames = new Set<string>()
  const seenPaths = new Set<string>()
  const byName = new Map(volumes.toReversed().map((volume) => [volume.name, volume]))
  const mountNames = new Set(container.volumeMounts?.map(({ name }) => name))
  const mountPaths = new Set(container.volumeMounts?.map(({ mountPath }) => mountPath))
  return (container.volumeDevices ?? []).flatMap((device, index) => {
    const at = `${path}[${index}]`
    const errors: FieldError[] = []
    const volume = byName.get(device.name)
    if (!device.name) errors.push(required(`${at}.name`))
    if (seenNames.has(device.name)) errors.push(invalid(`${at}.name`, device.name, 'must be unique'))
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral)
      errors.push(
        invalid(
          `${at}.name`,
          device.name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      )
    if (!volume) errors.push(notFoundField(`${at}.name`, device.name ?? ''))
    if (!device.devicePath) errors.push(required(`${at}.devicePath`))
    if (seenPaths.has(device.devicePath)) errors.push(invalid(`${at}.devicePath`, device.devicePath, 'must be unique'))
    if (device.devicePath?.split('/').includes('..'))
      errors.push(invalid(`${at}.devicePath`, device.devicePath, "can not contain backsteps ('..')"))
    if (mountNames.has(device.name))
      errors.push(invalid(`${at}.name`, device.name, 'must not already exist in volumeMounts'))
    if (mountPaths.has(device.devicePath))
      errors.push(invalid(`${at}.devicePath`, device.devicePath, 'must not already exist as a path in volumeMounts'))
    seenNames.add(device.name)
    seenPaths.add(device.devicePath)
    return errors
  })
}
