/** ConfigMap, core/v1. */

import type { Kind } from '../meta/kind.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { validateConfigMap, validateConfigMapUpdate } from './data-validation.ts'
import type { ConfigMap } from './types.ts'

export const configMaps: Kind<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  categories: [],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.ConfigMap',
  applyDefaults: () => {},
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  hasStatus: false,
  columns: [
    nameColumn,
    column(
      'Data',
      'string',
      'How many keys it holds.',
      ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    ),
    ageColumn,
  ],
}
