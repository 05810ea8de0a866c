import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClusterShape, LiveCluster, ProxyShape } from '../../sim/index.ts'
import { createCluster } from '../../sim/index.ts'
import type { HttpResult, NetworkNamespace } from '../../sim/network/types.ts'

const manifest = (externalTrafficPolicy: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: main, image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', args: [netexec]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: near}
spec: {nodeName: n1, containers: [{name: main, image: 'busybox:1.36', command: [sleep, "3600"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: far}
spec: {nodeName: n2, containers: [{name: main, image: 'busybox:1.36', command: [sleep, "3600"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: host}
spec: {nodeName: n1, hostNetwork: true, containers: [{name: main, image: 'busybox:1.36', command: [sleep, "3600"]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, clusterIP: 10.96.0.80, externalTrafficPolicy: ${externalTrafficPolicy}, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
`

function aCluster(policy = 'Cluster', more: Partial<ClusterShape> = {}): LiveCluster {
  const cluster = createCluster({ seed: 'router', shape: { nodes: [{ name: 'n1' }, { name: 'n2' }], ...more } })
  cluster.execute({ op: 'apply', manifest: manifest(policy) })
  cluster.advance(15_000)
  return cluster
}

function ask(cluster: LiveCluster, from: NetworkNamespace, host: string, port: number): string {
  let result: HttpResult | undefined
  const request = { method: 'GET', path: '/clientip', host, headers: {}, scheme: 'http' } as const
  from.http({ host, port }, request, 1000, (given) => {
    result = given
  })
  const limit = cluster.nowMs + 1500
  while (!result && cluster.nowMs < limit && cluster.step());
  assert.ok(result, 'every request ends')
  return result.ok ? result.response.body.replace(/:\d+$/, '') : result.error
}

const senderOf = (cluster: LiveCluster, name: string): NetworkNamespace =>
  name === 'outside'
    ? cluster.network.outside
    : name.startsWith('node ')
      ? cluster.network.node(name.slice(5))
      : cluster.network.sandbox({ namespace: 'default', name })!

// n1 is 172.18.0.2 with the Pods 10.244.0.0/24, n2 is 172.18.0.3 with 10.244.1.0/24; the server is on n1.
const sources: { from: string; host: string; port: number; policy?: string; want: string; why: string }[] = [
  { from: 'far', host: '10.96.0.80', port: 80, want: '10.244.1.2', why: 'a Pod is seen as itself by the cluster IP' },
  { from: 'node n2', host: '10.96.0.80', port: 80, want: '172.18.0.3', why: 'a node is seen as itself from elsewhere' },
  { from: 'host', host: '10.96.0.80', port: 80, want: '10.244.0.1', why: 'the own node is seen as its bridge' },
  { from: 'near', host: '172.18.0.2', port: 30080, want: '10.244.0.1', why: 'node ports hide who asks' },
  { from: 'far', host: '172.18.0.2', port: 30080, want: '10.244.0.1', why: "another node's as well" },
  { from: 'outside', host: '172.18.0.3', port: 30080, want: '172.18.0.3', why: 'and so for the world outside' },
  { from: 'near', host: '172.18.0.2', port: 30080, policy: 'Local', want: '10.244.0.3', why: 'Local shows Pods' },
  {
    from: 'far',
    host: '172.18.0.3',
    port: 30080,
    policy: 'Local',
    want: '10.244.1.2',
    why: 'even where no endpoint is',
  },
  {
    from: 'outside',
    host: '172.18.0.2',
    port: 30080,
    policy: 'Local',
    want: '203.0.113.10',
    why: 'and the world outside',
  },
  {
    from: 'outside',
    host: '172.18.0.3',
    port: 30080,
    policy: 'Local',
    want: 'timeout',
    why: 'but only to nodes with endpoints',
  },
]
for (const { from, host, port, policy = 'Cluster', want, why } of sources)
  test(`${from} by ${host}:${port} with policy ${policy} is seen as ${want}: ${why}`, () => {
    const cluster = aCluster(policy)
    assert.equal(ask(cluster, senderOf(cluster, from), host, port), want)
  })

const modes: { proxy: ProxyShape; localhost: string; otherPort: string }[] = [
  { proxy: { mode: 'iptables' }, localhost: '10.244.0.1', otherPort: 'timeout' },
  { proxy: { mode: 'ipvs', scheduler: 'rr' }, localhost: 'refused', otherPort: 'refused' },
  { proxy: { mode: 'nftables' }, localhost: 'refused', otherPort: 'refused' },
]
for (const { proxy, localhost, otherPort } of modes) {
  test(`with ${proxy.mode} a node port on localhost gives ${localhost}`, () => {
    const cluster = aCluster('Cluster', { proxy })
    assert.equal(ask(cluster, cluster.network.node('n1'), '127.0.0.1', 30080), localhost)
  })
  test(`with ${proxy.mode} a port that a cluster IP does not have gives ${otherPort}`, () => {
    const cluster = aCluster('Cluster', { proxy })
    assert.equal(ask(cluster, senderOf(cluster, 'far'), '10.96.0.80', 81), otherPort)
  })
}

for (const { mode, want } of [
  { mode: 'iptables', want: 'timeout' },
  { mode: 'nftables', want: 'timeout' },
  { mode: 'ipvs', want: 'refused' },
] as const)
  test(`with ${mode} a node without an endpoint for a Local policy gives ${want}`, () => {
    const cluster = aCluster('Local', { proxy: { mode } })
    assert.equal(ask(cluster, cluster.network.outside, '172.18.0.3', 30080), want)
  })

for (const mode of ['iptables', 'ipvs', 'nftables'] as const)
  test(`with ${mode} each endpoint gets its share of the connections`, () => {
    const cluster = aCluster('Cluster', { proxy: { mode } })
    cluster.execute({ op: 'kubectl', line: 'kubectl create deployment more --image=nginx:1.27 --replicas=5 --port=80' })
    cluster.execute({ op: 'kubectl', line: 'kubectl expose deployment more' })
    cluster.advance(15_000)
    const traffic = { name: 't', from: 'far', url: 'http://more/', perSecond: 100, seconds: 20 }
    cluster.execute({ op: 'traffic', traffic })
    cluster.advance(25_000)
    const shares = Object.values(cluster.traffic('t')!.byServer)
    assert.equal(shares.length, 5)
    const least = mode === 'ipvs' ? 400 : 320
    assert.ok(Math.min(...shares) >= least && Math.max(...shares) <= 800 - least, shares.join(' '))
  })

test('egress policies see the node of a node port, not the Pod behind it', () => {
  const cluster = aCluster()
  const policy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: to-web-only}
spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}]}
`
  cluster.execute({ op: 'apply', manifest: policy })
  cluster.advance(2000)
  const far = senderOf(cluster, 'far')
  assert.equal(ask(cluster, far, '10.96.0.80', 80), '10.244.1.2')
  assert.equal(ask(cluster, far, '172.18.0.2', 30080), 'timeout')
})

test('a walk tells what a request then meets, from wherever and however', () => {
  const cluster = aCluster('Local', { proxy: { mode: 'nftables' } })
  for (const from of ['near', 'far', 'host', 'outside', 'node n2']) {
    for (const [host, port] of [
      ['10.96.0.80', 80],
      ['10.96.0.80', 81],
      ['172.18.0.2', 30080],
      ['172.18.0.3', 30080],
      ['10.244.0.2', 8080],
      ['10.244.0.2', 9090],
      ['web', 80],
    ] as const) {
      const walked = cluster.network.walk(senderOf(cluster, from), { host, port }).outcome
      const met = ask(cluster, senderOf(cluster, from), host, port)
      assert.equal(walked, /^\d/.test(met) ? 'reached' : met, `${from} to ${host}:${port}`)
    }
  }
})
