/** Secret, core/v1. */

import { keyPairProblem } from '../../pki/key-pair.ts'
import { decodeBase64Text, encodeBase64Text } from '../meta/base64.ts'
import type { Kind } from '../meta/kind.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { validateSecret, validateSecretUpdate } from './data-validation.ts'
import type { Secret } from './types.ts'

export const secrets: Kind<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.Secret',
  applyDefaults: (secret) => {
    secret.type ||= 'Opaque'
    mergeStringData(secret)
  },
  prepareForCreate: () => {},
  // The type cannot change: left out, it stays.
  prepareForUpdate: (secret, old) => {
    secret.type ||= old.type
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  warnings: keyPairWarnings,
  hasStatus: false,
  columns: [
    nameColumn,
    column('Type', 'string', 'What the data is for.', (secret) => secret.type),
    column('Data', 'string', 'How many keys it holds.', (secret) => Object.keys(secret.data ?? {}).length),
    ageColumn,
  ],
  selectableFields: (secret) => ({ type: secret.type }),
}

/**
 * That a certificate and a key do not belong together, or are none. Keys that are no RSA keys are not read here.
 * Source: kubernetes/pkg/registry/core/secret/strategy.go
 */
function keyPairWarnings({ type, data = {} }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return []
  const [certificate, key] = ['tls.crt', 'tls.key'].map((name) => decodeBase64Text(data[name] ?? '') ?? '') as [
    string,
    string,
  ]
  const problem = keyPairProblem(certificate, key)
  return problem?.startsWith('tls: ') && problem !== 'tls: failed to parse private key' ? [problem] : []
}

/** stringData is write-only: its values land in data, encoded, over those there. */
function mergeStringData(secret: Secret): void {
  if (!secret.stringData) return
  const data = { ...secret.data }
  for (const [key, value] of Object.entries(secret.stringData)) data[key] = encodeBase64Text(value)
  if (Object.keys(data).length > 0) secret.data = data
  delete secret.stringData
}
