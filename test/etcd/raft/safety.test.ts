/** Raft is safe whatever happens: the five properties after every event of hostile worlds, and registers that read what was written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isLinearizable } from './linearizable.ts'
import { type Happening, World } from './world.ts'

const number = fc.nat({ max: 7 })
const act = <A extends Happening['act']>(name: A) => fc.constant(name)
const asked = fc.record({ act: fc.constantFrom('write', 'write', 'read'), member: number })
const happening = fc.oneof(
  { weight: 6, arbitrary: asked },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('crash', 'start', 'start'), member: number }) },
  { weight: 2, arbitrary: fc.record({ act: act('cut'), side: fc.nat({ max: 63 }) }) },
  { weight: 2, arbitrary: fc.record({ act: act('heal') }) },
  { weight: 1, arbitrary: fc.record({ act: act('slow'), member: number, fsyncMs: fc.constantFrom(1, 40, 900, 2500) }) },
  { weight: 1, arbitrary: fc.record({ act: act('transfer'), member: number, to: number }) },
  { weight: 3, arbitrary: fc.record({ act: act('compact'), member: number, to: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('add', 'learn', 'remove'), member: number }) },
) as fc.Arbitrary<Happening>

const worlds = fc.record({
  seed: fc.nat(),
  members: fc.constantFrom(1, 3, 3, 5),
  weather: fc.record({
    loss: fc.constantFrom(0, 0.05, 0.3),
    doubling: fc.constantFrom(0, 0.2),
    mostDelayMs: fc.constantFrom(1, 30, 250, 1500),
    fsyncMs: fc.constantFrom(1, 10, 300),
  }),
  happenings: fc.array(fc.tuple(fc.constantFrom(1, 3, 60, 400, 1700), happening), { minLength: 10, maxLength: 60 }),
})

/** Enough for an election, and for who is behind to be brought up. */
const mendedMs = 15_000

test('the five safety properties hold after every event, and reads are linearizable', () => {
  const seen = { events: 0, elections: 0, committed: 0, snapshots: 0, reads: 0 }
  fc.assert(
    fc.property(worlds, ({ seed, members, weather, happenings }) => {
      const world = new World(String(seed), members, { ...weather })
      let atMs = 2500
      for (const [delayMs, what] of happenings) {
        atMs += delayMs
        world.at(atMs, what)
      }
      world.runUntil(atMs + 1000)
      const asked = world.history.slice(0, 31)
      assert.equal(
        isLinearizable(world.history.length > 31 ? completeBefore(asked, world.history) : asked, undefined),
        true,
      )
      seen.reads += asked.filter(({ type, endMs }) => type === 'read' && endMs !== undefined).length
      seen.events += world.events
      seen.elections += world.counts.elections
      seen.committed += world.counts.committed
      seen.snapshots += world.counts.snapshots
    }),
    { seed: 19, numRuns: 500, endOnFailure: true },
  )
  // Worlds in which nothing happens would prove nothing.
  assert.deepEqual(
    Object.entries(seen).filter(([, count]) => count < 30),
    [],
  )
})

/** The first operations of a long history: reads that may have seen a later write are left out. */
const completeBefore = (first: World['history'], all: World['history']) => {
  const later = new Set(all.slice(first.length).map(({ type, value }) => (type === 'write' ? value : undefined)))
  return first.filter(({ type, value }) => type === 'write' || value === undefined || !later.has(value))
}

test('once all is healed, a leader is there and what is written is committed everywhere', () => {
  fc.assert(
    fc.property(worlds, ({ seed, members, weather, happenings }) => {
      const world = new World(String(seed), members, { ...weather }, 0)
      let atMs = 2500
      for (const [delayMs, what] of happenings) {
        atMs += delayMs
        if (what.act !== 'remove' && what.act !== 'learn') world.at(atMs, what)
      }
      world.runUntil(atMs)
      world.heal()
      world.runUntil(atMs + mendedMs)
      const leader = world.leader()
      assert.notEqual(leader, undefined)
      const before = world.committedCount
      world.happen({ act: 'write', member: 0 })
      world.runUntil(atMs + mendedMs + 1000)
      assert.equal(world.committedCount, before + 1)
      assert.deepEqual([...new Set(world.hosts.map(({ state }) => state.commit))], [before + 1])
      assert.equal(world.history.at(-1)!.endMs === undefined, false)
    }),
    { seed: 7, numRuns: 150, endOnFailure: true },
  )
})

test('the checker tells a history that no order explains', () => {
  const write = (value: string, beginMs: number, endMs?: number) => ({ type: 'write', value, beginMs, endMs }) as const
  const read = (value: unknown, beginMs: number, endMs: number) => ({ type: 'read', value, beginMs, endMs }) as const
  assert.equal(isLinearizable([write('a', 1, 2), read('a', 3, 4)], undefined), true)
  assert.equal(isLinearizable([write('a', 1, 2), read(undefined, 3, 4)], undefined), false)
  assert.equal(isLinearizable([write('a', 1, 5), read('a', 2, 3), read(undefined, 4, 6)], undefined), false)
  assert.equal(isLinearizable([write('a', 1), read(undefined, 2, 3), read('a', 4, 5)], undefined), true)
})
