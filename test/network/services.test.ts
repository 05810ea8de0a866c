import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namespaces } from '../../sim/api/core/namespace.ts'
import { services } from '../../sim/api/core/service.ts'
import type { ServiceSpec } from '../../sim/api/core/types.ts'
import { endpointSlices } from '../../sim/api/discovery/endpoint-slice.ts'
import type { Endpoint } from '../../sim/api/discovery/types.ts'
import { ApiServer } from '../../sim/apiserver/api-server.ts'
import { bootstrapServiceRange } from '../../sim/apiserver/bootstrap.ts'
import { createClient } from '../../sim/apiserver/client.ts'
import type { Client } from '../../sim/client/client.ts'
import type { RunningComponent } from '../../sim/client/machinery.ts'
import { createComponentContext } from '../../sim/component-context.ts'
import { Engine } from '../../sim/engine/engine.ts'
import { startDns } from '../../sim/network/dns.ts'
import { createKubeProxy } from '../../sim/network/kube-proxy.ts'
import { createNetwork, type Network } from '../../sim/network/network.ts'
import { startTraffic } from '../../sim/network/traffic.ts'
import type { HttpResult, NetworkNamespace } from '../../sim/network/types.ts'

interface World {
  engine: Engine
  network: Network
  client: Client
  /** Pods `p0`, `p1`, … in turn on node-1 and node-2, each serving its name on 8080. */
  ips: string[]
  proxies: RunningComponent[]
  startProxies(): void
}

const CLUSTER_IP = '10.96.7.7'

function aWorld(podCount = 3): World {
  const engine = new Engine({ seed: 'services', startEpochMs: Date.UTC(2026, 0, 1) })
  const server = new ApiServer({ engine })
  bootstrapServiceRange(server)
  const user = { name: 'admin', groups: ['system:masters'] }
  const client = createClient(server, { user, fieldManager: 'test', isTrusted: true })
  client.create(namespaces, { metadata: { name: 'scn' }, spec: {} })
  const network = createNetwork(engine)
  for (const n of [1, 2]) {
    network.addNode({ name: `node-${n}`, ip: `172.18.0.${n + 1}`, podCIDR: `10.244.${n - 1}.0/24` })
  }
  const proxies: RunningComponent[] = []
  const startProxies = (): void => {
    for (const node of network.nodeNames()) {
      const context = createComponentContext(server, { user, fieldManager: 'kube-proxy' })
      proxies.push(createKubeProxy({ context, node, network }))
      context.informers.start()
    }
  }
  startProxies()
  const dns = createComponentContext(server, { user, fieldManager: 'coredns' })
  startDns({ context: dns, network, needsPods: false })
  dns.informers.start()
  const ips: string[] = []
  for (let n = 0; n < podCount; n++) {
    const sandbox = network.addSandbox({
      node: `node-${(n % 2) + 1}`,
      podUid: `p${n}`,
      namespace: 'scn',
      name: `p${n}`,
    })
    if ('error' in sandbox) throw new Error(sandbox.error)
    ips.push(sandbox.ip)
    sandbox.network.listen(8080, {
      http: (request, reply) => reply({ status: 200, headers: {}, body: `p${n} ${request.clientIP}` }),
    })
  }
  return { engine, network, client, ips, proxies, startProxies }
}

function aService({ client }: World, spec: Partial<ServiceSpec> = {}): void {
  const port = { port: 80, targetPort: 8080, protocol: 'TCP' as const }
  client.create(services, {
    metadata: { namespace: 'scn', name: 'web' },
    spec: { clusterIP: CLUSTER_IP, ports: [port], ...spec },
  })
}

const slice = (endpoints: Endpoint[]) => ({
  metadata: { namespace: 'scn', name: 'web-abc', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4' as const,
  endpoints,
  ports: [{ name: '', port: 8080, protocol: 'TCP' as const }],
})

const endpoint = (world: World, n: number, conditions: Endpoint['conditions'] = { ready: true }): Endpoint => ({
  addresses: [world.ips[n]],
  nodeName: `node-${(n % 2) + 1}`,
  conditions,
})

function endpointsAre(world: World, endpoints: Endpoint[]): void {
  const { client } = world
  const known = client.find(endpointSlices, { namespace: 'scn', name: 'web-abc' })
  if (known) client.update(endpointSlices, { ...known, ...slice(endpoints), metadata: known.metadata })
  else client.create(endpointSlices, slice(endpoints))
}

function get(world: World, from: NetworkNamespace, host: string, port = 80): HttpResult {
  let result: HttpResult | undefined
  const request = { method: 'GET', path: '/', host, headers: {}, scheme: 'http' } as const
  from.http({ host, port }, request, 1000, (r) => {
    result = r
  })
  const limit = world.engine.nowMs + 1500
  while (!result && (world.engine.nextDueMs() ?? limit) < limit) world.engine.step()
  assert.ok(result, 'every request ends')
  return result
}

const shown = (result: HttpResult): string => (result.ok ? result.response.body.split(' ')[0] : result.error)
const later = (world: World, ms = 3000): void => world.engine.runUntil(world.engine.nowMs + ms)
const podOf = (world: World, name: string): NetworkNamespace => world.network.sandbox({ namespace: 'scn', name })!

test('a Service leads to each of its ready endpoints, and to no other', () => {
  const world = aWorld()
  aService(world)
  endpointsAre(world, [endpoint(world, 0), endpoint(world, 1), endpoint(world, 2, { ready: false, serving: false })])
  later(world)
  const seen = new Set<string>()
  for (let i = 0; i < 40; i++) seen.add(shown(get(world, podOf(world, 'p2'), CLUSTER_IP)))
  assert.deepEqual([...seen].sort(), ['p0', 'p1'])
})

const policies: {
  name: string
  spec?: Partial<ServiceSpec>
  endpoints: (world: World) => Endpoint[]
  from: (world: World) => NetworkNamespace
  host: string
  port?: number
  want: string
}[] = [
  {
    name: 'without endpoints a connection is refused',
    endpoints: () => [],
    from: (w) => podOf(w, 'p0'),
    host: CLUSTER_IP,
    want: 'refused',
  },
  {
    name: 'a port the Service has not is never answered',
    endpoints: (w) => [endpoint(w, 0)],
    from: (w) => podOf(w, 'p1'),
    host: CLUSTER_IP,
    port: 81,
    want: 'timeout',
  },
  {
    name: 'the cluster IP is not reached from outside',
    endpoints: (w) => [endpoint(w, 0)],
    from: (w) => w.network.outside,
    host: CLUSTER_IP,
    want: 'timeout',
  },
  {
    name: 'a node port is open on a node without an endpoint',
    spec: { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, protocol: 'TCP', nodePort: 30080 }] },
    endpoints: (w) => [endpoint(w, 0)],
    from: (w) => w.network.outside,
    host: 'node-2',
    port: 30080,
    want: 'p0',
  },
  {
    name: 'externalTrafficPolicy Local drops what comes to a node without an endpoint',
    spec: {
      type: 'NodePort',
      externalTrafficPolicy: 'Local',
      ports: [{ port: 80, targetPort: 8080, protocol: 'TCP', nodePort: 30080 }],
    },
    endpoints: (w) => [endpoint(w, 0)],
    from: (w) => w.network.outside,
    host: 'node-2',
    port: 30080,
    want: 'timeout',
  },
  {
    name: 'internalTrafficPolicy Local keeps to the endpoints of the sender',
    spec: { internalTrafficPolicy: 'Local' },
    endpoints: (w) => [endpoint(w, 0), endpoint(w, 1)],
    from: (w) => podOf(w, 'p1'),
    host: CLUSTER_IP,
    want: 'p1',
  },
  {
    name: 'internalTrafficPolicy Local drops where no endpoint is',
    spec: { internalTrafficPolicy: 'Local' },
    endpoints: (w) => [endpoint(w, 1)],
    from: (w) => podOf(w, 'p0'),
    host: CLUSTER_IP,
    want: 'timeout',
  },
  {
    name: 'when none is ready, endpoints that serve while terminating take over',
    endpoints: (w) => [
      endpoint(w, 0, { ready: false, serving: true, terminating: true }),
      endpoint(w, 1, { ready: false, serving: false }),
    ],
    from: (w) => podOf(w, 'p2'),
    host: CLUSTER_IP,
    want: 'p0',
  },
  {
    name: 'a terminating endpoint gets nothing while another is ready',
    endpoints: (w) => [endpoint(w, 0, { ready: false, serving: true, terminating: true }), endpoint(w, 1)],
    from: (w) => podOf(w, 'p2'),
    host: CLUSTER_IP,
    want: 'p1',
  },
  {
    name: 'an external IP of a node leads to the Service',
    spec: { externalIPs: ['198.51.100.1'] },
    endpoints: (w) => [endpoint(w, 0)],
    from: (w) => w.network.outside,
    host: '198.51.100.1',
    want: 'p0',
  },
]
for (const { name, spec, endpoints, from, host, port, want } of policies)
  test(name, () => {
    const world = aWorld()
    aService(world, spec)
    endpointsAre(world, endpoints(world))
    later(world)
    assert.equal(shown(get(world, from(world), host, port)), want)
  })

for (const { range, want } of [
  { range: '203.0.113.0/24', want: 'p0' },
  { range: '192.0.2.0/24', want: 'timeout' },
])
  test(`a load balancer address that is open to ${range} gives the outside ${want}`, () => {
    const world = aWorld()
    aService(world, { type: 'LoadBalancer', loadBalancerSourceRanges: [range] })
    const status = { loadBalancer: { ingress: [{ ip: '198.51.100.9' }] } }
    world.client.patchStatus(services, { namespace: 'scn', name: 'web' }, 'merge', { status })
    endpointsAre(world, [endpoint(world, 0)])
    later(world)
    assert.equal(shown(get(world, world.network.outside, '198.51.100.9')), want)
  })

test('rules outlive the kube-proxy that made them, and its successor clears what is no longer needed', () => {
  const world = aWorld()
  aService(world)
  endpointsAre(world, [endpoint(world, 0)])
  later(world)
  for (const proxy of world.proxies) proxy.stop()
  world.client.delete(services, { namespace: 'scn', name: 'web' })
  later(world)
  assert.equal(shown(get(world, podOf(world, 'p1'), CLUSTER_IP)), 'p0')
  world.startProxies()
  later(world)
  assert.equal(shown(get(world, podOf(world, 'p1'), CLUSTER_IP)), 'timeout')
})

test('externalTrafficPolicy decides whether a server sees who asks', () => {
  const seen: string[] = []
  for (const externalTrafficPolicy of ['Cluster', 'Local'] as const) {
    const world = aWorld()
    aService(world, {
      type: 'NodePort',
      externalTrafficPolicy,
      ports: [{ port: 80, targetPort: 8080, protocol: 'TCP', nodePort: 30080 }],
    })
    endpointsAre(world, [endpoint(world, 1)])
    later(world)
    const result = get(world, world.network.outside, 'node-2', 30080)
    assert.ok(result.ok)
    seen.push(result.response.body.split(' ')[1])
  }
  assert.deepEqual(seen, ['10.244.1.1', '203.0.113.10'])
})

test('session affinity keeps a client on its endpoint until the timeout, and lets go of one that is gone', () => {
  const world = aWorld(6)
  aService(world, { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } })
  const all = [0, 1, 2, 3, 4].map((n) => endpoint(world, n))
  endpointsAre(world, all)
  later(world)
  const ask = (): string => shown(get(world, podOf(world, 'p5'), CLUSTER_IP))
  const first = ask()
  for (let i = 0; i < 30; i++) {
    later(world, 50_000)
    assert.equal(ask(), first)
  }
  const others = new Set<string>()
  for (let i = 0; i < 20; i++) {
    later(world, 70_000)
    others.add(ask())
  }
  assert.ok(others.size > 1, 'a new choice after the timeout')
  const bound = ask()
  endpointsAre(
    world,
    all.filter((_, n) => `p${n}` !== bound),
  )
  later(world)
  assert.notEqual(ask(), bound)
})

test('rules are programmed at most once a second, and never point to a Pod that is not ready by then', () => {
  const world = aWorld(6)
  aService(world)
  endpointsAre(world, [])
  later(world)
  const random = world.engine.random('test')
  const table = world.network.rules('node-1')
  for (let round = 0; round < 60; round++) {
    const ready = world.ips.map(() => random.next() < 0.5)
    endpointsAre(
      world,
      world.ips.map((_, n) => endpoint(world, n, { ready: ready[n], serving: ready[n] })),
    )
    const before = table.syncs
    later(world, 100)
    assert.ok(table.syncs - before <= 1)
    if (round % 4 !== 3) continue
    later(world, 1100)
    const targets = table.rules()[0].endpoints.map(({ ip }) => ip)
    assert.deepEqual(targets, world.ips.filter((_, n) => ready[n]).sort())
  }
  assert.ok(table.syncs < 40, `${table.syncs}`)
})

for (const name of ['web', 'web.scn', 'web.scn.svc', 'web.scn.svc.cluster.local', 'web.scn.svc.cluster.local.'])
  test(`a Pod of the namespace reaches the Service as ${name}`, () => {
    const world = aWorld()
    aService(world)
    endpointsAre(world, [endpoint(world, 0)])
    later(world)
    assert.equal(shown(get(world, podOf(world, 'p1'), name)), 'p0')
  })

test('a headless Service resolves to its ready Pods, one address each', () => {
  const world = aWorld()
  aService(world, { clusterIP: 'None' })
  endpointsAre(world, [endpoint(world, 0), endpoint(world, 1), endpoint(world, 2, { ready: false })])
  later(world)
  let found: readonly string[] = []
  podOf(world, 'p0').resolve('web', (addresses) => {
    found = addresses
  })
  later(world)
  assert.deepEqual(found, [world.ips[0], world.ips[1]])
})

test('an endpoint has a name below a Service with a cluster IP as well, as CoreDNS answers', () => {
  const world = aWorld()
  aService(world)
  endpointsAre(world, [
    { ...endpoint(world, 0), hostname: 'web-0' },
    { ...endpoint(world, 1, { ready: false }), hostname: 'web-1' },
    endpoint(world, 2),
  ])
  later(world)
  const resolved = (name: string): readonly string[] => {
    let found: readonly string[] = ['never asked']
    podOf(world, 'p0').resolve(name, (addresses) => {
      found = addresses
    })
    later(world)
    return found
  }
  assert.deepEqual(resolved('web-0.web'), [world.ips[0]])
  assert.deepEqual(resolved('web-1.web'), [], 'it is not ready')
  assert.deepEqual(resolved(`${world.ips[2]!.replaceAll('.', '-')}.web`), [world.ips[2]])
  assert.deepEqual(resolved('web-9.web'), [])
})

test('the outside knows nodes by name, but no Services', () => {
  const world = aWorld()
  aService(world)
  endpointsAre(world, [endpoint(world, 0)])
  later(world)
  assert.equal(shown(get(world, world.network.outside, 'web.scn')), 'unknown-host')
})

test('a walk tells every hop and why it ended, and changes nothing', () => {
  const world = aWorld()
  aService(world)
  endpointsAre(world, [])
  later(world)
  const refused = world.network.walk(podOf(world, 'p1'), { host: 'web', port: 80 })
  assert.equal(refused.outcome, 'refused')
  assert.deepEqual(refused.hops, [
    { at: 'DNS server 10.96.0.10', did: 'web.scn.svc.cluster.local is 10.96.7.7' },
    { at: 'Pod scn/p1 on node-2', did: 'connects to 10.96.7.7:80' },
    { at: 'rules of kube-proxy on node-2', did: 'Service scn/web has no endpoints: rejected, connection refused' },
  ])
  endpointsAre(world, [endpoint(world, 0)])
  later(world)
  const before = world.engine.nowMs
  const reached = world.network.walk(podOf(world, 'p1'), { host: 'web', port: 80 })
  assert.equal(reached.outcome, 'reached')
  assert.deepEqual(reached.hops.at(-1), { at: 'Pod scn/p0 on node-1', did: 'accepts on port 8080' })
  assert.equal(world.engine.nowMs, before)
})

test('a traffic source counts answers by Pod and lists what failed, the same for the same seed', () => {
  const run = () => {
    const world = aWorld()
    aService(world)
    endpointsAre(world, [endpoint(world, 0), endpoint(world, 1)])
    later(world)
    const originMs = world.engine.nowMs
    const traffic = { name: 't', from: 'p2', url: 'http://web/', perSecond: 20, seconds: 10 }
    const source = startTraffic({ engine: world.engine, network: world.network, namespace: 'scn', traffic, originMs })
    later(world, 5000)
    endpointsAre(world, [])
    later(world, 10_000)
    return source.report()
  }
  const report = run()
  assert.equal(report.sent, 200)
  assert.equal(report.succeeded + report.failed, 200)
  assert.equal(report.outcomes['200'], report.succeeded)
  assert.equal(report.outcomes.refused, report.failed)
  assert.ok(report.failed >= 75 && report.failed <= 101, `${report.failed}`)
  assert.deepEqual(Object.keys(report.byServer), ['p0', 'p1'])
  assert.ok(report.failures[0].atMs >= 5000)
  assert.deepEqual(run(), report)
})
