/**
 * Cluster IPs and node ports: which are taken, and the next one to hand out. Who has a cluster IP stands in an IPAddress, and the
 * ServiceCIDRs say which there are. Source: kubernetes/pkg/registry/core/service/{ipallocator,portallocator}.
 * Simplified: IPv4 only, and nothing looks after IPAddresses that somebody else deletes.
 */
import type { ServiceAddressReservation } from '../api/meta/kind.ts'
import type { ObjectKey } from '../api/meta/object.ts'
import { internalError } from '../api/meta/status-error.ts'
import type { ServiceCIDR } from '../api/networking/types.ts'
import type { Random } from '../engine/random.ts'
import { charge } from '../engine/work.ts'
import { type Cidr, cidrHolds, parseCidr, parseIp, printIp } from '../network/address.ts'

/** The range that the server is started with: what the recorded cluster was given. */
export const defaultServiceRange = '10.96.0.0/16'
const nodePorts = { min: 30_000, max: 32_767 }
const BLOCK = 256
const TRIES = 100_000

// What a dry run is told of a port that it would be given: a number that no Service has.
const FIRST_DRY_PORT = 32_769

export interface ServiceAddresses {
  /** @param isDryRun nothing is looked for: an address is the range's own, and a port may be anybody's */
  begin(isDryRun: boolean): ServiceAddressReservation
}

/** The IPAddresses and the ServiceCIDRs as they are now. */
export interface AddressStore {
  cidrs(): readonly ServiceCIDR[]
  isTaken(ip: string): boolean
  take(ip: string, service: ObjectKey): void
  giveBack(ip: string): void
}

/** The ranges from which addresses are given. Source: ipallocator.MetaAllocator */
const rangesOf = (cidrs: readonly ServiceCIDR[]): Cidr[] =>
  cidrs
    .filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    )
    .flatMap(({ spec }) => spec.cidrs)
    .filter((range) => !range.includes(':'))
    .map(parseCidr)

const sizeOf = ({ bits }: Cidr): number => 2 ** (32 - bits)

/**
 * An address of the upper part of the range: the first ones are kept for those who ask for one (KEP-3070), and neither the first
 * nor the last is anybody's.
 */
function drawFrom(range: Cidr, random: Random): number {
  const size = sizeOf(range)
  const blocks = size / BLOCK
  if (blocks >= 2) return range.base + random.int(1, blocks - 1) * BLOCK + random.int(0, BLOCK - 2)
  const kept = size > 16 ? 16 : 1
  return range.base + random.int(Math.min(kept, size - 2), size - 2)
}

export function createServiceAddresses(random: Random, store: AddressStore): ServiceAddresses {
  const ports = new Set<number>()

  function findFree(range: Cidr, isTaken: (ip: string) => boolean): string | undefined {
    const size = sizeOf(range)
    if (size < 4) return undefined
    for (let tries = 0; tries < Math.min(TRIES, size * 4); tries++) {
      charge(2)
      const ip = printIp(drawFrom(range, random))
      if (!isTaken(ip)) return ip
    }
    for (let offset = 1; offset < size - 1; offset++) {
      charge(2)
      const ip = printIp(range.base + offset)
      if (!isTaken(ip)) return ip
    }
    return undefined
  }

  function begin(isDryRun: boolean): ServiceAddressReservation {
    const ips = new Map<string, ObjectKey>()
    const reserved = new Set<number>()
    const releases: (() => void)[] = []
    const isTaken = (ip: string): boolean => store.isTaken(ip) || ips.has(ip)
    return {
      allocateClusterIP(service) {
        charge(store.cidrs().length)
        for (const range of rangesOf(store.cidrs())) {
          const ip = isDryRun ? printIp(range.base) : findFree(range, isTaken)
          if (ip === undefined) continue
          ips.set(ip, service)
          return ip
        }
        throw internalError('failed to allocate a serviceIP: range is full')
      },
      reserveClusterIP(ip, service) {
        const address = parseIp(ip)
        const range =
          address === undefined ? undefined : rangesOf(store.cidrs()).find((candidate) => cidrHolds(candidate, address))
        if (address === undefined || !range)
          return `failed to allocate IP ${ip}: the provided network does not match the current range`
        // The range's own address and its broadcast address belong to nobody.
        if (address === range.base || address === range.base + sizeOf(range) - 1)
          return `failed to allocate IP ${ip}: the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${printIp(range.base)}/${range.bits}`
        if (!isDryRun && isTaken(ip)) return `failed to allocate IP ${ip}: provided IP is already allocated`
        ips.set(ip, service)
        return undefined
      },
      releaseClusterIP: (ip) => void releases.push(() => store.giveBack(ip)),
      allocateNodePort() {
        if (isDryRun) {
          const port = reserved.size > 0 ? Math.max(...reserved) + 1 : FIRST_DRY_PORT
          reserved.add(port)
          return port
        }
        for (let tries = 0; tries < TRIES; tries++) {
          charge(0.5)
          const port = random.int(nodePorts.min + 86, nodePorts.max)
          if (ports.has(port) || reserved.has(port)) continue
          reserved.add(port)
          return port
        }
        throw internalError('failed to allocate a nodePort: range is full')
      },
      reserveNodePort(port) {
        if (!isDryRun && (port < nodePorts.min || port > nodePorts.max))
          return `provided port is not in the valid range. The range of valid ports is ${nodePorts.min}-${nodePorts.max}`
        if (ports.has(port) || reserved.has(port)) return 'provided port is already allocated'
        reserved.add(port)
        return undefined
      },
      releaseNodePort: (port) => void releases.push(() => ports.delete(port)),
      commit() {
        if (isDryRun) return
        for (const [ip, service] of ips) store.take(ip, service)
        for (const port of reserved) ports.add(port)
        for (const release of releases) release()
      },
    }
  }

  return { begin }
}
