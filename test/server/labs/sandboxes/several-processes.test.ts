/** Sandboxes of several processes on one storage: one keeps each, and what the others still write of it is refused. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { startLocalHost } from '../../../../server/labs/sandboxes/host-links.ts'
import { createSandboxes, LivesElsewhere } from '../../../../server/labs/sandboxes/sandboxes.ts'
import { joinPeers } from '../../../../server/peers/membership.ts'
import { createStorage } from '../../../../server/storage/aggregates.ts'
import type { Leases } from '../../../../server/storage/leases.ts'
import { createMemoryStore } from '../../../../server/storage/memory.ts'
import type { Storage } from '../../../../server/storage/types.ts'
import { until } from '../../../support/until.ts'
import { aConfigMap, aRequest, handWall, someHostOptions, someLimits, someShape } from './support.ts'

const beatMs = 20
const livesMs = 200
const configMaps = '/api/v1/namespaces/default/configmaps'

/** A process that can be stopped as SIGSTOP stops one: then it tells nothing of itself. */
async function aProcess(storage: Storage) {
  const wall = handWall()
  const problems: string[] = []
  const onProblem = (message: string) => void problems.push(message)
  let isStopped = false
  const leases: Leases = {
    ...storage.leases,
    async beat(process, lives) {
      while (isStopped) await new Promise((resolve) => setTimeout(resolve, 5))
      return storage.leases.beat(process, lives)
    },
  }
  const membership = await joinPeers({ leases, bus: storage.bus, isAlone: false, onProblem, beatMs, livesMs })
  const sandboxes = await createSandboxes({
    ...{ storage, membership, wall, onProblem },
    secret: 'a secret of at least thirty-two characters',
    hosts: [startLocalHost(someHostOptions, wall)],
    limits: someLimits,
    newId: () => randomBytes(9).toString('hex'),
  })
  return {
    ...{ sandboxes, membership, problems },
    create: (id: string, name: string) => sandboxes.request(id, aRequest('POST', configMaps, aConfigMap(name))),
    async names(id: string) {
      const answer = await sandboxes.request(id, aRequest('GET', configMaps))
      assert.equal(answer.kind, 'answer')
      const { body } = answer as { body: string | Uint8Array }
      const { items } = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body)) as {
        items: { metadata: { name: string } }[]
      }
      return items.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt')
    },
    stop: () => {
      isStopped = true
    },
    goOn: () => {
      isStopped = false
    },
    async end() {
      isStopped = false
      await sandboxes.close()
      await membership.close()
    },
  }
}

async function twoProcesses(
  act: (
    one: Awaited<ReturnType<typeof aProcess>>,
    two: Awaited<ReturnType<typeof aProcess>>,
    storage: Storage,
  ) => Promise<void>,
) {
  const storage = createStorage(createMemoryStore())
  const [one, two] = [await aProcess(storage), await aProcess(storage)]
  try {
    await act(one, two, storage)
  } finally {
    await one.end()
    await two.end()
  }
}

test('what one process keeps the other one lists, reads and exports, and does not open', () =>
  twoProcesses(async (one, two) => {
    const { id } = await one.sandboxes.create('ann', { name: 'mine', shape: someShape })
    await one.create(id, 'a')
    assert.deepEqual([await one.sandboxes.whereIs(id), (await two.sandboxes.whereIs(id)) !== 'here'], ['here', true])
    assert.deepEqual(await two.sandboxes.list('ann'), await one.sandboxes.list('ann'))
    assert.equal((await two.sandboxes.find('ann', id))?.name, 'mine')
    assert.equal((await two.sandboxes.log(id)).length, 1)
    assert.deepEqual((await two.sandboxes.copy(id)).log, await one.sandboxes.log(id))
    const { secret } = await one.sandboxes.address(id)
    assert.equal(await two.sandboxes.findByAddress(secret), id)
    for (const asked of [two.sandboxes.look(id), two.create(id, 'b'), two.sandboxes.rename(id, 'other')])
      await assert.rejects(asked, LivesElsewhere)
    await one.sandboxes.closeAddress(id)
    assert.equal(await two.sandboxes.findByAddress(secret), undefined)
    for (let n = 0; n < 2; n++) await two.sandboxes.create('ann', { name: `box ${n}`, shape: someShape })
    await assert.rejects(one.sandboxes.create('ann', { name: 'one too many', shape: someShape }), { status: 409 })
  }))

test('a process that stood still writes nothing on top of who took its sandbox over, and learns of it', () =>
  twoProcesses(async (one, two, storage) => {
    const { id } = await one.sandboxes.create('ann', { name: 'mine', shape: someShape })
    await one.create(id, 'a')
    let moved = 0
    one.sandboxes.whenMoved(id, () => moved++)
    one.stop()
    await until(async () => (await two.sandboxes.whereIs(id)) === undefined, 'it is nobody’s')
    await two.create(id, 'b')
    assert.deepEqual(await two.names(id), ['a', 'b'])
    // It wakes up in the middle of a command, which it does to a cluster of the past.
    await assert.rejects(one.create(id, 'c'), { status: 503 })
    one.goOn()
    await until(() => moved === 1, 'it has learned of it')
    await assert.rejects(one.sandboxes.look(id), LivesElsewhere)
    await two.create(id, 'd')
    assert.deepEqual(await two.names(id), ['a', 'b', 'd'])
    const { logId } = (await storage.sandboxes.find(id))!
    assert.equal((await storage.sandboxLogs.read(logId)).length, 3)
    assert.deepEqual([...one.problems, ...two.problems], [])
  }))

test('what is done to a sandbox as a whole is done from anywhere: it is taken from who keeps it', () =>
  twoProcesses(async (one, two, storage) => {
    const { id } = await one.sandboxes.create('ann', { name: 'mine', shape: someShape })
    let moved = 0
    one.sandboxes.whenMoved(id, () => moved++)
    await two.sandboxes.give(id, 'bob')
    assert.equal(moved, 1)
    assert.deepEqual([await one.sandboxes.list('ann'), (await one.sandboxes.list('bob')).length], [[], 1])
    await one.sandboxes.remove(id)
    assert.deepEqual([await storage.sandboxes.list(), await two.sandboxes.list('bob')], [[], []])
    await assert.rejects(two.sandboxes.look(id), { status: 404 })
    assert.equal(await storage.sandboxes.find(id), undefined)
  }))

test('a process that others took for dead begins again, and keeps what nobody took meanwhile', () =>
  twoProcesses(async (one, two) => {
    const { id } = await one.sandboxes.create('ann', { name: 'mine', shape: someShape })
    await one.create(id, 'a')
    const before = one.membership.self()
    one.stop()
    await until(async () => two.membership.declareEnded(before), 'it is believed')
    one.goOn()
    await until(() => one.membership.self().id !== before.id, 'it has another name')
    assert.match(one.problems.join(), /taken for dead/)
    assert.deepEqual(await one.names(id), ['a'])
  }))
