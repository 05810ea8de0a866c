/**
 * The proxies of Gateways: each has addresses of its own, on which it answers at the ports of its listeners. Simplified: none of them is a Pod of the
 * cluster, so that labels and annotations for what is made for a Gateway have no effect; they speak no HTTP/2 and so carry no gRPC, and the names of their hosts lead to them, as if somebody had made the DNS records.
 */
import type { Network } from '../../network/network.ts'
import type { NetworkNamespace, PortServer } from '../../network/types.ts'
import { matchesHost } from './hostnames.ts'
import type { PlannedGateway } from './plan.ts'
import { answer, type ProxyParts } from './proxy.ts'
import { listenerFor, type ServedPort } from './servers.ts'

export interface DataPlane {
  /** Serves these Gateways from now on, and no others. */
  update(gateways: readonly PlannedGateway[]): void
}

interface Served {
  uid: string
  network: NetworkNamespace
  parts: ProxyParts
  ips: readonly string[]
  /** As they are now: handlers look at them with each request. */
  ports: Map<number, ServedPort>
  listening: Map<number, { isTls: boolean; close(): void }>
  hosts: readonly string[]
}

/** @param node that they run on */
export function createDataPlane(network: Network, node: string, backends: Omit<ProxyParts, 'upstream'>): DataPlane {
  const running = new Map<string, Served>()

  function start({ gateway }: PlannedGateway): Served | undefined {
    const { uid, namespace = '' } = gateway.metadata
    const name = `${gateway.metadata.name}-${gateway.spec.gatewayClassName}`
    const sandbox = network.addSandbox({ node, podUid: uid, namespace, name })
    // The node has no address left: it is tried again with the next change.
    if ('error' in sandbox) return undefined
    const upstream = network.sandboxQuietly({ namespace, name })!
    const parts = { ...backends, upstream }
    return { uid, network: sandbox.network, parts, ips: [], ports: new Map(), listening: new Map(), hosts: [] }
  }

  function update(one: Served, { ips, ports, hosts }: PlannedGateway): void {
    one.ports = new Map(ports.map((port) => [port.port, port]))
    one.hosts = hosts
    for (const [port, { isTls, close }] of one.listening)
      if (one.ports.get(port)?.isTls !== isTls) {
        close()
        one.listening.delete(port)
      }
    for (const { port, isTls } of ports) {
      if (one.listening.has(port)) continue
      const listening = one.network.listen(port, serverAt(one, port, isTls))
      if ('close' in listening) one.listening.set(port, { isTls, close: listening.close })
    }
    for (const ip of one.ips) if (!ips.includes(ip)) network.unpublish(ip)
    for (const ip of ips)
      network.publish({
        ip,
        namespace: one.network,
        answers: (name) => one.hosts.some((host) => matchesHost(host, name.toLowerCase())),
      })
    one.ips = ips
  }

  function serverAt(one: Served, port: number, isTls: boolean): PortServer {
    return {
      http: (request, reply) => answer(one.parts, one.ports.get(port)!, request, reply),
      ...(isTls
        ? {
            tls: true,
            certificateFor(host) {
              const pem = listenerFor(one.ports.get(port)!, host.toLowerCase())?.certificate
              return pem === undefined ? undefined : { pem }
            },
          }
        : {}),
    }
  }

  function stop(one: Served): void {
    for (const ip of one.ips) network.unpublish(ip)
    network.removeSandbox(one.uid)
  }

  return {
    update(gateways) {
      const wanted = new Map(gateways.filter(({ ips }) => ips.length > 0).map((one) => [one.gateway.metadata.uid, one]))
      for (const [uid, one] of running)
        if (!wanted.has(uid)) {
          stop(one)
          running.delete(uid)
        }
      for (const [uid, planned] of wanted) {
        const one = running.get(uid) ?? start(planned)
        if (!one) continue
        running.set(uid, one)
        update(one, planned)
      }
    },
  }
}
