/** Functions that Kubernetes adds to CEL. Sources: k8s.io/apiserver/pkg/cel/library, github.com/google/cel-go/ext */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePolicyExpression } from '../../../sim/api/cel/policy-expression.ts'
import { toCel, toJson } from '../../../sim/api/cel/values.ts'
import { budgeted } from '../../../sim/engine/work.ts'

const object = toCel({
  a: [1, 2, 3],
  m: { x: 1, y: 2 },
  objs: [
    { n: 'b', s: 2 },
    { n: 'a', s: 10 },
  ],
})
const compiled = (text: string) => compilePolicyExpression(text, new Set(['object']))
const resultOf = (text: string) => toJson(compiled(text).evaluate({ object }))

const values: readonly [text: string, value: unknown][] = [
  ["ip('192.168.0.1') == ip('192.168.0.1') && ip('192.168.0.1') != ip('192.168.10.1')", true],
  ["[ip('192.168.0.1').family(), ip('2001:DB8::1').family()]", [4, 6]],
  ["string(ip('2001:0db8:0:0:0:0:0:1'))", '2001:db8::1'],
  ["string(ip('1:0:0:2:0:0:0:3'))", '1:0:0:2::3'],
  ["[ip.isCanonical('2001:db8::abcd'), ip.isCanonical('2001:DB8::ABCD')]", [true, false]],
  [
    "[isIP('127.0.0.1'), isIP('::1'), isIP('::ffff:1.2.3.4'), isIP('1.2.3'), isIP('fe80::1%eth0')]",
    [true, true, false, false, false],
  ],
  ["ip('127.0.0.1').isLoopback() && ip('::').isUnspecified() && ip('fe80::1').isLinkLocalUnicast()", true],
  ["ip('224.0.0.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast()", true],
  ["[ip('10.0.0.1').isGlobalUnicast(), ip('255.255.255.255').isGlobalUnicast()]", [true, false]],
  ["cidr('192.168.0.0/24').containsIP('192.168.0.1') && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))", true],
  ["cidr('192.168.0.0/24').containsCIDR('192.168.0.0/25')", true],
  ["cidr('192.168.0.0/24').containsCIDR(cidr('192.168.0.0/23'))", false],
  ["cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24')", true],
  ["[string(cidr('192.168.0.1/24').ip()), string(cidr('2001:DB8::/32'))]", ['192.168.0.1', '2001:db8::/32']],
  ["cidr('192.168.0.1/24').prefixLength()", 24],
  ["[isCIDR('192.168.0.0/24'), isCIDR('192.168.0.0'), isCIDR('192.168.0.0/033')]", [true, false, false]],
  ["url('https://user:pass@example.com:80/path/a?k=v#frag').getHost()", 'example.com:80'],
  ["url('https://[::1]:80/x').getHostname() + ' ' + url('https://[::1]:80/x').getPort()", '::1 80'],
  ["url('https://example.com/x').getPort()", ''],
  ["url('/path with spaces').getEscapedPath()", '/path%20with%20spaces'],
  ["url('https://example.com/path?k1=a&k2=b&k2=c%20d').getQuery()", { k1: ['a'], k2: ['b', 'c d'] }],
  [
    "[isURL('https://example.com'), isURL('/absolute'), isURL('../relative'), isURL('https://a b.com/')]",
    [true, true, false, false],
  ],
  ["url('HTTP://example.com').getScheme()", 'http'],
  ["'abc 123 def 456'.find('[0-9]+')", '123'],
  ["'abc'.find('[0-9]+')", ''],
  ["'123 abc 456'.findAll('[0-9]+')", ['123', '456']],
  ["['123 abc 456'.findAll('[0-9]+', 1), '1'.findAll('[0-9]+', 0)]", [['123'], []]],
  ["quantity('50M').isInteger() && !quantity('50.7').isInteger() && quantity('50Mi').asInteger() == 52428800", true],
  ["[quantity('50k').asApproximateFloat(), quantity('-1500m').asApproximateFloat()]", [50_000, -1.5]],
  ["sign(quantity('-3k')) + sign(quantity('0'))", -1],
  ["quantity('50k').add(quantity('20')) == quantity('50.02k') && quantity('50k').sub(20) == quantity('49980')", true],
  ["quantity('200M') == quantity('0.2G') && quantity('1.1').compareTo(quantity('1')) == 1", true],
  ["semver('1.2.3-alpha.1').isLessThan(semver('1.2.3')) && semver('1.2.3').compareTo(semver('1.10.0')) == -1", true],
  ["semver('1.0.0-2').isLessThan(semver('1.0.0-10')) && semver('1.0.0-10').isLessThan(semver('1.0.0-a'))", true],
  ["[semver('1.2.3').major(), semver('v1.2', true).minor(), semver('01.02.03', true).patch()]", [1, 2, 3]],
  [
    "[isSemver('1.0.0'), isSemver('v1.0.0'), isSemver('v1.0', true), isSemver('1.0-rc.1', true)]",
    [true, false, true, false],
  ],
  ["format.named('dns1123Label').value().validate('my-label').hasValue()", false],
  ["format.dns1123Label().validate('My_Label').value()[0].startsWith('a lowercase RFC 1123 label')", true],
  ["format.named('none').hasValue() || format.dns1123LabelPrefix().validate('a-').hasValue()", false],
  ["format.uuid().validate('x').orValue([])", ['does not match the UUID format']],
  ["format.uri().validate('x').value()", ['parse "x": invalid URI for request']],
  ['sets.contains([1, 2, 3], [2, 1]) && sets.equivalent([1, 1], [1]) && sets.intersects([1], [2, 1])', true],
  ['sets.contains([], [1]) || sets.equivalent([1], [1, 2]) || sets.intersects([1], [])', false],
  ['[1, 2, 3, 4].slice(1, 3)', [2, 3]],
  ['[[[1, 2], [3]].flatten() == [1, 2, 3], [[[1]], [[2], [3]]].flatten(2) == [1, 2, 3]]', [true, true]],
  ["[[3, 1, 2].sort() == [1, 2, 3], ['b', 'a'].sort() == ['a', 'b'], [].sort() == []]", [true, true, true]],
  ['[-2, 5, -2, 1, 1, 5].distinct()', [-2, 5, 1]],
  ["[{'n': 'a'}, {'n': 'b'}, {'n': 'a'}].distinct().size()", 2],
  ['[1, 2].reverse() + lists.range(3)', [2, 1, 0, 1, 2]],
  ['object.objs.sortBy(o, o.n).map(o, o.s)', [10, 2]],
  ['[-3, 1, -5, -2, 4].sortBy(e, -(e * e))', [-5, 4, -3, -2, 1]],
  ['object.a.all(i, v, v == i + 1) && !object.a.all(i, v, i < 2)', true],
  ["object.m.exists(k, v, k == 'y' && v == 2)", true],
  [
    '[object.a.existsOne(i, v, i > 1), object.a.existsOne(v, v > 1), object.a.exists_one(i, v, true)]',
    [true, false, false],
  ],
  ['object.a.transformList(i, v, i > 0, v * 10) + object.a.transformList(i, v, i)', [20, 30, 0, 1, 2]],
  ['object.m.transformMap(k, v, v + 1)', { x: 2, y: 3 }],
  ["object.m.transformMap(k, v, k == 'x', v + 1)", { x: 2 }],
  ['object.m.transformMapEntry(k, v, {k + k: v})', { xx: 1, yy: 2 }],
  ['object.objs.all(i, o, o.n.size() == 1 && object.a.exists(j, w, w > i))', true],
  [
    "'%s has %d, %.2f, %f, %x, %X, %o, %b, %%'.format(['a', 12, 1.255, 0.5, 255, 'hi', 8, true])",
    'a has 12, 1.25, 0.500000, ff, 6869, 10, 1, %',
  ],
  ["'%s'.format([[1, 'a', 1.5, null, {'k': true}]])", '[1, "a", 1.500000, null, {"k":true}]'],
  // A variable of that name is what is meant.
  ['object.a.map(ip, ip + 1)', [2, 3, 4]],
]
for (const [text, value] of values)
  test(`Kubernetes' functions: ${text}`, () => {
    assert.deepEqual(resultOf(text), value)
  })

const failures: readonly [text: string, why: RegExp][] = [
  [
    "ip('192.168.0.1.0')",
    /^IP Address "192\.168\.0\.1\.0" parse error during conversion from string: ParseAddr\("192\.168\.0\.1\.0"\): IPv4 address too long$/,
  ],
  ["ip('01.2.3.4')", /ParseAddr\("01\.2\.3\.4"\): IPv4 field has octet with leading zero$/],
  ["ip('1::2::3')", /multiple :: in address \(at ":3"\)$/],
  ["ip('::ffff:1.2.3.4')", /^IPv4-mapped IPv6 address "::ffff:1\.2\.3\.4" is not allowed$/],
  ["cidr('10.0.0.0/33')", /netip\.ParsePrefix\("10\.0\.0\.0\/33"\): prefix length out of range$/],
  ["url('not a url')", /^URL parse error during conversion from string: parse "not a url": invalid URI for request$/],
  ["'abc'.find(dyn('('))", /^Illegal regex: error parsing regexp: missing closing \): `\(`$/],
  ["quantity('1.5').asInteger()", /^cannot convert value to integer$/],
  ["semver('01.2.3')", /^Major number must not contain leading zeroes "01"$/],
  ["semver('1.0')", /^No Major\.Minor\.Patch elements found$/],
  ['[1, 2].slice(2, 1)', /^cannot slice\(2, 1\), start index must be less than or equal to end index$/],
  ["[dyn('b'), dyn(1)].sort()", /^list elements must have the same type$/],
  ['dyn([[1]]).sort()', /^list elements must be comparable$/],
  ['[1].flatten(-1)', /^level must be non-negative$/],
  ["object.m.transformMapEntry(k, v, {'same': k})", /^insert failed: key same already exists$/],
  ["'%d'.format(['x'])", /^error during formatting: decimal clause can only be used on integers, was given string$/],
  ["'%d %d'.format([1])", /^index 1 out of range$/],
  ["quantity('1').isLessThan(dyn(semver('1.0.0')))", /^no such overload$/],
  ["dyn('a').validate('b')", /no such overload/],
]
for (const [text, why] of failures)
  test(`Kubernetes' functions refuse: ${text}`, () => {
    assert.throws(
      () => resultOf(text),
      (error: Error) => why.test(error.message) || assert.fail(error.message),
    )
  })

test('keys of patches are escaped where patches are made', () => {
  const text = "jsonpatch.escapeKey('a/b~c')"
  assert.equal(compilePolicyExpression(text, new Set(), { makesPatches: true }).evaluate({}), 'a~1b~0c')
  assert.throws(() => compiled(text), /undeclared reference to 'escapeKey'/)
})

test('a loop of two variables needs two names', () => {
  assert.throws(() => compiled('object.a.all(i, i, true)'), /<input>:1:17: duplicate variable name: i/)
  assert.throws(() => compiled('object.a.all(1, i, true)'), /argument must be a simple name/)
  assert.throws(() => compiled('sets.none([1])'), /undeclared reference to 'none'/)
})

test('what makes much of little is ended', () => {
  for (const text of [
    'lists.range(1000000000)',
    'lists.range(200000).map(a, lists.range(1000)).flatten()',
    'lists.range(100000).distinct()',
    "'%s'.format([lists.range(199999).map(x, lists.range(9999))])",
  ])
    assert.throws(
      () =>
        budgeted(
          5_000_000,
          () => resultOf(text),
          (error) => {
            throw error
          },
        ),
      /steps of computing|cost limit exceeded/,
      text,
    )
})
