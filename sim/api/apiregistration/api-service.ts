/** APIService, apiregistration.k8s.io/v1: who serves a version of a group. Source: k8s.io/kube-aggregator/pkg/{apis,registry}/apiregistration */
import { bytesOfBase64 } from '../meta/base64.ts'
import { type FieldError, invalid, notSupported, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsLabel1035Errors, dnsSubdomainErrors, pathSegmentErrors, portNumberErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { ApiService, ApiServiceCondition } from './types.ts'

/** What is said of a version that the API server serves itself. */
export const localCondition = (now: string): ApiServiceCondition => ({
  lastTransitionTime: now,
  message: 'Local APIServices are always available',
  reason: 'Local',
  status: 'True',
  type: 'Available',
})

const availabilityOf = ({ status }: ApiService): ApiServiceCondition | undefined =>
  status.conditions?.find(({ type }) => type === 'Available')

/** Whether its version is someone else's to serve, who does not. */
export const isMissing = (service: ApiService): boolean =>
  service.spec.service !== undefined && availabilityOf(service)?.status !== 'True'

export const apiServices: Kind<ApiService> = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  singular: 'apiservice',
  shortNames: [],
  categories: ['api-extensions'],
  isNamespaced: false,
  apiVersion: 'apiregistration.k8s.io/v1',
  schema: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
  applyDefaults(service) {
    service.spec ??= {} as ApiService['spec']
    service.spec.groupPriorityMinimum ??= 0
    service.spec.versionPriority ??= 0
    if (service.spec.service) service.spec.service.port ??= 443
    service.status ??= {}
  },
  prepareForCreate(service, { now }) {
    service.status = service.spec.service ? {} : { conditions: [localCondition(now)] }
  },
  prepareForUpdate(service, old) {
    service.status = old.status
  },
  validate: (service) => [
    ...validateObjectMeta(service.metadata, {
      isNamespaced: false,
      nameErrors: (name) => nameErrors(service, name),
      hasAnyFinalizers: true,
    }),
    ...validateSpec(service),
  ],
  validateUpdate: (service, old) => [
    ...validateObjectMetaUpdate(service.metadata, old.metadata, { hasAnyFinalizers: true }),
    ...validateObjectMeta(service.metadata, {
      isNamespaced: false,
      nameErrors: (name) => nameErrors(service, name),
      hasAnyFinalizers: true,
    }),
    ...validateSpec(service),
  ],
  validateStatusUpdate: (service, old) => [
    ...validateObjectMetaUpdate(service.metadata, old.metadata, { hasAnyFinalizers: true }),
    ...(service.status.conditions ?? []).flatMap(({ status }, n) =>
      STATUSES.includes(status) ? [] : [notSupported(`status.conditions[${n}].status`, status, STATUSES)],
    ),
  ],
  needsResourceVersion: true,
  hasStatus: true,
  columns: [
    nameColumn,
    column('Service', 'string', 'The Service that serves the version.', ({ spec: { service } }) =>
      service ? `${service.namespace}/${service.name}` : 'Local',
    ),
    column('Available', 'string', 'Whether it is served.', (service) => {
      const { status = 'Unknown', reason = '' } = availabilityOf(service) ?? {}
      return status === 'True' || reason === '' ? status : `${status} (${reason})`
    }),
    ageColumn,
  ],
}

const STATUSES = ['True', 'False', 'Unknown']

function nameErrors({ spec: { group = '', version = '' } }: ApiService, name: string): string[] {
  const wrong = pathSegmentErrors(name)
  const wanted = `${version}.${group}`
  if (wrong.length > 0 || name === wanted) return wrong
  return [`must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`]
}

function validateSpec({ spec }: ApiService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum, versionPriority, service } = spec
  const { caBundle = '', insecureSkipTLSVerify = false } = spec
  const own: FieldError[] = [
    ...(group === '' && version !== 'v1'
      ? [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
      : []),
    ...(group === '' ? [] : dnsSubdomainErrors(group).map((why) => invalid('spec.group', group, why))),
    ...dnsLabel1035Errors(version).map((why) => invalid('spec.version', version, why)),
    ...(groupPriorityMinimum <= 0 || groupPriorityMinimum > 20_000
      ? [invalid('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000')]
      : []),
    ...(versionPriority <= 0 || versionPriority > 1000
      ? [invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000')]
      : []),
  ]
  if (!service)
    return [
      ...own,
      ...(caBundle
        ? [
            invalid(
              'spec.caBundle',
              `${bytesOfBase64(caBundle).length} bytes`,
              'local APIServices may not have a caBundle',
            ),
          ]
        : []),
      ...(insecureSkipTLSVerify
        ? [invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')]
        : []),
    ]
  const wrongPort = portNumberErrors(service.port)
  return [
    ...own,
    ...(service.namespace ? [] : [required('spec.service.namespace')]),
    ...(service.name ? [] : [required('spec.service.name')]),
    ...(wrongPort.length > 0
      ? [invalid('spec.service.port', service.port, `port is not valid: ${wrongPort.join(', ')}`)]
      : []),
    ...(insecureSkipTLSVerify && caBundle
      ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
      : []),
  ]
}
