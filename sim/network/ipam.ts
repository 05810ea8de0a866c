/**
 * Hands out Pod addresses of one node, as the CNI plugin host-local does: the next one after the last handed out, around
 * the end of the range, so that an address is not used again soon. Source: containernetworking/plugins, ipam/host-local.
 */
import { parseCidr, printIp } from './address.ts'

export interface Ipam {
  /** The bridge's own address: the first of the range. */
  readonly gateway: string
  /** An address, or why there is none, in the plugin's words. */
  allocate(): { ip: string } | { error: string }
  release(ip: string): void
}

/** @param range the node's podCIDR */
export function createIpam(range: string): Ipam {
  const { base, bits } = parseCidr(range)
  const first = base + 1
  const last = base + 2 ** (32 - bits) - 2
  const taken = new Set<string>()
  const gateway = printIp(first)
  let previous = first
  return {
    gateway,
    allocate() {
      for (let tried = first; tried <= last; tried++) {
        previous = previous >= last ? first : previous + 1
        const ip = printIp(previous)
        if (ip === gateway || taken.has(ip)) continue
        taken.add(ip)
        return { ip }
      }
      return {
        error: `failed to allocate for range 0: no IP addresses available in range set: ${gateway}-${printIp(last)}`,
      }
    },
    release(ip) {
      taken.delete(ip)
    },
  }
}
