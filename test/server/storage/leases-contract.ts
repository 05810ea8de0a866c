/** What the leases of every storage backend must do. Each backend's test file runs all of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Fence, LeaseLost } from '../../../server/storage/leases.ts'
import type { Store } from '../../../server/storage/store.ts'
import { stepKind } from './streams-contract.ts'

const long = 60_000
const fenceOf = (taken: object): Fence => {
  assert.ok('epoch' in taken)
  return taken as Fence
}

export function testLeasesContract(name: string, open: () => Promise<{ store: Store; dispose(): Promise<void> }>) {
  const withStore = async (act: (store: Store) => Promise<void>) => {
    const { store, dispose } = await open()
    try {
      for (const id of ['a', 'b']) await store.leases.join({ id, url: `http://${id}`, engine: '1.2' }, long)
      await act(store)
    } finally {
      await store.close()
      await dispose()
    }
  }

  test(`${name}: what one process holds another gets when it is let go, or its holder ends or is silent`, () =>
    withStore(async ({ leases }) => {
      const first = fenceOf(await leases.take('x', 'a', 0))
      assert.deepEqual(first, { name: 'x', holder: 'a', epoch: 1 })
      assert.deepEqual(await leases.take('x', 'b', 0), { heldBy: { id: 'a', url: 'http://a', engine: '1.2' } })
      assert.deepEqual(await leases.holder('x'), { id: 'a', url: 'http://a', engine: '1.2' })
      assert.deepEqual(await leases.beat('a', long), ['x'])
      await leases.release({ ...first, epoch: 9 })
      await leases.release(first)
      assert.deepEqual([await leases.holder('x'), await leases.beat('a', long)], [undefined, []])

      fenceOf(await leases.take('x', 'b', 0))
      await leases.end('b')
      assert.equal(await leases.beat('b', long), undefined)
      assert.deepEqual(fenceOf(await leases.take('x', 'a', 7)), { name: 'x', holder: 'a', epoch: 8 })

      await leases.beat('a', -1)
      assert.equal(await leases.holder('x'), undefined)
      assert.deepEqual(fenceOf(await leases.take('x', 'c', 0)), { name: 'x', holder: 'c', epoch: 9 })
      assert.deepEqual(await leases.beat('a', long), [])
    }))

  test(`${name}: who begins at the address of one before it takes what that one held`, () =>
    withStore(async ({ leases }) => {
      for (const holder of ['a', 'b']) fenceOf(await leases.take(`of-${holder}`, holder, 0))
      await leases.join({ id: 'again', url: 'http://a', engine: '1.2' }, long)
      assert.deepEqual((await leases.peers()).map(({ id }) => id).sort(), ['again', 'b'])
      assert.equal(await leases.beat('a', long), undefined)
      fenceOf(await leases.take('of-a', 'again', 0))
      assert.equal((await leases.holder('of-b'))?.id, 'b')
      // Those that nobody can reach have no address.
      for (const id of ['x', 'y']) await leases.join({ id, url: '', engine: '' }, long)
      assert.equal((await leases.peers()).length, 4)
    }))

  test(`${name} tells who lives, how much each holds, and since when nothing was heard of it`, () =>
    withStore(async ({ leases }) => {
      for (const one of ['x', 'y', 'y']) await leases.take(one, 'a', 0)
      await leases.join({ id: 'c', url: '', engine: '' }, -1)
      const peers = await leases.peers()
      assert.deepEqual(
        peers.map(({ id, url, engine, held }) => ({ id, url, engine, held })),
        [
          { id: 'a', url: 'http://a', engine: '1.2', held: 2 },
          { id: 'b', url: 'http://b', engine: '1.2', held: 0 },
        ],
      )
      assert.equal(
        peers.every(({ silentMs }) => silentMs >= 0 && silentMs < long),
        true,
      )
    }))

  test(`${name}: nothing is written under a lease that another has taken over`, () =>
    withStore(async ({ leases, streams }) => {
      const steps = streams(stepKind)
      const old = fenceOf(await leases.take('x', 'a', 0))
      assert.equal(await steps.append('s', 0, [{ n: 1 }], old), 1)
      const fresh = fenceOf(await leases.take('x', 'b', 0, true))
      assert.equal(fresh.epoch, 2)
      for (const n of [1, 0]) await assert.rejects(steps.append('s', n, [{ n: 2 }], old), LeaseLost)
      await assert.rejects(steps.append('t', 0, [{ n: 2 }], old), LeaseLost)
      await assert.rejects(steps.append('s', 0, [{ n: 2 }], fresh), { name: 'StreamMoved', head: 1 })
      assert.equal(await steps.append('s', 1, [{ n: 3 }], fresh), 2)
      assert.deepEqual(
        (await steps.read('s')).map(({ entry }) => entry.n),
        [1, 3],
      )
      assert.equal(await steps.head('t'), 0)
    }))

  test(`${name}: of many who want a name one gets it, with an epoch that nobody had`, () =>
    withStore(async ({ leases }) => {
      let ids = Array.from({ length: 12 }, (_, n) => `p${n}`)
      for (const id of ids) await leases.join({ id, url: '', engine: '' }, long)
      let last = 0
      for (let round = 0; round < 4; round++) {
        const taken = await Promise.all(ids.map((id) => leases.take('x', id, 0)))
        const [won, ...more] = taken.filter((one): one is Fence => 'epoch' in one)
        assert.deepEqual(more, [])
        assert.equal(won!.epoch > last, true)
        last = won!.epoch
        // Silent from now on, and its name kept in mind.
        await leases.beat(won!.holder, -1)
        ids = ids.filter((id) => id !== won!.holder)
      }
    }))
}
