/** What an Ingress must be. Source: kubernetes/pkg/apis/networking/validation/validation.go */
import { type FieldError, invalid, notSupported, required } from '../meta/field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors, isIPv4, isIPv6, portNameErrors, portNumberErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { validateTypedReference } from './typed-reference.ts'
import { CLASS_ANNOTATION, type HTTPIngressPath, type Ingress, type IngressBackend } from './types.ts'

const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const BAD_SUFFIXES = ['/..', '/.']
const WILDCARD =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

export function validateIngress(ingress: Ingress): FieldError[] {
  const errors = [
    ...validateObjectMeta(ingress.metadata, { isNamespaced: true, nameErrors: dnsSubdomainErrors }),
    ...validateSpec(ingress),
  ]
  const annotated = ingress.metadata.annotations?.[CLASS_ANNOTATION]
  const named = ingress.spec.ingressClassName
  if (annotated !== undefined && named !== undefined && annotated !== named) {
    const why = 'must match `ingressClassName` when both are specified'
    errors.push(invalid(`annotations.${CLASS_ANNOTATION}`, annotated, why))
  }
  return errors
}

export const validateIngressUpdate = (ingress: Ingress, old: Ingress): FieldError[] => [
  ...validateObjectMetaUpdate(ingress.metadata, old.metadata),
  ...validateSpec(ingress),
]

function validateSpec({ spec }: Ingress): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.rules?.length && !spec.defaultBackend)
    errors.push(invalid('spec', spec.rules, 'either `defaultBackend` or `rules` must be specified'))
  if (spec.defaultBackend) errors.push(...validateBackend(spec.defaultBackend, 'spec.defaultBackend'))
  for (const [index, { host, http }] of (spec.rules ?? []).entries()) {
    const path = `spec.rules[${index}]`
    if (host) errors.push(...validateHost(host, `${path}.host`))
    if (!http) continue
    if (!http.paths?.length) errors.push(required(`${path}.http.paths`))
    for (const [place, one] of (http.paths ?? []).entries())
      errors.push(...validatePath(one, `${path}.http.paths[${place}]`))
  }
  for (const [index, { hosts, secretName }] of (spec.tls ?? []).entries()) {
    const path = `spec.tls[${index}]`
    for (const [place, host] of (hosts ?? []).entries()) errors.push(...nameErrors(host, `${path}.hosts[${place}]`))
    if (secretName)
      for (const why of dnsSubdomainErrors(secretName)) errors.push(invalid(`${path}.secretName`, secretName, why))
  }
  if (spec.ingressClassName !== undefined)
    for (const why of dnsSubdomainErrors(spec.ingressClassName))
      errors.push(invalid('spec.ingressClassName', spec.ingressClassName, why))
  return errors
}

function validateHost(host: string, path: string): FieldError[] {
  const isAddress = isIPv4(host) || isIPv6(host)
  return [
    ...(isAddress ? [invalid(path, host, 'must be a DNS name, not an IP address')] : []),
    ...nameErrors(host, path),
  ]
}

function nameErrors(host: string, path: string): FieldError[] {
  if (!host.includes('*')) return dnsSubdomainErrors(host).map((why) => invalid(path, host, why))
  const isWildcard = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(host)
  return isWildcard ? [] : [invalid(path, host, WILDCARD)]
}

function validatePath({ path = '', pathType, backend }: HTTPIngressPath, at: string): FieldError[] {
  const errors: FieldError[] = []
  switch (pathType) {
    case undefined:
    case '':
      return [required(`${at}.pathType`, 'pathType must be specified')]
    case 'Exact':
    case 'Prefix':
      if (!path.startsWith('/')) errors.push(invalid(`${at}.path`, path, 'must be an absolute path'))
      for (const bad of BAD_SEQUENCES)
        if (path.includes(bad)) errors.push(invalid(`${at}.path`, path, `must not contain '${bad}'`))
      for (const bad of BAD_SUFFIXES)
        if (path.endsWith(bad)) errors.push(invalid(`${at}.path`, path, `cannot end with '${bad}'`))
      break
    case 'ImplementationSpecific':
      if (path && !path.startsWith('/')) errors.push(invalid(`${at}.path`, path, 'must be an absolute path'))
      break
    default:
      errors.push(notSupported(`${at}.pathType`, pathType, ['Exact', 'ImplementationSpecific', 'Prefix']))
  }
  return [...errors, ...validateBackend(backend, `${at}.backend`)]
}

function validateBackend(backend: IngressBackend | undefined, at: string): FieldError[] {
  const { service, resource } = backend ?? {}
  if (service && resource) return [invalid(at, '', 'cannot set both resource and service backends')]
  if (resource) return validateTypedReference(resource, `${at}.resource`)
  if (!service) return [invalid(at, '', 'resource or service backend is required')]
  const errors: FieldError[] = []
  if (!service.name) errors.push(required(`${at}.service.name`))
  else for (const why of dnsLabelErrors(service.name)) errors.push(invalid(`${at}.service.name`, service.name, why))
  const { name, number } = service.port ?? {}
  if (name && number) errors.push(invalid(at, '', 'cannot set both port name & port number'))
  else if (name) for (const why of portNameErrors(name)) errors.push(invalid(`${at}.service.port.name`, name, why))
  else if (number)
    for (const why of portNumberErrors(number)) errors.push(invalid(`${at}.service.port.number`, number, why))
  else errors.push(required(at, 'port name or number is required'))
  return errors
}
