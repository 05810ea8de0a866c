import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Engine } from '../../sim/engine/engine.ts'
import { createNetwork, type Network } from '../../sim/network/network.ts'
import type { HttpResult, NetworkNamespace, PortServer, TcpResult } from '../../sim/network/types.ts'

const hello: PortServer = { http: (_request, reply) => reply({ status: 200, headers: {}, body: 'hello' }) }

function aNetwork(nodes = 2): { engine: Engine; network: Network } {
  const engine = new Engine({ seed: 'network', startEpochMs: 0 })
  const network = createNetwork(engine)
  for (let n = 1; n <= nodes; n++)
    network.addNode({ name: `node-${n}`, ip: `172.18.0.${n + 1}`, podCIDR: `10.244.${n - 1}.0/24` })
  return { engine, network }
}

function aPod(
  network: Network,
  name: string,
  node = 'node-1',
  more: object = {},
): { ip: string; network: NetworkNamespace } {
  const sandbox = network.addSandbox({ node, podUid: name, namespace: 'scn', name, ...more })
  if ('error' in sandbox) throw new Error(sandbox.error)
  return sandbox
}

function get(engine: Engine, from: NetworkNamespace, host: string, port: number, timeoutMs = 1000): HttpResult {
  let result: HttpResult | undefined
  const request = { method: 'GET', path: '/', host, headers: {}, scheme: 'http' } as const
  from.http({ host, port }, request, timeoutMs, (r) => {
    result = r
  })
  engine.runUntil(engine.nowMs + 10_000)
  assert.ok(result, 'every request ends')
  return result
}

const outcome = (result: HttpResult | TcpResult): string => (result.ok ? 'ok' : result.error)

test('a Pod reaches a server in a Pod of another node within two milliseconds', () => {
  const { engine, network } = aNetwork()
  const client = aPod(network, 'client')
  const server = aPod(network, 'server', 'node-2')
  let seen: string | undefined
  server.network.listen(80, {
    http: (request, reply) => {
      seen = request.clientIP
      reply({ status: 200, headers: {}, body: 'hello' })
    },
  })
  const result = get(engine, client.network, server.ip, 80)
  assert.ok(result.ok)
  assert.equal(result.response.body, 'hello')
  assert.equal(result.server?.pod, 'server')
  assert.equal(seen, client.ip)
  assert.ok(result.tookMs > 0.2 && result.tookMs < 2, `${result.tookMs}`)
})

const failures = [
  { name: 'a port nobody listens on refuses', host: '10.244.0.3', port: 81, want: 'refused' },
  {
    name: 'an address nobody has is without a route after three seconds',
    host: '10.244.0.99',
    port: 80,
    timeoutMs: 5000,
    want: 'no-route',
  },
  { name: 'an address nobody has times out for whoever waits less', host: '10.244.0.99', port: 80, want: 'timeout' },
  { name: 'an address outside the cluster does not answer', host: '192.0.2.1', port: 80, want: 'timeout' },
  { name: 'a name nobody knows does not resolve', host: 'web', port: 80, want: 'unknown-host' },
  { name: 'a node answers to its name', host: 'node-2', port: 10250, want: 'ok' },
  { name: 'a Pod reaches itself by localhost', host: 'localhost', port: 8080, want: 'ok' },
]
for (const { name, host, port, timeoutMs, want } of failures)
  test(name, () => {
    const { engine, network } = aNetwork()
    const client = aPod(network, 'client')
    client.network.listen(8080, hello)
    aPod(network, 'server').network.listen(80, hello)
    network.node('node-2').listen(10250, hello)
    assert.equal(outcome(get(engine, client.network, host, port, timeoutMs)), want)
  })

test('a request to a node that is off times out, and so does one whose answer is on its way', () => {
  const { engine, network } = aNetwork()
  const client = aPod(network, 'client')
  const server = aPod(network, 'server', 'node-2')
  server.network.listen(80, {
    http: (_request, reply) => void engine.after(500, 'think', () => reply({ status: 200, headers: {}, body: '' })),
  })
  engine.after(100, 'power off', () => network.setNodeUp('node-2', false))
  assert.equal(outcome(get(engine, client.network, server.ip, 80)), 'timeout')
  assert.equal(outcome(get(engine, client.network, server.ip, 80)), 'timeout')
  network.setNodeUp('node-2', true)
  assert.equal(outcome(get(engine, client.network, server.ip, 80)), 'ok')
})

test('a server that is gone before it has answered resets the connection', () => {
  const { engine, network } = aNetwork()
  const client = aPod(network, 'client')
  const server = aPod(network, 'server')
  const listening = server.network.listen(80, { http: () => {} })
  assert.ok('close' in listening)
  engine.after(50, 'exit', () => listening.close())
  const result = get(engine, client.network, server.ip, 80)
  assert.equal(outcome(result), 'reset')
  assert.ok(result.tookMs >= 50 && result.tookMs < 52)
})

test('a server whose node goes off as it dies does not reset the connection', () => {
  const { engine, network } = aNetwork()
  const client = aPod(network, 'client')
  const server = aPod(network, 'server', 'node-2')
  const listening = server.network.listen(80, { http: () => {} })
  assert.ok('close' in listening)
  engine.after(50, 'power off', () => {
    listening.close()
    network.setNodeUp('node-2', false)
  })
  assert.equal(outcome(get(engine, client.network, server.ip, 80)), 'timeout')
})

test('a server that never answers is given up at the timeout', () => {
  const { engine, network } = aNetwork()
  const client = aPod(network, 'client')
  const server = aPod(network, 'server')
  server.network.listen(80, { http: () => {} })
  const result = get(engine, client.network, server.ip, 80, 700)
  assert.equal(outcome(result), 'timeout')
  assert.equal(result.tookMs, 700)
})

test('host network Pods share the ports of their node', () => {
  const { engine, network } = aNetwork()
  const first = aPod(network, 'first', 'node-1', { hostNetwork: true })
  const second = aPod(network, 'second', 'node-1', { hostNetwork: true })
  assert.equal(first.ip, '172.18.0.2')
  assert.ok('close' in first.network.listen(9100, hello))
  assert.deepEqual(second.network.listen(9100, hello), { error: 'address already in use' })
  assert.equal(outcome(get(engine, network.outside, 'node-1', 9100)), 'ok')
  network.removeSandbox('first')
  assert.equal(outcome(get(engine, network.outside, 'node-1', 9100)), 'refused')
})

test('a host port of a node leads to its Pod', () => {
  const { engine, network } = aNetwork()
  const server = aPod(network, 'server', 'node-1', { hostPorts: [{ hostPort: 18080, containerPort: 80 }] })
  server.network.listen(80, hello)
  assert.equal(outcome(get(engine, network.outside, '172.18.0.2', 18080)), 'ok')
  network.removeSandbox('server')
  assert.equal(outcome(get(engine, network.outside, '172.18.0.2', 18080)), 'refused')
})

test('https to a plain server and http to a TLS server fail as they do in reality', () => {
  const { engine, network } = aNetwork()
  const pod = aPod(network, 'pod')
  pod.network.listen(80, hello)
  pod.network.listen(443, { ...hello, tls: true })
  const results: HttpResult[] = []
  const request = { method: 'GET', path: '/', host: 'pod', headers: {} }
  pod.network.http({ host: pod.ip, port: 80 }, { ...request, scheme: 'https' }, 1000, (r) => results.push(r))
  pod.network.http({ host: pod.ip, port: 443 }, { ...request, scheme: 'http' }, 1000, (r) => results.push(r))
  pod.network.http({ host: pod.ip, port: 443 }, { ...request, scheme: 'https' }, 1000, (r) => results.push(r))
  engine.runUntil(1000)
  const shown = results.map((r) => (r.ok ? r.response.status : r.error)).sort()
  assert.deepEqual(shown, [200, 400, 'not-tls'])
})

test('probes through a node do not keep a cluster from being settled', () => {
  const { engine, network } = aNetwork()
  const pod = aPod(network, 'pod')
  pod.network.listen(80, hello)
  let result: TcpResult | undefined
  network.prober('node-1').tcp({ host: pod.ip, port: 80 }, undefined, 1000, (r) => {
    result = r
  })
  assert.ok(engine.isSettled)
  engine.runUntil(10)
  assert.ok(result?.ok)
})

test('Pod addresses are handed out in a row and no two Pods ever share one', () => {
  const { engine, network } = aNetwork(3)
  const random = engine.random('test')
  const holders = new Map<string, string>()
  const live: string[] = []
  assert.equal(aPod(network, 'first').ip, '10.244.0.2')
  network.removeSandbox('first')
  assert.equal(aPod(network, 'second').ip, '10.244.0.3')
  network.removeSandbox('second')
  for (let n = 0; n < 3000; n++) {
    if (live.length > 400 || (live.length > 0 && random.next() < 0.4)) {
      const uid = live.splice(random.int(0, live.length - 1), 1)[0]
      network.removeSandbox(uid)
      for (const [ip, holder] of holders) if (holder === uid) holders.delete(ip)
    } else {
      const { ip } = aPod(network, `p${n}`, `node-${random.int(1, 3)}`)
      assert.equal(holders.get(ip), undefined, `${ip} is held by ${holders.get(ip)}`)
      holders.set(ip, `p${n}`)
      live.push(`p${n}`)
    }
  }
})

test('a node without a free address says so', () => {
  const { network } = aNetwork(1)
  for (let n = 0; n < 253; n++) aPod(network, `p${n}`)
  assert.deepEqual(network.addSandbox({ node: 'node-1', podUid: 'x', namespace: 'scn', name: 'x' }), {
    error: 'failed to allocate for range 0: no IP addresses available in range set: 10.244.0.1-10.244.0.254',
  })
})
