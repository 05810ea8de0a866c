/** IngressClass, networking.k8s.io/v1. Source: kubernetes/pkg/registry/networking/ingressclass/strategy.go */
import { type FieldError, invalid, required, tooLong } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { immutable, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { IngressClass } from './types.ts'

const MAX_CONTROLLER_LENGTH = 250

export const ingressClasses: Kind<IngressClass> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: 'networking.k8s.io/v1',
  schema: 'io.k8s.api.networking.v1.IngressClass',
  applyDefaults: (ingressClass) => {
    ingressClass.spec ??= {}
    if (ingressClass.spec.parameters) ingressClass.spec.parameters.scope ??= 'Cluster'
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: (ingressClass) => [
    ...validateObjectMeta(ingressClass.metadata, { isNamespaced: false, nameErrors: dnsSubdomainErrors }),
    ...validateController(ingressClass),
  ],
  validateUpdate: (ingressClass, old) => [
    ...validateObjectMetaUpdate(ingressClass.metadata, old.metadata),
    ...immutable('spec.controller', ingressClass.spec.controller, old.spec.controller),
  ],
  hasStatus: false,
  generationOf: ({ spec }) => spec,
  columns: [
    nameColumn,
    column('Controller', 'string', 'Who acts on it.', ({ spec }) => spec.controller ?? ''),
    column('Parameters', 'string', 'What it is set up with.', ({ spec: { parameters } }) =>
      parameters
        ? `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}/${parameters.name}`
        : '<none>',
    ),
    ageColumn,
  ],
  notSimulated: ['spec.parameters'],
}

function validateController({ spec: { controller = '' } }: IngressClass): FieldError[] {
  if (!controller) return [required('spec.controller')]
  if (controller.length > MAX_CONTROLLER_LENGTH) return [tooLong('spec.controller', MAX_CONTROLLER_LENGTH)]
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(controller)) return []
  return [invalid('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")')]
}
