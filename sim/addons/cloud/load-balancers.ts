/**
 * The simulated cloud: load balancers that pass connections on to nodes as they came, and ask each node now and then whether it
 * wants any. Numbers as on GCE: k8s.io/legacy-cloud-providers/gce/gce.go (gceHcCheckIntervalSeconds and the following).
 * Simplified: a load balancer is not billed, has no quota and never fails to be made.
 */
import type { Engine, Timer } from '../../engine/engine.ts'
import { printIp } from '../../network/address.ts'
import type { BalancedPort } from '../../network/fabric.ts'
import type { Network } from '../../network/network.ts'
import type { HttpResult } from '../../network/types.ts'

/** 198.51.100.1 and on: TEST-NET-2, which nobody has. */
const FIRST_IP = 0xc6336401
const CHECK_INTERVAL_MS = 8000
const CHECK_TIMEOUT_MS = 1000
const UNHEALTHY_THRESHOLD = 3
/** What the cloud needs for a new load balancer, a change, and a removal, before jitter. */
const CREATE_MS = 6000
const UPDATE_MS = 1500
const DELETE_MS = 3000

/** What a Service asks of the cloud. */
export interface BalancerSpec {
  /** `namespace/name` */
  service: string
  ports: readonly BalancedPort[]
  /** Where a node tells whether it wants connections. */
  health: { port: number; path: string }
  /** A client is sent to the same node each time. */
  isSticky: boolean
  nodes: readonly string[]
}

export interface Cloud {
  /** The address of the load balancer of that name; undefined when there is none. */
  find(name: string): string | undefined
  /** Makes or changes it; `done` is called when the cloud has done so. */
  ensure(name: string, spec: BalancerSpec, done: (ip: string) => void): void
  /** Changes at once which nodes it sends to. */
  updateNodes(name: string, nodes: readonly string[]): void
  delete(name: string, done: () => void): void
}

interface Balancer {
  ip: string
  spec: BalancerSpec
  /** By node: failed checks in a row; absent before the first answer. */
  failures: Map<string, number>
  healthy: Set<string>
  timer?: Timer
}

export function createCloud(engine: Engine, network: Network): Cloud {
  const balancers = new Map<string, Balancer>()
  let made = 0
  const random = engine.random('cloud')

  function check(name: string, balancer: Balancer): void {
    const { port, path } = balancer.spec.health
    const machines = network.nodeNames()
    for (const node of balancer.spec.nodes) {
      // A Node that somebody wrote by hand is no machine of the cloud.
      if (!machines.includes(node)) continue
      const host = network.node(node).ip
      const request = { method: 'GET', path, host: `${host}:${port}`, headers: {}, scheme: 'http' } as const
      network.outsideQuietly.http({ host, port }, request, CHECK_TIMEOUT_MS, (result) => note(balancer, node, result))
    }
    const again = { background: true }
    balancer.timer = engine.after(CHECK_INTERVAL_MS, 'load balancer check', () => check(name, balancer), again)
  }

  function note(balancer: Balancer, node: string, result: HttpResult): void {
    if (!balancer.spec.nodes.includes(node)) return
    if (result.ok && result.response.status === 200) {
      balancer.failures.set(node, 0)
      balancer.healthy.add(node)
      return
    }
    const failures = (balancer.failures.get(node) ?? 0) + 1
    balancer.failures.set(node, failures)
    if (failures >= UNHEALTHY_THRESHOLD) balancer.healthy.delete(node)
  }

  function setNodes(balancer: Balancer, nodes: readonly string[]): void {
    balancer.spec = { ...balancer.spec, nodes }
    for (const node of balancer.failures.keys()) {
      if (nodes.includes(node)) continue
      balancer.failures.delete(node)
      balancer.healthy.delete(node)
    }
  }

  function make(name: string, spec: BalancerSpec): string {
    const ip = printIp(FIRST_IP + made++)
    const balancer: Balancer = { ip, spec, failures: new Map(), healthy: new Set() }
    balancers.set(name, balancer)
    network.addLoadBalancer({
      ip,
      service: spec.service,
      ports: () => balancer.spec.ports,
      isSticky: () => balancer.spec.isSticky,
      targets: () => balancer.spec.nodes.filter((node) => balancer.healthy.has(node)),
    })
    check(name, balancer)
    return ip
  }

  return {
    find: (name) => balancers.get(name)?.ip,
    ensure(name, spec, done) {
      const ms = random.jitter(balancers.has(name) ? UPDATE_MS : CREATE_MS, 0.5)
      engine.after(ms, 'load balancer ensured', () => {
        const known = balancers.get(name)
        if (known) {
          const { health } = known.spec
          known.spec = spec
          setNodes(known, spec.nodes)
          if (health.port !== spec.health.port) {
            engine.cancel(known.timer)
            check(name, known)
          }
        }
        done(known?.ip ?? make(name, spec))
      })
    },
    updateNodes(name, nodes) {
      const balancer = balancers.get(name)
      if (!balancer) return
      setNodes(balancer, nodes)
      engine.cancel(balancer.timer)
      check(name, balancer)
    },
    delete(name, done) {
      engine.after(random.jitter(DELETE_MS, 0.5), 'load balancer deleted', () => {
        const balancer = balancers.get(name)
        if (balancer) {
          engine.cancel(balancer.timer)
          network.removeLoadBalancer(balancer.ip)
          balancers.delete(name)
        }
        done()
      })
    },
  }
}
