/** IngressClass, networking.k8s.io/v1. Source: kubernetes/pkg/registry/networking/ingressclass/strategy.go */
import { type FieldError, forbiddenField, invalid, notSupported, required, tooLong } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from '../meta/names.ts'
import { immutable, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { validateTypedReference } from './typed-reference.ts'
import type { IngressClass } from './types.ts'

const MAX_CONTROLLER_LENGTH = 250
const SCOPES = ['Cluster', 'Namespace']
const PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

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
  validate: validateIngressClass,
  validateUpdate: (ingressClass, old) => [
    ...validateObjectMetaUpdate(ingressClass.metadata, old.metadata),
    ...immutable('spec.controller', ingressClass.spec.controller ?? '', old.spec.controller ?? ''),
    ...validateIngressClass(ingressClass),
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

function validateIngressClass(ingressClass: IngressClass): FieldError[] {
  return [
    ...validateObjectMeta(ingressClass.metadata, { isNamespaced: false, nameErrors: dnsSubdomainErrors }),
    ...validateController(ingressClass),
    ...validateParameters(ingressClass),
  ]
}

function validateController({ spec: { controller = '' } }: IngressClass): FieldError[] {
  if (!controller) return [required('spec.controller')]
  if (controller.length > MAX_CONTROLLER_LENGTH) return [tooLong('spec.controller', MAX_CONTROLLER_LENGTH)]
  const slash = controller.indexOf('/')
  const [domain, path] = slash < 0 ? [controller, ''] : [controller.slice(0, slash), controller.slice(slash + 1)]
  if (domain === '' || path === '')
    return [invalid('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const wrong = dnsSubdomainErrors(domain).map((why) => invalid('spec.controller', domain, why))
  if (/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(path)) return wrong
  return [...wrong, invalid('spec.controller', path, `Invalid path (regex used for validation is '${PATH}')`)]
}

function validateParameters({ spec: { parameters } }: IngressClass): FieldError[] {
  if (!parameters) return []
  const { scope, namespace } = parameters
  const errors = validateTypedReference(parameters, 'spec.parameters')
  const at = 'spec.parameters.namespace'
  if (scope !== undefined && !SCOPES.includes(scope)) errors.push(notSupported('spec.parameters.scope', scope, SCOPES))
  if (namespace === '') errors.push(required(at))
  else if (namespace !== undefined) errors.push(...dnsLabelErrors(namespace).map((why) => invalid(at, namespace, why)))
  if (scope === 'Namespace' && namespace === undefined)
    errors.push(required(at, "`parameters.scope` is set to 'Namespace'"))
  if (scope === 'Cluster' && namespace !== undefined)
    errors.push(forbiddenField(at, "`parameters.scope` is set to 'Cluster'"))
  return errors
}
