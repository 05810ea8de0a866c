// Patterns of parameter expansion on long texts: the same answers as on short ones, and no hang.
import assert from 'node:assert/strict'
import { test } from 'node:test'
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
