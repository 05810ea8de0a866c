/** IPAddress, networking.k8s.io/v1. Source: kubernetes/pkg/apis/networking/validation/validation.go */
import { type FieldError, invalid, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors, ipErrors, pathSegmentErrors } from '../meta/names.ts'
import { immutable, type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { column, nameColumn } from '../meta/table.ts'
import { internalForm } from '../schema/internal-form.ts'
import type { IPAddress } from './types.ts'

const META: MetaRules = { isNamespaced: false, nameErrors: ipErrors }

export const ipAddresses: Kind<IPAddress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  categories: [],
  isNamespaced: false,
  apiVersion: 'networking.k8s.io/v1',
  schema: 'io.k8s.api.networking.v1.IPAddress',
  applyDefaults: (object) => {
    object.spec ??= {}
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: ({ metadata, spec }) => [...validateObjectMeta(metadata, META), ...validateParent(spec)],
  validateUpdate: ({ metadata, spec }, old) => [
    ...validateObjectMeta(metadata, META),
    ...validateParent(spec),
    ...validateObjectMetaUpdate(metadata, old.metadata),
    ...immutable(
      'spec.parentRef',
      ...([spec.parentRef, old.spec.parentRef].map((ref) => ref && internalForm('ParentReference', ref)) as [
        unknown,
        unknown,
      ]),
    ),
  ],
  hasStatus: false,
  columns: [nameColumn, column('ParentRef', 'string', 'Who has it.', ({ spec }) => parentOf(spec))],
  selectableFields: ({ spec }) => ({
    'spec.parentRef.group': spec.parentRef?.group ?? '',
    'spec.parentRef.resource': spec.parentRef?.resource ?? '',
    'spec.parentRef.namespace': spec.parentRef?.namespace ?? '',
    'spec.parentRef.name': spec.parentRef?.name ?? '',
  }),
}

function parentOf({ parentRef }: IPAddress['spec']): string {
  if (!parentRef) return '<none>'
  const { group, resource, namespace, name } = parentRef
  return [`${resource}${group ? `.${group}` : ''}`.toLowerCase(), ...(namespace ? [namespace] : []), name].join('/')
}

function validateParent({ parentRef }: IPAddress['spec']): FieldError[] {
  const path = 'spec.parentRef'
  if (!parentRef) return [required(path)]
  const { group, resource, namespace, name } = parentRef
  const segment = (field: string, value: string): FieldError[] =>
    pathSegmentErrors(value).map((why) => invalid(`${path}.${field}`, value, why))
  return [
    ...(group ? dnsSubdomainErrors(group).map((why) => invalid(`${path}.group`, group, why)) : []),
    ...(resource ? segment('resource', resource) : [required(`${path}.resource`)]),
    ...(name ? segment('name', name) : [required(`${path}.name`)]),
    ...(namespace ? segment('namespace', namespace) : []),
  ]
}
