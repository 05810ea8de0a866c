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
import { dnsLabelErrors, dnsSubdomainErrors } from '../../meta/names.ts'
import { compareQuantities, quantityError } from '../../meta/quantity.ts'
import { validateOtherSource } from '../other-volume-sources.ts'
import { validateClaimTemplate } from '../persistent-volume/claim-validation.ts'
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
const MAX_TOKEN_SECONDS = 2 ** 32
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']

/** Whose volumes they are. */
export interface VolumeOwner {
  /** The Pod's name, from which claims of ephemeral volumes get theirs; that of a template has none. */
  readonly podName?: string
  /** A Pod itself, not the template of one: the image of a volume must be known. */
  readonly isPod: boolean
}

/** Checks the volumes, and gives the names of those that mounts may refer to. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  path: string,
  owner: VolumeOwner,
): { errors: FieldError[]; names: Set<string> } {
  const errors: FieldError[] = []
  const names = new Set<string>()
  const seen = new Set<string>()
  const { podName } = owner
  const ownClaims = (volumes ?? [])
    .filter(({ ephemeral }) => podName && ephemeral)
    .map(({ name }) => `${podName}-${name}`)
  for (const [index, volume] of (volumes ?? []).entries()) {
    const at = `${path}[${index}]`
    const own = validateSource(volume, at, owner)
    if (!volume.name) own.push(required(`${at}.name`))
    else for (const why of dnsLabelErrors(volume.name)) own.push(invalid(`${at}.name`, volume.name, why))
    if (seen.has(volume.name)) own.push(duplicate(`${at}.name`, volume.name))
    if (own.length === 0) names.add(volume.name)
    seen.add(volume.name)
    errors.push(...own)
    const claimName = volume.persistentVolumeClaim?.claimName
    if (claimName && ownClaims.includes(claimName))
      errors.push(
        invalid(
          `${at}.persistentVolumeClaim.claimName`,
          claimName,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      )
  }
  return { errors, names }
}

function validateSource(volume: Volume, path: string, owner: VolumeOwner): FieldError[] {
  const given = SOURCES.filter((source) => volume[source] !== undefined && volume[source] !== null)
  if (given.length === 0) return [required(path, 'must specify a volume type')]
  const surplus = given
    .slice(1)
    .map((source) => forbiddenField(`${path}.${surplusName(source)}`, 'may not specify more than 1 volume type'))
  return [
    ...validateKnownSource(volume, given[0], `${path}.${given[0]}`, owner),
    ...validateLongNames(volume, given[0], path, owner),
    ...surplus,
  ]
}

/** Two fields have another name where the server says that they are one too many. */
const surplusName = (source: string): string => ({ cephfs: 'cephFS', downwardAPI: 'downwarAPI' })[source] ?? source

/** What is put together from a volume's name and another text must be no longer than what it becomes. */
function validateLongNames(volume: Volume, source: string, path: string, { podName }: VolumeOwner): FieldError[] {
  if (source === 'iscsi') {
    const { initiatorName, targetPortal = '' } = volume.iscsi as { initiatorName?: string; targetPortal?: string }
    const isLong = initiatorName !== undefined && `${volume.name}:${targetPortal}`.length > 64
    const why =
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
    return isLong ? [invalid(`${path}.name`, volume.name, why)] : []
  }
  if (source !== 'ephemeral' || !podName || !volume.name) return []
  const claim = `${podName}-${volume.name}`
  return dnsSubdomainErrors(claim).map((why) => invalid(`${path}.name`, volume.name, `PVC name "${claim}": ${why}`))
}

function validateKnownSource(
  volume: Volume,
  source: (typeof SOURCES)[number],
  path: string,
  owner: VolumeOwner,
): FieldError[] {
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
    case 'ephemeral': {
      const template = volume.ephemeral!.volumeClaimTemplate
      return template
        ? validateClaimTemplate(template, `${path}.volumeClaimTemplate`)
        : [required(`${path}.volumeClaimTemplate`)]
    }
    case 'image': {
      const { reference, pullPolicy } = volume.image as { reference?: string; pullPolicy?: string }
      return [
        ...(owner.isPod && !reference ? [required(`${path}.reference`)] : []),
        ...(pullPolicy && !PULL_POLICIES.includes(pullPolicy)
          ? [notSupported(`${path}.pullPolicy`, pullPolicy, PULL_POLICIES)]
          : []),
      ]
    }
    default:
      return validateOtherSource(source, volume[source], path, false)
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
  (items ?? []).flatMap((item, index) => validateKeyToPath(item, `${path}.items[${index}]`))

const validateKeyToPath = (item: KeyToPath, path: string): FieldError[] => [
  ...(item.key ? [] : [required(`${path}.key`)]),
  ...(item.path ? [] : [required(`${path}.path`)]),
  ...validateLocalPath(item.path ?? '', `${path}.path`, true),
  ...validateMode(item.mode, `${path}.mode`),
]

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
  const taken = new Set<string>()
  for (const [index, projection] of (source.sources ?? []).entries())
    errors.push(...validateProjection(projection, path, `${path}.sources[${index}]`, taken))
  return errors
}

/**
 * @param volume the path of the volume, at which the server tells what is wrong with a token's path, and that a path is there twice
 * @param taken the paths of the sources so far
 */
function validateProjection(
  projection: VolumeProjection,
  volume: string,
  path: string,
  taken: Set<string>,
): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken: token } = projection
  const take = (file: string | undefined, shown: string): FieldError[] => {
    if (!file) return []
    if (taken.has(file)) return [invalid(volume, shown, 'conflicting duplicate paths')]
    taken.add(file)
    return []
  }
  const errors: FieldError[] = []
  for (const [field, keys] of Object.entries({ secret, configMap })) {
    if (!keys) continue
    const at = `${path}.${field}`
    if (!keys.name) errors.push(required(`${at}.name`))
    for (const [n, item] of (keys.items ?? []).entries())
      errors.push(...validateKeyToPath(item, `${at}.items[${n}]`), ...take(item.path, keys.name ?? ''))
  }
  for (const file of downwardAPI?.items ?? [])
    errors.push(...validateFiles([file], `${path}.downwardAPI`), ...take(file.path, file.path))
  if (token) {
    const at = `${path}.serviceAccountToken.expirationSeconds`
    const seconds = token.expirationSeconds ?? 3600
    if (seconds < MIN_TOKEN_SECONDS)
      errors.push(invalid(at, seconds, 'may not specify a duration less than 10 minutes'))
    if (seconds > MAX_TOKEN_SECONDS)
      errors.push(invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'))
    if (!token.path) errors.push(required(`${volume}.path`))
    else errors.push(...validateLocalPath(token.path, `${volume}.path`, true))
  }
  const count = [secret, configMap, downwardAPI, token].filter(Boolean).length
  if (count > 1) errors.push(forbiddenField(path, 'may not specify more than 1 volume type per source'))
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
