/** What the streams of every storage backend must do. Each backend's test file runs all of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import type { Store } from '../../../server/storage/store.ts'
import { type News, type StreamKind, StreamMoved, type Streams } from '../../../server/storage/streams.ts'

interface Step {
  n: number
  text?: string
}

export const stepKind: StreamKind<Step> = {
  name: 'steps',
  version: 1,
  upgrades: [],
  entry: z.object({ n: z.number(), text: z.string().optional() }),
  toleratesGaps: true,
}

const steps = (from: number, to: number): Step[] => Array.from({ length: to - from }, (_, i) => ({ n: from + i }))
const numbersOf = async (streams: Streams<Step>, stream: string, after?: number) =>
  (await streams.read(stream, after)).map(({ seq, entry }) => [seq, entry.n])
const numbered = (from: number, to: number) => steps(from, to).map(({ n }) => [n + 1, n])

export function testStreamsContract(name: string, open: () => Promise<{ store: Store; dispose(): Promise<void> }>) {
  const withStreams = async (act: (streams: Streams<Step>) => Promise<void>) => {
    const { store, dispose } = await open()
    try {
      await act(store.streams(stepKind))
    } finally {
      await store.close()
      await dispose()
    }
  }

  test(`${name} gives back a stream as it was appended, from any place, and no other's`, () =>
    withStreams(async (streams) => {
      assert.deepEqual([await streams.read('a/x'), await streams.head('a/x'), await streams.names()], [[], 0, []])
      for (let from = 0; from < 301; from += 7)
        assert.equal(await streams.append('a/x', from, steps(from, from + 7)), from + 7)
      await streams.append('a/y', 0, steps(0, 2))
      await streams.append('b', 0, steps(0, 1))
      assert.equal(await streams.head('a/x'), 301)
      for (const after of [0, 1, 6, 7, 63, 64, 70, 299, 300, 301, 400])
        assert.deepEqual(await numbersOf(streams, 'a/x', after), numbered(0, 301).slice(after), `after ${after}`)
      assert.deepEqual(await numbersOf(streams, 'a/y'), numbered(0, 2))
      await streams.append('ab', 0, steps(0, 1))
      await streams.append('a', 0, steps(0, 1))
      assert.deepEqual(await streams.names('a'), ['a', 'a/x', 'a/y'])
      for (const name of ['a', 'ab']) await streams.remove(name)
      assert.deepEqual(await streams.names(), ['a/x', 'a/y', 'b'])
    }))

  for (const stream of ['', 'a/b/c', '../a', 'a\0', 'a b'])
    test(`${name} takes ${JSON.stringify(stream)} for the name of no stream`, () =>
      withStreams(async (streams) => {
        await assert.rejects(streams.append(stream, 0, steps(0, 1)), /is not /)
      }))

  test(`${name} refuses what is appended to a stream that has moved, and says where it is`, () =>
    withStreams(async (streams) => {
      await streams.append('a', 0, steps(0, 3))
      for (const wrong of [0, 2, 4])
        await assert.rejects(
          streams.append('a', wrong, steps(9, 10)),
          (error) => error instanceof StreamMoved && error.head === 3,
        )
      assert.deepEqual(await numbersOf(streams, 'a'), numbered(0, 3))
      assert.equal(await streams.append('a', 3, []), 3)
    }))

  test(`${name} lets one of many who append at once through, and loses nothing of those who try again`, () =>
    withStreams(async (streams) => {
      let refused = 0
      const persist = async (n: number): Promise<void> => {
        for (;;)
          try {
            return void (await streams.append('a', await streams.head('a'), [{ n }]))
          } catch (error) {
            if (!(error instanceof StreamMoved)) throw error
            refused++
          }
      }
      await Promise.all(steps(0, 20).map(({ n }) => persist(n)))
      const found = await streams.read('a')
      assert.deepEqual(
        found.map(({ seq }) => seq),
        steps(1, 21).map(({ n }) => n),
      )
      assert.deepEqual(
        found.map(({ entry }) => entry.n).sort((a, b) => a - b),
        steps(0, 20).map(({ n }) => n),
      )
      assert.ok(refused > 0)
    }))

  test(`${name} appends all of many entries or none, and large ones beside small ones`, () =>
    withStreams(async (streams) => {
      await streams.append('a', 0, steps(0, 1000))
      await streams.append('a', 1000, [{ n: 1000, text: 'x'.repeat(200_000) }])
      await streams.append('a', 1001, steps(1001, 1003))
      assert.deepEqual(await numbersOf(streams, 'a'), numbered(0, 1003))
      const odd = { n: 1003, text: '\u0000 \ud800 "\\ 期望状态' }
      await streams.append('a', 1003, [odd])
      assert.deepEqual(
        (await streams.read('a', 1003)).map(({ entry }) => entry),
        [odd],
      )
    }))

  test(`${name} forgets a stream that is removed, which may begin again, and leaves the others`, () =>
    withStreams(async (streams) => {
      await streams.append('a/x', 0, steps(0, 100))
      await streams.append('a/xy', 0, steps(0, 1))
      await streams.remove('a/x')
      await streams.remove('a/nobody')
      assert.deepEqual([await streams.read('a/x'), await streams.head('a/x')], [[], 0])
      assert.deepEqual(await numbersOf(streams, 'a/xy'), numbered(0, 1))
      await streams.append('a/x', 0, steps(5, 6))
      assert.deepEqual(await numbersOf(streams, 'a/x'), [[1, 5]])
    }))

  test(`${name} tells followers of what is appended below their prefix, in order for each stream, until they stop`, () =>
    withStreams(async (streams) => {
      const news: News<Step>[] = []
      await streams.append('a/x', 0, steps(0, 1))
      const stop = streams.follow('a', (one) => news.push(one))
      await streams.append('a/x', 1, steps(1, 3))
      await streams.append('a/y', 0, steps(0, 1))
      await streams.append('ab/x', 0, steps(0, 1))
      await streams.append('a/x', 3, steps(3, 4))
      await assert.rejects(streams.append('a/x', 0, steps(0, 1)))
      await new Promise((go) => setTimeout(go, 20))
      stop()
      await streams.append('a/x', 4, steps(4, 5))
      await new Promise((go) => setTimeout(go, 20))
      assert.deepEqual(
        ['a/x', 'a/y', 'ab/x'].flatMap((name) =>
          news
            .filter(({ stream }) => stream === name)
            .map(({ seq, entries }) => [name, seq, entries.map(({ n }) => n)]),
        ),
        [
          ['a/x', 2, [1, 2]],
          ['a/x', 4, [3]],
          ['a/y', 1, [0]],
        ],
      )
    }))

  test(`${name} puts others in the place of entries, at their numbers, and tells nobody`, () =>
    withStreams(async (streams) => {
      await streams.append('a/x', 0, steps(0, 150))
      await streams.append('a/y', 0, steps(0, 2))
      const told: News<Step>[] = []
      const stop = streams.follow('a', (news) => told.push(news))
      await streams.redact('a/x', ({ n }) => (n % 2 ? { n, text: 'gone' } : { n: n + 1000 }))
      await streams.redact('a/none', () => assert.fail('there is nothing'))
      await Promise.resolve()
      stop()
      assert.deepEqual(told, [])
      const left = await streams.read('a/x')
      assert.deepEqual(
        left.map(({ seq }) => seq),
        numbered(0, 150).map(([seq]) => seq),
      )
      assert.deepEqual(
        [left[0]!.entry, left[1]!.entry, left[149]!.entry],
        [{ n: 1000 }, { n: 1, text: 'gone' }, { n: 149, text: 'gone' }],
      )
      assert.deepEqual(await numbersOf(streams, 'a/y'), numbered(0, 2))
      // It goes on where it was.
      assert.equal(await streams.append('a/x', 150, steps(150, 151)), 151)
    }))

  test(`${name} holds any streams as lists would`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            stream: fc.constantFrom('p', 'p/q', 'r'),
            many: fc.integer({ min: 0, max: 90 }),
            isRemoved: fc.boolean(),
          }),
          { maxLength: 12 },
        ),
        (acts) =>
          withStreams(async (streams) => {
            const model = new Map<string, number[]>()
            for (const { stream, many, isRemoved } of acts) {
              const known = model.get(stream) ?? []
              if (isRemoved && many > 60) {
                await streams.remove(stream)
                model.set(stream, [])
                continue
              }
              const more = steps(known.length, known.length + many)
              await streams.append(stream, known.length, more)
              model.set(stream, [...known, ...more.map(({ n }) => n)])
            }
            for (const [stream, expected] of model)
              assert.deepEqual(
                (await streams.read(stream)).map(({ entry }) => entry.n),
                expected,
              )
          }),
      ),
      { numRuns: 20 },
    ))
}
