import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { placeFor } from '../../../server/peers/placement.ts'

const peersOf = (held: readonly number[]) =>
  held.map((count, n) => ({ id: `p${n}`, url: `http://p${n}`, engine: '1.2', held: count, silentMs: 0 }))

test('a name has one place, which is another one only when that comes or goes', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 2, max: 8 }), (name, count) => {
      const peers = peersOf(Array(count).fill(0))
      const place = placeFor(name, peers)!
      assert.deepEqual(placeFor(name, [...peers].reverse()), place)
      const others = peers.filter((peer) => peer.id !== place.id)
      const without = peers.filter((peer) => peer.id !== others[0]!.id)
      assert.deepEqual(placeFor(name, without), place)
      assert.notEqual(placeFor(name, others)?.id, place.id)
    }),
  )
})

test('of many names nobody gets more than a quarter above the mean', () => {
  const peers = peersOf([0, 0, 0, 0])
  for (let n = 0; n < 1000; n++) placeFor(`sandbox ${n}`, peers)!.held++
  const held = peers.map((peer) => peer.held)
  assert.equal(Math.max(...held) <= 314, true, String(held))
  assert.equal(Math.min(...held) >= 150, true, String(held))
  // One that has just begun takes part.
  assert.equal(
    placeFor('x', [...peersOf([400, 400]), { id: 'new', url: '', engine: '1.2', held: 0, silentMs: 0 }])?.id,
    'new',
  )
})

test('during an update it is one with the newest simulator, until those have their share', () => {
  const peers = peersOf([0, 0, 0, 0]).map((peer, n) => ({ ...peer, engine: n === 2 ? '0.10.0' : '0.9.9' }))
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((name) => placeFor(name, peers)?.id),
    Array(4).fill('p2'),
  )
  peers[2]!.held = 40
  assert.notEqual(placeFor('a', peers)?.id, 'p2')
})

test('without processes there is no place', () => assert.equal(placeFor('x', []), undefined))
