import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../sim/engine/random.ts'
import { compilePerlRegex, perlMatcher } from '../../sim/text/perl-regex.ts'
import { RegexError } from '../../sim/text/regex.ts'

for (const [pattern, text, isMatch] of [
  ['^localhost$', 'localhost', true],
  ['^127\\.0\\.0\\.1$', '127x0.0.1', false],
  ['^\\[::1\\]$', '[::1]', true],
  ['^/api/.*/pods/.*/exec', '/api/v1/namespaces/default/pods/web/exec', true],
  ['^(?:web|db)$', 'db', true],
  ['^(?:web|db)$', 'dbs', false],
  ['^\\d+\\w\\s\\S$', '12a b', true],
  ['^[\\d.]+$', '10.0', true],
  ['^[^\\]a]+$', 'xyz', true],
  ['^[[:alpha:]-]+$', 'a-b', true],
  ['^a+?$', '', false],
  ['^a{2,3}?$', 'aaa', true],
  ['(?i)WEB', 'a web', true],
  ['(?P<name>web)', 'web', true],
  ['\\Aweb\\z', 'web', true],
  ['^[/\\-._]+$', '/-.', true],
  ['^[/\\-._]+$', '\\', false],
  ['^[\\^\\[\\]]+$', '[^]', true],
  ['^[a-z.\\x60|]+$', 'a`b', true],
  ['^[a-z.\\x60|]+$', 'x60', false],
  ['^\\x2e$', 'a', false],
] as const)
  test(`${pattern} ${isMatch ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
    assert.equal(perlMatcher(pattern)(text), isMatch)
  })

test('what is no pattern is refused, and what would never end is no match', () => {
  for (const pattern of ['(', ')', '[a', 'a(?=b)', '(?<!a)b', '*', '(+a)', '(?:*a)', 'a|*b'])
    assert.throws(() => perlMatcher(pattern), RegexError, pattern)
  assert.equal(perlMatcher('^(a+)+$')(`${'a'.repeat(5000)}b`), false)
})

for (const [pattern, text, found] of [
  ['^/api(?=/|$)', '/api', '/api'],
  ['^/api(?=/|$)', '/api/x', '/api'],
  ['^/api(?=/|$)', '/apis', undefined],
  ['^/(?!api(?:/|$)).*', '/apis', '/apis'],
  ['^/(?!api(?:/|$)).*', '/api/x', undefined],
  ['(?<=v)\\d+', 'nginx-v12', '12'],
  ['(?<!v)\\d$', 'v1', undefined],
  ['a(?=b)*', 'ac', 'a'],
] as const)
  test(`as PCRE reads it, ${pattern} finds ${found} in ${text}`, () => {
    assert.equal(compilePerlRegex(pattern, { looksAround: true }).exec(text)?.groups[0], found)
  })

for (const [pattern, text, groups] of [
  ['a+?', 'aaa', ['a']],
  ['/(.*?)/*$', '/orders/', ['/orders/', 'orders']],
  ['x(.*?)y', 'xaybyc', ['xay', 'a']],
  ['(a|ab)(c|bcd)?', 'abcd', ['abcd', 'a', 'bcd']],
  ['a|ab', 'ab', ['a']],
  ['(a??)(a*)', 'aa', ['aa', '', 'aa']],
  ['a{1,3}?b?', 'aab', ['a']],
] as const)
  test(`of several matches of ${pattern} in ${text} the one counts that is tried first`, () =>
    assert.deepEqual(compilePerlRegex(pattern).exec(text)?.groups, groups))

test('what is found is what the language’s own expressions find', () => {
  const random = createRandom('perl-regex', 'patterns')
  const { pick } = random
  const repeated = (): string =>
    pick(['a', 'b', '.', '[ab]', '[^a]']) + pick(['', '', '*', '+', '?', '*?', '+?', '??', '{1,2}', '{0,2}?'])
  // What may match nothing is not repeated as a whole: there the languages differ.
  const atom = (depth: number): string =>
    depth > 0 && random.next() < 0.4 ? `(?:${alternatives(depth - 1)})` : repeated()
  const sequence = (depth: number): string => Array.from({ length: random.int(1, 3) }, () => atom(depth)).join('')
  const alternatives = (depth: number): string =>
    Array.from({ length: random.int(1, 2) }, () => sequence(depth)).join('|')
  for (let n = 0; n < 3000; n++) {
    const pattern = alternatives(2)
    const text = Array.from({ length: random.int(0, 6) }, () => pick(['a', 'b', 'c'])).join('')
    assert.equal(
      compilePerlRegex(pattern).exec(text)?.groups[0],
      new RegExp(pattern).exec(text)?.[0],
      `${pattern} in ${text}`,
    )
  }
})

test('a group that captures nothing is not counted, and neither is one that is only looked at', () => {
  const { groups } = compilePerlRegex('(?:a)(?=(b))(b)(c)', { looksAround: true }).exec('abc')!
  assert.deepEqual(groups.slice(1), [undefined, 'b', 'c'])
})

test('what looks around at every place, over and over, is given up as any other that is too much', () => {
  const regex = compilePerlRegex('(?:(?=a*b)|a)*c', { looksAround: true })
  assert.throws(() => regex.exec('a'.repeat(4000)), RegexError)
})
