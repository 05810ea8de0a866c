/** What ConfigMaps and Secrets must be. Source: kubernetes/pkg/apis/core/validation/validation.go */
import { jsonFault } from '../../text/go-json-errors.ts'
import { bytesOfBase64, decodeBase64Text, utf8Length } from '../meta/base64.ts'
import { type FieldError, forbiddenField, invalid, required, tooLong } from '../meta/field-error.ts'
import { equalJson } from '../meta/json.ts'
import { configKeyErrors, dnsSubdomainErrors } from '../meta/names.ts'
import {
  immutable,
  type MetaRules,
  sortedEntries,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/object-meta.ts'
import type { ConfigMap, Secret } from './types.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }
const MAX_BYTES = 1024 * 1024
const SEALED = 'field is immutable when `immutable` is set'

export function validateConfigMap(configMap: ConfigMap): FieldError[] {
  const errors = validateObjectMeta(configMap.metadata, META)
  let bytes = 0
  for (const [key, value] of sortedEntries(configMap.data)) {
    errors.push(...validateKey('data', key))
    if (configMap.binaryData && Object.hasOwn(configMap.binaryData, key))
      errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    bytes += utf8Length(value)
  }
  for (const [key, value] of sortedEntries(configMap.binaryData)) {
    errors.push(...validateKey('binaryData', key))
    bytes += decodedLength(value)
  }
  // The whole object is meant: the path is empty.
  if (bytes > MAX_BYTES) errors.push(tooLong('', MAX_BYTES))
  return errors
}

export function validateConfigMapUpdate(configMap: ConfigMap, old: ConfigMap): FieldError[] {
  return [
    ...validateObjectMetaUpdate(configMap.metadata, old.metadata),
    ...validateSealed(configMap, old, ['data', 'binaryData']),
    ...validateConfigMap(configMap),
  ]
}

/** @param fields what may not change once `immutable` is true */
function validateSealed<T extends { immutable?: boolean }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (!old.immutable) return []
  const errors: FieldError[] = object.immutable ? [] : [forbiddenField('immutable', SEALED)]
  for (const field of fields)
    if (!equalJson(object[field] ?? {}, old[field] ?? {})) errors.push(forbiddenField(field, SEALED))
  return errors
}

const validateKey = (path: string, key: string): FieldError[] =>
  configKeyErrors(key).map((why) => invalid(`${path}[${key}]`, key, why))

/** Bytes that base64 text stands for. */
const decodedLength = (text: string): number =>
  Math.floor((text.length * 3) / 4) - (/={0,2}$/.exec(text)?.[0].length ?? 0)

/** Keys that the data of a Secret of a type must have. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
}
const JSON_KEYS = new Set(['.dockercfg', '.dockerconfigjson'])
const ACCOUNT_NAME = 'kubernetes.io/service-account.name'

export function validateSecret(secret: Secret): FieldError[] {
  const errors = validateObjectMeta(secret.metadata, META)
  const data = secret.data ?? {}
  let bytes = 0
  for (const [key, value] of sortedEntries(data)) {
    errors.push(...validateKey('data', key))
    bytes += decodedLength(value)
  }
  if (bytes > MAX_BYTES) errors.push(tooLong('data', MAX_BYTES))
  if (secret.type === 'kubernetes.io/service-account-token' && !secret.metadata.annotations?.[ACCOUNT_NAME])
    errors.push(required(`metadata.annotations[${ACCOUNT_NAME}]`))
  if (secret.type === 'kubernetes.io/basic-auth' && !('username' in data) && !('password' in data))
    errors.push(required('data[username]'), required('data[password]'))
  for (const key of REQUIRED_KEYS[secret.type] ?? []) {
    const isMissing = key === 'ssh-privatekey' ? !data[key] : !Object.hasOwn(data, key)
    if (isMissing) errors.push(required(`data[${key}]`))
    else if (JSON_KEYS.has(key)) errors.push(...validateJson(key, data[key]))
  }
  return errors
}

function validateJson(key: string, value: string): FieldError[] {
  // Bytes that are no text are a character each: one by one, since a Secret may have a million of them.
  const text = decodeBase64Text(value) ?? Array.from(bytesOfBase64(value), (byte) => String.fromCharCode(byte)).join('')
  const fault = jsonFault(text)
  return fault === undefined ? [] : [invalid(`data[${key}]`, '<secret contents redacted>', fault)]
}

export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  return [
    ...validateObjectMetaUpdate(secret.metadata, old.metadata),
    ...immutable('type', secret.type, old.type),
    ...validateSealed(secret, old, ['data']),
    ...validateSecret(secret),
  ]
}
