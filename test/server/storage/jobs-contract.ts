/** What the jobs of every storage backend must do. Each backend's test file runs all of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import type { JobKind, Jobs } from '../../../server/storage/jobs.ts'
import type { Store } from '../../../server/storage/store.ts'

const kind: JobKind<{ n: number }> = {
  name: 'chores',
  version: 1,
  upgrades: [],
  payload: z.object({ n: z.number() }),
}

const chore = (key: string, n = 1) => ({ key, who: 'ann', payload: { n } })

export function testJobsContract(name: string, open: () => Promise<{ store: Store; dispose(): Promise<void> }>) {
  const withJobs = async (act: (jobs: Jobs<{ n: number }>) => Promise<void>) => {
    const { store, dispose } = await open()
    try {
      await act(store.jobs(kind))
    } finally {
      await store.close()
      await dispose()
    }
  }

  test(`${name} gives jobs to one taker each, the oldest first, and forgets what is done`, () =>
    withJobs(async (jobs) => {
      assert.equal(await jobs.take(0, 10), undefined)
      for (const [atMs, key] of [
        [5, 'b'],
        [3, 'c/x'],
        [3, 'a'],
      ] as const)
        assert.equal(await jobs.add(chore(key), atMs), true)
      const taken = await Promise.all(Array.from({ length: 5 }, () => jobs.take(10, 100)))
      const keys = taken.flatMap((job) => (job ? [job.key] : []))
      assert.deepEqual([...keys].sort(), ['a', 'b', 'c/x'])
      assert.equal(await jobs.take(10, 100), undefined)
      for (const job of taken) if (job) await jobs.done(job)
      assert.deepEqual(await jobs.list(), [])
    }))

  test(`${name} leaves jobs to an engine that others have, and gives them to anybody when nobody has it`, () =>
    withJobs(async (jobs) => {
      await jobs.add({ ...chore('old'), engine: '1' }, 1)
      await jobs.add({ ...chore('new'), engine: '2' }, 2)
      await jobs.add(chore('any'), 3)
      assert.equal((await jobs.find('old'))?.engine, '1')
      assert.equal(await jobs.take(5, 100, { key: 'old', leaveTo: ['1'] }), undefined)
      const taken = [1, 2, 3].map(() => jobs.take(5, 100, { leaveTo: ['1', '3'] }))
      assert.deepEqual((await Promise.all(taken)).map((job) => job?.key).sort(), ['any', 'new', undefined])
      assert.equal((await jobs.take(5, 100, { leaveTo: ['3'] }))?.key, 'old')
    }))

  test(`${name} lists those of a prefix, and goes on with what was there before it was opened`, () =>
    withJobs(async (jobs) => {
      for (const key of ['s/p/1', 's/p/2', 's/q/1', 's/p', 't/p/1']) await jobs.add(chore(key), 1)
      assert.deepEqual(
        (await jobs.list('s/p')).map(({ key }) => key),
        ['s/p/1', 's/p/2'],
      )
      assert.deepEqual(await jobs.list('s/x'), [])
      const taken = await jobs.take(5, 100)
      await jobs.fail(taken!, { runAtMs: 50 })
      assert.equal((await jobs.take(5, 100))?.key !== taken!.key, true)
      const left = new Set(['s/p/2', 's/q/1', 't/p/1'])
      for (let next = await jobs.take(60, 100); next; next = await jobs.take(60, 100)) left.delete(next.key)
      assert.deepEqual([...left], [])
    }))

  test(`${name} forgets a job that nobody is owed any more, whoever has it`, () =>
    withJobs(async (jobs) => {
      for (const key of ['a', 'b']) await jobs.add(chore(key), 1)
      const taken = await jobs.take(10, 100, { key: 'a' })
      await jobs.remove('a')
      await jobs.remove('none')
      await jobs.done(taken!)
      assert.deepEqual(
        (await jobs.list()).map(({ key }) => key),
        ['b'],
      )
      assert.equal(await jobs.add(chore('a'), 2), true)
    }))

  test(`${name} gives the oldest first, or the one that is named`, () =>
    withJobs(async (jobs) => {
      for (const [atMs, key] of [
        [5, 'b'],
        [3, 'c'],
        [4, 'a'],
      ] as const)
        await jobs.add(chore(key), atMs)
      assert.equal((await jobs.take(10, 100, { key: 'b' }))?.key, 'b')
      assert.equal(await jobs.take(10, 100, { key: 'b' }), undefined)
      assert.equal((await jobs.take(10, 100))?.key, 'c')
      assert.equal((await jobs.take(10, 100))?.key, 'a')
    }))

  test(`${name} keeps a job that is owed as it is, and lets one that failed give way`, () =>
    withJobs(async (jobs) => {
      await jobs.add(chore('a', 1), 0)
      assert.equal(await jobs.add(chore('a', 2), 1), false)
      const job = (await jobs.take(1, 10))!
      assert.deepEqual([job.payload, job.tries], [{ n: 1 }, 1])
      assert.equal(await jobs.add(chore('a', 2), 2), false)
      await jobs.fail(job, { text: 'Why {n}.', values: { n: 3 } })
      assert.equal(await jobs.take(99, 10), undefined)
      assert.deepEqual((await jobs.find('a'))?.failed, { text: 'Why {n}.', values: { n: 3 } })
      assert.equal(await jobs.add(chore('a', 2), 3), true)
      assert.deepEqual((await jobs.take(3, 10))?.payload, { n: 2 })
    }))

  test(`${name} gives a job again when it is due again, or its taker is gone`, () =>
    withJobs(async (jobs) => {
      await jobs.add(chore('a'), 0)
      const first = (await jobs.take(0, 10))!
      await jobs.fail(first, { runAtMs: 50 })
      assert.equal(await jobs.take(49, 10), undefined)
      const second = (await jobs.take(50, 10))!
      assert.equal(second.tries, 2)
      assert.equal(await jobs.take(59, 10), undefined)
      assert.equal(await jobs.renew(second, 80), true)
      assert.equal(await jobs.take(79, 10), undefined)
      const third = (await jobs.take(80, 10))!
      assert.equal(third.tries, 3)
      // The second taker comes back: it is not theirs any more.
      assert.equal(await jobs.renew(second, 999), false)
      await jobs.done(second)
      await jobs.fail(second, { runAtMs: 0 })
      assert.equal((await jobs.find('a'))?.leasedUntilMs, 90)
      await jobs.done(third)
      assert.equal(await jobs.find('a'), undefined)
      assert.equal(await jobs.renew(third, 999), false)
      await jobs.fail(third, { runAtMs: 0 })
      assert.equal(await jobs.find('a'), undefined)
    }))
}
