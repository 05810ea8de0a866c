/** What Endpoints must be. Source: ValidateEndpoints in kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, invalid, required } from '../meta/field-error.ts'
import {
  dnsLabelErrors,
  dnsSubdomainErrors,
  ipErrors,
  isIPv4,
  isIPv6,
  portNumberErrors,
  qualifiedNameErrors,
  specialAddressErrors,
  withoutLeadingZeros,
} from '../meta/names.ts'
import { type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { oneOf } from './pod/spec-validation.ts'
import type { EndpointAddress, Endpoints } from './types.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

export const validateEndpoints = (endpoints: Endpoints): FieldError[] => [
  ...validateObjectMeta(endpoints.metadata, META),
  ...(endpoints.subsets ?? []).flatMap((subset, index) => {
    const at = `subsets[${index}]`
    const errors: FieldError[] = []
    if (!subset.addresses?.length && !subset.notReadyAddresses?.length)
      errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'))
    for (const field of ['addresses', 'notReadyAddresses'] as const)
      for (const [place, address] of (subset[field] ?? []).entries())
        errors.push(...validateAddress(address, `${at}.${field}[${place}]`))
    for (const [place, port] of (subset.ports ?? []).entries()) {
      const portAt = `${at}.ports[${place}]`
      if (port.name) for (const why of dnsLabelErrors(port.name)) errors.push(invalid(`${portAt}.name`, port.name, why))
      else if (subset.ports!.length > 1) errors.push(required(`${portAt}.name`))
      for (const why of portNumberErrors(port.port)) errors.push(invalid(`${portAt}.port`, port.port ?? 0, why))
      errors.push(...oneOf(port.protocol, PROTOCOLS, `${portAt}.protocol`))
      if (port.appProtocol !== undefined)
        for (const why of qualifiedNameErrors(port.appProtocol))
          errors.push(invalid(`${portAt}.appProtocol`, port.appProtocol, why))
    }
    return errors
  }),
]

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, path: string): FieldError[] {
  const errors = ipErrors(ip ?? '').map((why) => invalid(`${path}.ip`, ip ?? '', why))
  if (hostname) for (const why of dnsLabelErrors(hostname)) errors.push(invalid(`${path}.hostname`, hostname, why))
  if (nodeName !== undefined)
    for (const why of dnsSubdomainErrors(nodeName)) errors.push(invalid(`${path}.nodeName`, nodeName, why))
  return [...errors, ...ownAddressErrors(ip ?? '').map((why) => invalid(`${path}.ip`, ip ?? '', why))]
}

/** The address is looked at once more for what it must not be, and told again where it is none. */
function ownAddressErrors(ip: string): string[] {
  const address = withoutLeadingZeros(ip)
  return isIPv4(address) || isIPv6(ip) ? specialAddressErrors(address) : ['must be a valid IP address']
}

export const validateEndpointsUpdate = (endpoints: Endpoints, old: Endpoints): FieldError[] => [
  ...validateObjectMetaUpdate(endpoints.metadata, old.metadata),
  ...validateEndpoints(endpoints),
]
