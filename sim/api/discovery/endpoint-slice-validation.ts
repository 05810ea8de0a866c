/** What an EndpointSlice must be. Source: kubernetes/pkg/apis/discovery/validation/validation.go */
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../meta/field-error.ts'
import {
  dnsLabelErrors,
  dnsSubdomainErrors,
  ipErrors,
  isIPv4,
  isIPv6,
  labelValueErrors,
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
  return [...errors, ...validatePorts(slice), ...validateEndpoints(slice)]
}

function validateEndpoints({ endpoints, addressType }: EndpointSlice): FieldError[] {
  if (endpoints.length > MAX_ENDPOINTS) return [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)]
  return endpoints.flatMap((endpoint, index) => {
    const at = `endpoints[${index}]`
    const addresses = endpoint.addresses ?? []
    const errors: FieldError[] = []
    if (addresses.length === 0) errors.push(required(`${at}.addresses`, 'must contain at least 1 address'))
    else if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(`${at}.addresses`, addresses.length, MAX_ADDRESSES))
    for (const [place, address] of addresses.entries()) {
      const one = `${at}.addresses[${place}]`
      for (const why of addressErrors(address, addressType)) errors.push(invalid(one, address, why))
      if (addressType === 'IPv4' && isIPv6(address))
        errors.push(invalid(`${at}.addresses`, address, 'must be an IPv4 address'))
      if (addressType === 'IPv6' && isIPv4(address))
        errors.push(invalid(`${at}.addresses`, address, 'must be an IPv6 address'))
    }
    return [...errors, ...validateNames(endpoint, at), ...validateHints(endpoint, at)]
  })
}

function addressErrors(address: string, type: string): string[] {
  if (type === 'FQDN') return dnsSubdomainErrors(address)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  return ipErrors(address).length > 0 ? ipErrors(address) : specialAddressErrors(address)
}

/** Where an endpoint should be used: zones are values of a label, nodes are named. */
function validateHints({ hints }: Endpoint, path: string): FieldError[] {
  const check = (field: 'forZones' | 'forNodes', wrong: (name: string) => string[]): FieldError[] => {
    const seen = new Set<string>()
    return (hints?.[field] ?? []).flatMap(({ name = '' }, n) => {
      const at = `${path}.hints.${field}[${n}].name`
      const again = seen.has(name) ? [duplicate(at, name)] : []
      seen.add(name)
      return [...again, ...wrong(name).map((why) => invalid(at, name, why))]
    })
  }
  return [...check('forZones', labelValueErrors), ...check('forNodes', dnsSubdomainErrors)]
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
  return ports.flatMap(({ name = '', protocol, appProtocol }, index) => {
    const at = `ports[${index}]`
    const errors: FieldError[] = []
    if (name) for (const why of dnsLabelErrors(name)) errors.push(invalid(`${at}.name`, name, why))
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
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
