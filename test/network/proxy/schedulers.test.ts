import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IpvsScheduler } from '../../../sim/index.ts'
import { scheduleConnection, updateServers, type VirtualServer } from '../../../sim/network/proxy/schedulers.ts'

const endpoint = (n: number) => ({ ip: `10.244.0.${n}`, port: 80, node: undefined })
const aVirtualServer = (count: number): VirtualServer => {
  const virtual: VirtualServer = { servers: [], last: undefined }
  updateServers(
    virtual,
    Array.from({ length: count }, (_, n) => endpoint(n + 1)),
  )
  return virtual
}

/** Who gets each of that many connections: the last number of its address. @param isKept connections stay open */
function choices(
  scheduler: IpvsScheduler,
  virtual: VirtualServer,
  count: number,
  isKept: boolean,
  client = '10.244.9.9',
) {
  return Array.from({ length: count }, () => {
    const server = scheduleConnection(scheduler, virtual, { clientIP: client, ip: '10.96.0.80' })
    virtual.last = server
    if (isKept) server.active++
    else server.over.push(Number.POSITIVE_INFINITY)
    return Number(server.endpoint.ip.split('.')[3])
  })
}

const cases: { scheduler: IpvsScheduler; isKept: boolean; want: number[]; why: string }[] = [
  { scheduler: 'rr', isKept: false, want: [3, 2, 1, 3, 2, 1], why: 'goes round, the newest first' },
  { scheduler: 'wrr', isKept: true, want: [3, 2, 1, 3, 2, 1], why: 'goes round when all weigh the same' },
  { scheduler: 'lc', isKept: true, want: [3, 2, 1, 3, 2, 1], why: 'evens out open connections' },
  { scheduler: 'lc', isKept: false, want: [3, 2, 1, 3, 2, 1], why: 'counts connections that are over, a little' },
  { scheduler: 'sed', isKept: true, want: [3, 2, 1, 3, 2, 1], why: 'evens out open connections' },
  { scheduler: 'sed', isKept: false, want: [3, 3, 3, 3, 3, 3], why: 'does not see connections that are over' },
  { scheduler: 'nq', isKept: false, want: [3, 3, 3, 3, 3, 3], why: 'takes the first that is idle' },
  { scheduler: 'nq', isKept: true, want: [3, 2, 1, 3, 2, 1], why: 'takes whoever is idle, then the least loaded' },
]
for (const { scheduler, isKept, want, why } of cases)
  test(`${scheduler} ${why} (connections ${isKept ? 'stay' : 'end'})`, () => {
    assert.deepEqual(choices(scheduler, aVirtualServer(3), 6, isKept), want)
  })

test('source hashing keeps a client with one server, and spreads clients', () => {
  const virtual = aVirtualServer(4)
  const chosen = Array.from({ length: 40 }, (_, n) => new Set(choices('sh', virtual, 5, false, `10.244.1.${n}`)))
  assert.ok(chosen.every((servers) => servers.size === 1))
  assert.equal(new Set(chosen.flatMap((servers) => [...servers])).size, 4)
})

test('destination hashing knows only the address that was asked for', () => {
  const virtual = aVirtualServer(4)
  const chosen = Array.from({ length: 20 }, (_, n) => choices('dh', virtual, 1, false, `10.244.1.${n}`)[0])
  assert.equal(new Set(chosen).size, 1)
})

test('a server that goes does not make the turn jump, and a new one comes to the head of the list', () => {
  const virtual = aVirtualServer(3)
  assert.deepEqual(choices('rr', virtual, 2, false), [3, 2])
  updateServers(virtual, [endpoint(1), endpoint(3)])
  assert.deepEqual(choices('rr', virtual, 2, false), [1, 3])
  updateServers(virtual, [endpoint(1), endpoint(3), endpoint(4)])
  assert.deepEqual(
    virtual.servers.map(({ endpoint: { ip } }) => ip),
    ['10.244.0.4', '10.244.0.3', '10.244.0.1'],
  )
  assert.equal(virtual.servers[1].over.length, 2, 'connections are remembered')
})
