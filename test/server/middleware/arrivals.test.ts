import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arrivals } from '../../../server/middleware/arrivals.ts'

function someArrivals() {
  let nowMs = 0
  const cut: string[] = []
  const arrivals = new Arrivals({ together: 4, ofOne: 2, leastMs: 10_000, enough: 1000, now: () => nowMs })
  const sent = new Map<string, number>()
  return {
    cut,
    pass: (ms: number) => {
      nowMs += ms
    },
    send: (name: string, bytes: number) => void sent.set(name, (sent.get(name) ?? 0) + bytes),
    begin: (caller: string, name: string) =>
      arrivals.begin(
        caller,
        () => sent.get(name) ?? 0,
        () => cut.push(name),
      ),
  }
}

test('files come so many at a time, of all and of one, and each that has come leaves its place', () => {
  const { begin } = someArrivals()
  const first = begin('a', '1')
  assert.ok(first && begin('a', '2'))
  assert.equal(begin('a', '3'), undefined)
  assert.ok(begin('b', '4') && begin('b', '5'))
  assert.equal(begin('c', '6'), undefined)
  first()
  first()
  assert.ok(begin('c', '6'))
  assert.equal(begin('c', '7'), undefined)
})

test('who sends slowly makes room for who comes, of the same address or of another; who sends well is left alone', () => {
  const { begin, pass, send, cut } = someArrivals()
  begin('slow', '1')
  begin('slow', '2')
  pass(9999)
  // Not yet: it may be a bad moment.
  assert.equal(begin('slow', '3'), undefined)
  send('1', 500)
  pass(1)
  assert.ok(begin('slow', '3'))
  assert.deepEqual(cut, ['2'])
  begin('b', '4')
  begin('c', '5')
  send('3', 1_000_000)
  send('4', 1_000_000)
  send('5', 1_000_000)
  pass(10_000)
  assert.ok(begin('d', '6'))
  assert.deepEqual(cut, ['2', '1'])
  send('6', 1_000_000)
  pass(10_000)
  assert.equal(begin('e', '7'), undefined)
})
