/** VolumeAttributesClass, storage.k8s.io/v1. Source: kubernetes/pkg/apis/storage/validation/validation.go */
import { type FieldError, forbiddenField, invalid, required } from '../meta/field-error.ts'
import { equalJson } from '../meta/json.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors, qualifiedNameErrors } from '../meta/names.ts'
import { type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { VolumeAttributesClass } from './types.ts'

const META: MetaRules = { isNamespaced: false, nameErrors: dnsSubdomainErrors }

export const volumeAttributesClasses: Kind<VolumeAttributesClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  shortNames: ['vac'],
  categories: [],
  isNamespaced: false,
  apiVersion: 'storage.k8s.io/v1',
  schema: 'io.k8s.api.storage.v1.VolumeAttributesClass',
  applyDefaults: () => {},
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: ({ metadata, ...object }) => [...validateObjectMeta(metadata, META), ...validateContent(object)],
  validateUpdate: ({ metadata, ...object }, old) => [
    ...validateObjectMetaUpdate(metadata, old.metadata),
    ...(object.driverName === old.driverName
      ? []
      : [forbiddenField('driverName', 'updates to driverName are forbidden.')]),
    ...(equalJson(object.parameters, old.parameters)
      ? []
      : [forbiddenField('parameters', 'updates to parameters are forbidden.')]),
    ...validateContent(object),
  ],
  hasStatus: false,
  columns: [nameColumn, column('DriverName', 'string', 'The driver.', ({ driverName }) => driverName), ageColumn],
}

function validateContent({
  driverName,
  parameters,
}: Pick<VolumeAttributesClass, 'driverName' | 'parameters'>): FieldError[] {
  return [
    ...(driverName
      ? qualifiedNameErrors(driverName.toLowerCase()).map((why) => invalid('driverName', driverName, why))
      : [required('driverName')]),
    ...(Object.keys(parameters ?? {}).length > 0
      ? []
      : [required('parameters', 'must contain at least one key/value pair')]),
  ]
}
