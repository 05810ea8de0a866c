/** The ports of a node that its Pods have. Source: HostPortInfo in pkg/scheduler/framework/types.go */
import { charge } from '../engine/work.ts'
import type { HostPort } from './pod-info.ts'

/** Of computing: to note a port, or to look for it. */
const stepsOfPort = 2

export class UsedPorts {
  /** How often each address has a port, by protocol and port. */
  private readonly byPort = new Map<string, Map<string, number>>()

  constructor(ports: readonly HostPort[] = []) {
    this.add(ports)
  }

  add(ports: readonly HostPort[]): void {
    charge(stepsOfPort * ports.length)
    for (const { protocol, port, hostIP } of ports) {
      const key = `${protocol}/${port}`
      let addresses = this.byPort.get(key)
      if (!addresses) {
        addresses = new Map()
        this.byPort.set(key, addresses)
      }
      addresses.set(hostIP, (addresses.get(hostIP) ?? 0) + 1)
    }
  }

  remove(ports: readonly HostPort[]): void {
    charge(stepsOfPort * ports.length)
    for (const { protocol, port, hostIP } of ports) {
      const key = `${protocol}/${port}`
      const addresses = this.byPort.get(key)
      const left = (addresses?.get(hostIP) ?? 0) - 1
      if (left > 0) addresses?.set(hostIP, left)
      else addresses?.delete(hostIP)
      if (addresses?.size === 0) this.byPort.delete(key)
    }
  }

  /** Whether one of the ports is taken: at the same address, or where either is for every address. */
  clashWith(wanted: readonly HostPort[]): boolean {
    if (this.byPort.size === 0) return false
    charge(stepsOfPort * wanted.length)
    return wanted.some(({ protocol, port, hostIP }) => {
      const addresses = this.byPort.get(`${protocol}/${port}`)
      return addresses !== undefined && (hostIP === '' || addresses.has(hostIP) || addresses.has(''))
    })
  }
}
