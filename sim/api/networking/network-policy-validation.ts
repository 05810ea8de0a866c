/** What a NetworkPolicy must be. Source: kubernetes/pkg/apis/networking/validation/validation.go */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../meta/field-error.ts'
import { dnsSubdomainErrors, portNameErrors, portNumberErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { validateLabelSelector } from '../meta/selector-validation.ts'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from './types.ts'

const MORE_BITS = 'must not have bits set beyond the prefix length'
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

export const validateNetworkPolicy = (policy: NetworkPolicy): FieldError[] => [
  ...validateObjectMeta(policy.metadata, { isNamespaced: true, nameErrors: dnsSubdomainErrors }),
  ...validateSpec(policy),
]

export const validateNetworkPolicyUpdate = (policy: NetworkPolicy, old: NetworkPolicy): FieldError[] => [
  ...validateObjectMetaUpdate(policy.metadata, old.metadata),
  ...validateSpec(policy),
]

function validateSpec({ spec }: NetworkPolicy): FieldError[] {
  const errors = validateLabelSelector(spec.podSelector, 'spec.podSelector')
  for (const [index, { ports, from }] of (spec.ingress ?? []).entries()) {
    errors.push(...validatePorts(ports, `spec.ingress[${index}]`))
    for (const [place, peer] of (from ?? []).entries())
      errors.push(...validatePeer(peer, `spec.ingress[${index}].from[${place}]`))
  }
  for (const [index, { ports, to }] of (spec.egress ?? []).entries()) {
    errors.push(...validatePorts(ports, `spec.egress[${index}]`))
    for (const [place, peer] of (to ?? []).entries())
      errors.push(...validatePeer(peer, `spec.egress[${index}].to[${place}]`))
  }
  const types = spec.policyTypes ?? []
  if (types.length > 2)
    return [...errors, invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
  for (const [index, type] of types.entries())
    if (type !== 'Ingress' && type !== 'Egress')
      errors.push(notSupported(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress']))
  return errors
}

const validatePorts = (ports: readonly NetworkPolicyPort[] | undefined, path: string): FieldError[] =>
  (ports ?? []).flatMap((port, index) => validatePort(port, `${path}.ports[${index}]`))

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (protocol !== undefined && !['TCP', 'UDP', 'SCTP'].includes(protocol))
    errors.push(notSupported(`${path}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']))
  if (port === undefined) {
    if (endPort !== undefined)
      errors.push(invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is not specified'))
  } else if (typeof port === 'number') {
    for (const why of portNumberErrors(port)) errors.push(invalid(`${path}.port`, port, why))
    if (endPort !== undefined) {
      if (endPort < port) errors.push(invalid(`${path}.endPort`, port, 'must be greater than or equal to `port`'))
      for (const why of portNumberErrors(endPort)) errors.push(invalid(`${path}.endPort`, endPort, why))
    }
  } else {
    if (endPort !== undefined)
      errors.push(invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is non-numeric'))
    for (const why of portNameErrors(port)) errors.push(invalid(`${path}.port`, port, why))
  }
  return errors
}

function validatePeer(peer: NetworkPolicyPeer, path: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer
  const errors = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, `${path}.ipBlock`) : []),
  ]
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'))
  else if (ipBlock && (podSelector || namespaceSelector))
    errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'))
  return errors
}

function validateBlock({ cidr, except }: NonNullable<NetworkPolicyPeer['ipBlock']>, path: string): FieldError[] {
  if (!cidr) return [required(`${path}.cidr`)]
  const range = readCidr(cidr)
  if (!range) return [invalid(`${path}.cidr`, cidr, NO_CIDR)]
  const own = range !== 'IPv6' && range.hasMoreBits ? [invalid(`${path}.cidr`, cidr, MORE_BITS)] : []
  const inside = (except ?? []).flatMap((text, index) => {
    const inner = readCidr(text)
    if (!inner) return [invalid(`${path}.except[${index}]`, text, NO_CIDR)]
    if (inner !== 'IPv6' && inner.hasMoreBits) return [invalid(`${path}.except[${index}]`, text, MORE_BITS)]
    // Addresses of the other family are not compared here.
    if (range === 'IPv6' || inner === 'IPv6') return []
    const isInside = inner.base >= range.base && inner.base < range.base + 2 ** (32 - range.bits)
    if (isInside && inner.bits > range.bits) return []
    return [invalid(`${path}.except[${index}]`, text, 'must be a strict subset of `cidr`')]
  })
  return [...own, ...inside]
}

function readCidr(text: string): { base: number; bits: number; hasMoreBits: boolean } | 'IPv6' | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)
  if (!match) return /^[0-9a-fA-F:]*:[0-9a-fA-F:.]*\/\d{1,3}$/.test(text) ? 'IPv6' : undefined
  const numbers = match.slice(1).map(Number)
  const bits = numbers[4]
  if (numbers.slice(0, 4).some((part) => part > 255) || bits > 32) return undefined
  const address = numbers.slice(0, 4).reduce((sum, part) => sum * 256 + part, 0)
  const size = 2 ** (32 - bits)
  const base = Math.floor(address / size) * size
  return { base, bits, hasMoreBits: address !== base }
}
