/** DeviceClass, resource.k8s.io/v1. Sources: kubernetes/pkg/registry/resource/deviceclass, pkg/apis/resource/validation */
import { type FieldError, invalid } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors, qualifiedNameErrors } from '../meta/names.ts'
import { type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, nameColumn } from '../meta/table.ts'
import { MOST_CONFIGS, validateConfiguration } from './claim-spec.ts'
import { selectorErrors } from './device-selector.ts'
import { listErrors } from './lists.ts'
import type { DeviceClass } from './types.ts'

const META: MetaRules = { isNamespaced: false, nameErrors: dnsSubdomainErrors }

export const deviceClasses: Kind<DeviceClass> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  singular: 'deviceclass',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: 'resource.k8s.io/v1',
  schema: 'io.k8s.api.resource.v1.DeviceClass',
  applyDefaults: () => {},
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: ({ metadata, spec }) => [...validateObjectMeta(metadata, META), ...validateSpec(spec)],
  validateUpdate: ({ metadata, spec }, old) => [
    ...validateObjectMetaUpdate(metadata, old.metadata),
    ...validateSpec(spec),
  ],
  hasStatus: false,
  generationOf: ({ spec }) => spec,
  columns: [nameColumn, ageColumn],
  notSimulated: ['spec.extendedResourceName'],
}

const validateSpec = ({ selectors, config, extendedResourceName }: DeviceClass['spec'] = {}): FieldError[] => [
  ...selectorErrors(selectors, 'spec.selectors'),
  ...listErrors(config, MOST_CONFIGS, 'spec.config', validateConfiguration),
  ...(extendedResourceName === undefined || isExtendedResource(extendedResourceName)
    ? []
    : [invalid('spec.extendedResourceName', extendedResourceName, 'must be a valid extended resource name')]),
]

/** Source: IsExtendedResourceName in kubernetes/pkg/apis/core/v1/helper */
const isExtendedResource = (name: string): boolean =>
  name.includes('/') &&
  !name.includes('kubernetes.io/') &&
  !name.startsWith('requests.') &&
  qualifiedNameErrors(`requests.${name}`).length === 0
