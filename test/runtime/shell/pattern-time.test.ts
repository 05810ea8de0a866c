// Patterns of parameter expansion on long texts: the same answers as on short ones, and no hang.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { workSpent } from '../../../sim/engine/work.ts'
import { removeMatch, replaceMatch } from '../../../sim/runtime/shell/pattern.ts'

const long = 'a'.repeat(50_000)

test('a pattern that almost matches everywhere is answered', () => {
  assert.equal(removeMatch(long, '*b*c', 'prefix', true), long)
  assert.equal(removeMatch(long, '*b*c', 'suffix', false), long)
  assert.equal(replaceMatch(long, 'a*b', 'x', '//'), long)
})

test('shortest and longest prefixes and suffixes are taken off', () => {
  assert.equal(removeMatch('a/b/c', '*/', 'prefix', false), 'b/c')
  assert.equal(removeMatch('a/b/c', '*/', 'prefix', true), 'c')
  assert.equal(removeMatch('a/b/c', '/*', 'suffix', false), 'a/b')
  assert.equal(removeMatch('a/b/c', '/*', 'suffix', true), 'a')
  assert.equal(removeMatch('abc', '', 'prefix', true), 'abc')
  assert.equal(removeMatch('abc', '*', 'prefix', false), 'abc')
  assert.equal(removeMatch('abc', '*', 'suffix', true), '')
})

test('the leftmost and longest match is replaced, once, everywhere, or at an end', () => {
  assert.equal(replaceMatch('abcabc', 'b*', 'X', '/'), 'aX')
  assert.equal(replaceMatch('abcabc', 'b?', 'X', '//'), 'aXaX')
  assert.equal(replaceMatch('abcabc', 'a', 'X', '/#'), 'Xbcabc')
  assert.equal(replaceMatch('abcabc', 'b', 'X', '/#'), 'abcabc')
  assert.equal(replaceMatch('abcabc', '[bc]', 'X', '/%'), 'abcabX')
  assert.equal(replaceMatch('a.b', '.', '', '//'), 'ab')
})

test('a suffix is the shortest or longest end that the pattern matches as a whole', () => {
  const words = (letters: string, most: number): string[] => {
    const all = ['']
    for (let at = 0; all[at]!.length < most; at++) for (const letter of letters) all.push(all[at]! + letter)
    return all
  }
  for (const pattern of words('a*?', 3)) {
    const whole = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`)
    for (const text of words('ab', 5)) {
      const ends = [...Array(text.length + 1).keys()].filter((length) => whole.test(text.slice(text.length - length)))
      const without = (length: number | undefined) =>
        length === undefined ? text : text.slice(0, text.length - length)
      const where = `${pattern} of ${text}`
      assert.equal(removeMatch(text, pattern, 'suffix', false), without(ends[0]), where)
      assert.equal(removeMatch(text, pattern, 'suffix', true), without(ends.at(-1)), where)
    }
  }
})

// It was read backwards as a whole: a loop of such lines took a core for as long as its sandbox lived, and was charged for a part of it.
test('an end of one character costs as much of a long text as of a short one', () => {
  const costOf = (text: string): number => {
    const before = workSpent()
    removeMatch(text, '0', 'suffix', false)
    return workSpent() - before
  }
  assert.equal(costOf(`${long}0`), costOf('a0'))
  assert.equal(costOf(long), costOf('a'))
})
