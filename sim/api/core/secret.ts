/** Secret, core/v1. */

import { encodeBase64Text } from '../meta/base64.ts'
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
  hasStatus: false,
  columns: [
    nameColumn,
    column('Type', 'string', 'What the data is for.', (secret) => secret.type),
    column('Data', 'string', 'How many keys it holds.', (secret) => Object.keys(secret.data ?? {}).length),
    ageColumn,
  ],
  selectableFields: (secret) => ({ type: secret.type }),
}

/** stringData is write-only: its values land in data, encoded, over those there. */
function mergeStringData(secret: Secret): void {
  if (!secret.stringData) return
  const data = { ...secret.data }
  for (const [key, value] of Object.entries(secret.stringData)) data[key] = encodeBase64Text(value)
  if (Object.keys(data).length > 0) secret.data = data
  delete secret.stringData
}
