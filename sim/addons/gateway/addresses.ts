/**
 * Which addresses Gateways have: those that they ask for, if they are free and of the range, or the first free ones. Pure.
 * Source: sigs.k8s.io/gateway-api v1.6.1, apis/v1/gateway_types.go (GatewaySpec.Addresses), conformance/tests/gateway-{static-addresses,optional-address-value}.go
 */
import { charge } from '../../engine/work.ts'
import type { GatewayAddress } from './types.ts'

/** Beside the ingress controller's, of TEST-NET-3. */
const [FIRST, LAST] = [100, 249]
const addressAt = (n: number): string => `203.0.113.${n}`
const isInRange = (ip: string): boolean => {
  const [, last] = /^203\.0\.113\.(\d{1,3})$/.exec(ip) ?? []
  return last !== undefined && String(Number(last)) === last && Number(last) >= FIRST && Number(last) <= LAST
}

export type Assigned =
  | { ips: readonly string[] }
  | { reason: 'UnsupportedAddress' | 'AddressNotUsable' | 'AddressNotAssigned'; why: string }

export interface AddressRequest {
  /** Of the Gateway. */
  uid: string
  addresses: readonly GatewayAddress[]
}

/**
 * Addresses for each Gateway. One keeps what it had as long as it asks for nothing else.
 * @param requests the oldest first
 * @param before by uid
 */
export function assignAddresses(
  requests: readonly AddressRequest[],
  before: ReadonlyMap<string, readonly string[]>,
): Map<string, Assigned> {
  charge(requests.length)
  const taken = new Set<string>()
  const assigned = new Map<string, Assigned>()
  const isFixed = ({ addresses }: AddressRequest): boolean => addresses.some(({ value }) => value)
  // What was given stays given; then whoever asks for certain addresses, then the others.
  for (const { uid, addresses } of requests)
    for (const ip of before.get(uid) ?? []) if (isStill(ip, addresses)) taken.add(ip)
  for (const request of [...requests.filter(isFixed), ...requests.filter((one) => !isFixed(one))])
    assigned.set(request.uid, assign(request, before.get(request.uid) ?? [], taken))
  return assigned
}

const isStill = (ip: string, addresses: readonly GatewayAddress[]): boolean => {
  const values = addresses.flatMap(({ value }) => (value ? [value] : []))
  return values.length === 0 || values.includes(ip)
}

function assign({ addresses }: AddressRequest, had: readonly string[], taken: Set<string>): Assigned {
  const asked = addresses.length > 0 ? addresses : [{ type: 'IPAddress' }]
  const other = asked.find(({ type = 'IPAddress' }) => type !== 'IPAddress')
  if (other)
    return { reason: 'UnsupportedAddress', why: `Address type "${other.type}" is not supported; only IPAddress is` }
  const kept = had.filter((ip) => isStill(ip, addresses))
  const ips: string[] = []
  for (const { value } of asked) {
    const ip = value || kept.find((one) => !ips.includes(one)) || firstFree(taken)
    if (ip === undefined) return { reason: 'AddressNotAssigned', why: 'There is no free address left' }
    if (!isInRange(ip))
      return {
        reason: 'AddressNotUsable',
        why: `Address ${ip} is none of those that this cluster has: ${addressAt(FIRST)} to ${addressAt(LAST)}`,
      }
    if (taken.has(ip) && !had.includes(ip)) return { reason: 'AddressNotUsable', why: `Address ${ip} is in use` }
    taken.add(ip)
    ips.push(ip)
  }
  return { ips }
}

function firstFree(taken: ReadonlySet<string>): string | undefined {
  for (let n = FIRST; n <= LAST; n++) if (!taken.has(addressAt(n))) return addressAt(n)
  return undefined
}
