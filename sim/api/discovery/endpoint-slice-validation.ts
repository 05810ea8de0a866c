/** What an EndpointSlice must be. Source: kubernetes/pkg/apis/discovery/validation/validation.go */
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../meta/field-error.ts'
import {
  dnsLabelErrors,
  dnsSubdomainErrors,
  isIPv4,
  isIPv6,
  portNumberErrors,
  qualifiedNameErrors,
  specialAddressErrors,
} from '../meta/names.ts'
import { immutable, type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import type { Endpoint, EndpointSlice } from './types.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }
const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const MAX_ENDPOINTS = 1000
const MAX_ADDRESSES = 100
const MAX_PORTS = 20000

export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  const errors = validateObjectMeta(slice.metadata, META)
  if (!slice.addressType) errors.push(required('addressType'))
  else if (!ADDRESS_TYPES.includes(slice.addressType))
    errors.push(notSupported('addressType', slice.addressType, ADDRESS_TYPES))
  return [...errors, ...validateEndpoints(slice), ...validatePorts(slice)]
}

function validateEndpoints({ endpoints, addressType }: EndpointSlice): FieldError[] {
  if (endpoints.length > MAX_ENDPOINTS) return [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)]
  return endpoints.flatMap((endpoint, index) => {
    const at = `endpoints[${index}]`
    const addresses = endpoint.addresses ?? []
    const errors: FieldError[] = []
    if (addresses.length === 0) errors.push(required(`${at}.addresses`, 'must contain at least 1 address'))
    else if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(`${at}.addresses`, addresses.length, MAX_ADDRESSES))
    for (const [place, address] of addresses.entries())
      for (const why of addressErrors(address, addressType))
        errors.push(invalid(`${at}.addresses[${place}]`, address, why))
    return [...errors, ...validateNames(endpoint, at)]
  })
}

function addressErrors(address: string, type: string): string[] {
  if (type === 'IPv4') return isIPv4(address) ? specialAddressErrors(address) : ['must be a valid IPv4 address']
  if (type === 'IPv6') return isIPv6(address) ? specialAddressErrors(address) : ['must be a valid IPv6 address']
  return type === 'FQDN' ? dnsSubdomainErrors(address) : []
}

function validateNames({ nodeName, hostname }: Endpoint, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (nodeName !== undefined)
    for (const why of dnsSubdomainErrors(nodeName)) errors.push(invalid(`${path}.nodeName`, nodeName, why))
  if (hostname !== undefined)
    for (const why of dnsLabelErrors(hostname)) errors.push(invalid(`${path}.hostname`, hostname, why))
  return errors
}

function validatePorts({ ports = [] }: EndpointSlice): FieldError[] {
  if (ports.length > MAX_PORTS) return [tooMany('ports', ports.length, MAX_PORTS)]
  const names = new Set<string>()
  return ports.flatMap(({ name = '', protocol, port, appProtocol }, index) => {
    const at = `ports[${index}]`
    const errors: FieldError[] = []
    if (name) for (const why of dnsLabelErrors(name)) errors.push(invalid(`${at}.name`, name, why))
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    if (port !== undefined) for (const why of portNumberErrors(port)) errors.push(invalid(`${at}.port`, port, why))
    if (!protocol) errors.push(required(`${at}.protocol`))
    else if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS))
    if (appProtocol !== undefined)
      for (const why of qualifiedNameErrors(appProtocol)) errors.push(invalid(`${at}.appProtocol`, appProtocol, why))
    return errors
  })
}

export const validateEndpointSliceUpdate = (slice: EndpointSlice, old: EndpointSlice): FieldError[] => [
  ...validateObjectMetaUpdate(slice.metadata, old.metadata),
  ...immutable('addressType', slice.addressType, old.addressType),
  ...validateEndpointSlice(slice),
]
