/** RuntimeClass, node.k8s.io/v1. Source: kubernetes/pkg/apis/node/validation/validation.go */
import { validateTolerations } from '../core/pod/placement-validation.ts'
import { invalid, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from '../meta/names.ts'
import { immutable, validateLabels, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { canonicalResources } from '../meta/quantity.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { RuntimeClass } from './types.ts'

const validate: Kind<RuntimeClass>['validate'] = ({ metadata, handler, scheduling }) => [
  ...validateObjectMeta(metadata, { isNamespaced: false, nameErrors: dnsSubdomainErrors }),
  ...(handler ? dnsLabelErrors(handler).map((why) => invalid('handler', handler, why)) : [required('handler')]),
  ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
  ...validateTolerations(scheduling?.tolerations, 'scheduling.tolerations'),
]

export const runtimeClasses: Kind<RuntimeClass> = {
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: 'node.k8s.io/v1',
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  applyDefaults: ({ overhead }) => {
    if (overhead?.podFixed) overhead.podFixed = canonicalResources(overhead.podFixed)
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate,
  validateUpdate: (runtimeClass, old) => [
    ...validate(runtimeClass),
    ...validateObjectMetaUpdate(runtimeClass.metadata, old.metadata),
    ...immutable('handler', runtimeClass.handler, old.handler),
  ],
  createsOnUpdate: true,
  needsResourceVersion: true,
  hasStatus: false,
  columns: [
    nameColumn,
    column('Handler', 'string', 'The runtime configuration that nodes run its Pods with.', ({ handler }) => handler),
    ageColumn,
  ],
}
