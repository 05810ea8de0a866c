/** What volumes of Pods and PersistentVolumes share. Source: kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, invalid, notSupported, required } from '../meta/field-error.ts'

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/** @param path where the source is: `spec.hostPath` */
export function validateHostPath(source: Readonly<{ path?: string; type?: string }>, path: string): FieldError[] {
  if (!source.path) return [required(`${path}.path`)]
  const isKnown = source.type === undefined || HOST_PATH_TYPES.includes(source.type)
  return [
    ...validateNoBacksteps(source.path, `${path}.path`),
    ...(isKnown ? [] : [notSupported(`${path}.type`, source.type, HOST_PATH_TYPES)]),
  ]
}

/** @param path where the source is: `spec.nfs` */
export function validateNfs(source: Readonly<{ server?: string; path?: string }>, path: string): FieldError[] {
  const { server, path: share = '' } = source
  return [
    ...(server ? [] : [required(`${path}.server`)]),
    ...(share ? [] : [required(`${path}.path`)]),
    ...(share.startsWith('/') ? [] : [invalid(`${path}.path`, share, 'must be an absolute path')]),
  ]
}

/** A path that stays below where it begins. */
export const validateNoBacksteps = (value: string, path: string): FieldError[] =>
  value.split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : []
