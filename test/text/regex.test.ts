// Regular expressions: what they match, what they refuse, and that none of them can take for ever.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { budgeted, stepsPerSecond } from '../../sim/engine/work.ts'
import { compileRegex, RegexError } from '../../sim/text/regex.ts'

const cases: [pattern: string, text: string, want: string | undefined, isExtended?: boolean][] = [
  ['abc', 'xabcx', 'abc'],
  ['a.c', 'xabcx', 'abc'],
  ['^a', 'ba', undefined],
  ['a$', 'ba', 'a'],
  ['a^b$c', 'a^b$c', 'a^b$c'],
  ['*a', '*a', '*a'],
  ['a\\{2,3\\}', 'aaaa', 'aaa'],
  ['a{2}', 'aa', undefined],
  ['a{2}', 'aaa', 'aa', true],
  ['a{,2}b', 'aaab', 'aab', true],
  ['\\(ab\\)*\\1', 'ababab', 'ababab'],
  ['(a|ab)(c|bcd)', 'abcd', 'abcd', true],
  ['x*', 'aaa', ''],
  ['[[:digit:]]+', 'a12b', '12', true],
  ['[]a]+', 'x]a]', ']a]', true],
  ['[^]a]', ']ab', 'b'],
  ['[a-c-]+', 'x-b', '-b', true],
  ['\\bfoo\\b', 'a foo b', 'foo'],
  ['\\<b', 'ab b', 'b'],
  ['a+?', 'aaa', 'aaa', true],
  ['a\\|b', 'b', 'b'],
  ['()', 'a', '', true],
  ['a||b', 'b', 'b', true],
  ['(a*)*b', 'aab', 'aab', true],
  ['^(a|b)*$', 'abab', 'abab', true],
  ['\\.', 'a.b', '.'],
  ['a\\+', 'aa', 'aa'],
  ['{', 'a{', '{', true],
  ['.', 'é', 'é'],
]
for (const [pattern, text, want, isExtended] of cases)
  test(`${isExtended ? 'extended' : 'basic'} ${pattern} finds ${want === undefined ? 'nothing' : `"${want}"`} in ${text}`, () => {
    assert.equal(compileRegex(pattern, { isExtended }).exec(text)?.groups[0], want)
  })

const refused: [pattern: string, message: RegExp][] = [
  ['(a', /Unmatched \(/],
  ['a)', /Unmatched \)/],
  ['[a', /Unmatched \[/],
  ['a\\', /Trailing backslash/],
  ['[z-a]', /Invalid range end/],
  ['a{3,1}', /Invalid content/],
  ['a{999}', /too big/],
  ['((((a{255}){255}){255}){255})', /too big/],
  ['\\2', /Invalid back reference/],
]
for (const [pattern, message] of refused)
  test(`${pattern} is refused`, () => {
    assert.throws(
      () => compileRegex(pattern, { isExtended: true }),
      (error) => error instanceof RegexError && message.test(error.message),
    )
  })

test('nested repetitions that never match end', () => {
  for (const pattern of ['(a+)+$', '(a|a)*$', '(a*)*$', '(a|aa)+$', '(.*)*x', '((a{1,20}){1,20}){1,2}b'])
    assert.equal(compileRegex(`^${pattern}`, { isExtended: true }).test(`${'a'.repeat(2000)}!`), false, pattern)
})

test('back references that would take for ever are given up with an error', () => {
  assert.throws(
    () => compileRegex('^(a*)(a*)(a*)(a*)(a*)(a*)\\1\\2\\3\\4\\5\\6b$', { isExtended: true }).test('a'.repeat(300)),
    /too complex/,
  )
})

test('groups hold what they matched last', () => {
  assert.deepEqual(compileRegex('(a)|(b)', { isExtended: true }).exec('b')?.groups, ['b', undefined, 'b'])
  assert.deepEqual(compileRegex('^([^:]*):([^:]*)', { isExtended: true }).exec('a:b:c')?.groups, ['a:b', 'a', 'b'])
})

test('words and whole lines can be asked for', () => {
  assert.equal(compileRegex('a', { scope: 'word' }).test('ab a'), true)
  assert.equal(compileRegex('a', { scope: 'word' }).test('ab'), false)
  assert.equal(compileRegex('a|b', { scope: 'line', isExtended: true }).test('ab'), false)
  assert.equal(compileRegex('A', { ignoresCase: true }).test('a'), true)
  assert.equal(compileRegex('a.b', { isFixed: true }).test('axb'), false)
})

test('an expression of very many groups is charged for what it keeps of each', () => {
  const regex = compileRegex('(a|b)*'.repeat(500), { isExtended: true })
  const charged = budgeted<unknown>(
    stepsPerSecond / 3,
    () => regex.exec('a'.repeat(2000)),
    () => 'too much',
  )
  assert.equal(charged, 'too much')
})
