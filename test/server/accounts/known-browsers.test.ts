import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isKnownTo, madeKnown, readKnownBrowser, writeKnownBrowser } from '../../../server/accounts/known-browsers.ts'

const secret = 'a secret of at least thirty-two characters'
const cookieOf = (browser: ReturnType<typeof madeKnown>) => `x=1; podium-known=${writeKnownBrowser(browser)}; y=2`
const known = (cookie: string, typed: string, by = secret) => {
  const browser = readKnownBrowser(cookie)
  return browser !== undefined && isKnownTo(browser, typed, by)
}

test('a browser is known to those accounts that somebody was let in to by it, and says nothing of which', () => {
  const first = madeKnown(undefined, ['maple'], secret)
  const both = madeKnown(readKnownBrowser(cookieOf(first)), ['otter', 'ann@example.org'], secret)
  assert.equal(both.id, first.id)
  for (const name of ['maple', 'otter', 'ann@example.org']) assert.equal(known(cookieOf(both), name), true)
  assert.equal(known(cookieOf(both), 'birch'), false)
  assert.equal(known(cookieOf(first), 'otter'), false)
  assert.doesNotMatch(cookieOf(both), /maple|otter|ann/)
  assert.equal(madeKnown(both, ['otter'], secret).marks.length, 3)
})

test('a mark of another browser, of another server or made up is none', () => {
  const own = madeKnown(undefined, ['maple'], secret)
  const other = madeKnown(undefined, ['birch'], secret)
  assert.notEqual(own.id, other.id)
  assert.equal(known(cookieOf({ id: other.id, marks: own.marks }), 'maple'), false)
  assert.equal(known(cookieOf(own), 'maple', 'another secret of thirty-two characters'), false)
  assert.equal(known(cookieOf({ ...own, marks: ['A'.repeat(43)] }), 'maple'), false)
  for (const cookie of ['', 'podium-known=', 'podium-known=x.y', `podium-known=${own.id}`])
    assert.equal(readKnownBrowser(cookie), undefined)
})

test('a browser of many people remembers the latest of them', () => {
  let browser: ReturnType<typeof madeKnown> | undefined
  for (let n = 0; n < 40; n++) browser = madeKnown(browser, [`name-${n}`], secret)
  const cookie = cookieOf(browser!)
  assert.deepEqual([known(cookie, 'name-39'), known(cookie, 'name-28'), known(cookie, 'name-27')], [true, true, false])
})
