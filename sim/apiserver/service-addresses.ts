/**
 * Cluster IPs and node ports: which are taken, and the next one to hand out.
 * Source: kubernetes/pkg/registry/core/service/{ipallocator,portallocator}. Simplified: no IPAddress and ServiceCIDR objects.
 */
import type { ServiceAddressAllocator } from '../api/meta/kind.ts'
import { internalError } from '../api/meta/status-error.ts'
import type { Random } from '../engine/random.ts'

/** 10.96.0.0/16: what the recorded cluster was given. */
const network = { first: 10, second: 96, text: '10.96.0.0/16' }
const nodePorts = { min: 30_000, max: 32_767 }

export function createServiceAddresses(random: Random): ServiceAddressAllocator {
  const addresses = new Set<string>()
  const ports = new Set<number>()
  return {
    allocateClusterIP() {
      for (let tries = 0; tries < 100_000; tries++) {
        // The first 256 addresses are kept for those who ask for one (KEP-3070).
        const ip = `${network.first}.${network.second}.${random.int(1, 255)}.${random.int(0, 254)}`
        if (addresses.has(ip)) continue
        addresses.add(ip)
        return ip
      }
      throw internalError('failed to allocate a serviceIP: range is full')
    },
    reserveClusterIP(ip) {
      const parts = ip.split('.').map(Number)
      if (parts.length !== 4 || parts[0] !== network.first || parts[1] !== network.second)
        return `failed to allocate IP ${ip}: the provided network does not match the current range`
      // The range's own address and its broadcast address belong to nobody.
      if (ip === `${network.first}.${network.second}.0.0` || ip === `${network.first}.${network.second}.255.255`)
        return `failed to allocate IP ${ip}: the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${network.text}`
      if (addresses.has(ip)) return `failed to allocate IP ${ip}: provided IP is already allocated`
      addresses.add(ip)
      return undefined
    },
    releaseClusterIP: (ip) => void addresses.delete(ip),
    allocateNodePort() {
      for (let tries = 0; tries < 100_000; tries++) {
        const port = random.int(nodePorts.min + 86, nodePorts.max)
        if (ports.has(port)) continue
        ports.add(port)
        return port
      }
      throw internalError('failed to allocate a nodePort: range is full')
    },
    reserveNodePort(port) {
      if (port < nodePorts.min || port > nodePorts.max) {
        return `provided port is not in the valid range. The range of valid ports is ${nodePorts.min}-${nodePorts.max}`
      }
      if (ports.has(port)) return 'provided port is already allocated'
      ports.add(port)
      return undefined
    },
    releaseNodePort: (port) => void ports.delete(port),
  }
}
