// Whatever stands in a chart or on a line, Helm refuses it in words: nothing else is thrown.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../sim/engine/random.ts'
import { budgeted } from '../../sim/engine/work.ts'
import { builtinNames } from '../../sim/go-template/builtins.ts'
import { GoStruct } from '../../sim/go-template/values.ts'
import { loadChart } from '../../sim/helm/chart/load.ts'
import { setValues } from '../../sim/helm/chart/set-values.ts'
import { HelmError } from '../../sim/helm/errors.ts'
import { renderChart } from '../../sim/helm/render.ts'
import { sprigFunctions } from '../../sim/helm/sprig/sprig.ts'
import { aMachine } from './machine.ts'

const surroundings = { random: createRandom('s', 'helm'), nowEpochMs: () => 0 }
const functions = [
  ...sprigFunctions(surroundings).keys(),
  ...builtinNames,
  'include',
  'tpl',
  'required',
  'fail',
  'lookup',
]

function outcome(template: string): string {
  const act = (): string => {
    try {
      const chart = loadChart([
        { name: 'Chart.yaml', data: 'apiVersion: v2\nname: c\nversion: 1.0.0\n' },
        { name: 'a/b.txt', data: 'text' },
        { name: 'templates/x.yaml', data: template },
      ])
      const Values = { s: 'text', n: 3, l: ['a', 1, null], m: { a: { b: 'c' }, constructor: 'own' }, t: true, z: null }
      const Release = { Name: 'r', Namespace: 'n', Revision: 1n }
      const Capabilities = new GoStruct('*chartutil.Capabilities', {})
      renderChart(chart, { Release, Capabilities, Values }, surroundings)
      return 'rendered'
    } catch (error) {
      if (error instanceof HelmError) return 'refused'
      if (error instanceof RangeError) return 'too large'
      throw error
    }
  }
  return budgeted(400_000, act, () => 'out of budget')
}

test('each function takes any arguments, or refuses them', () => {
  const random = createRandom('robust', 'arguments')
  const values = [
    ...[
      '.',
      '.Values',
      '.Values.s',
      '.Values.n',
      '.Values.l',
      '.Values.m',
      '.Values.t',
      '.Values.z',
      '.Values.none',
      'nil',
    ],
    ...[
      '.Files',
      '.Chart',
      '.Release',
      '"text"',
      '""',
      '"("',
      '"a/b"',
      '"2006-01-02"',
      '1',
      '-1',
      '0',
      '99999999999',
      '1.5',
      'true',
    ],
    ...[
      '(list 1 "a" nil)',
      '(dict "a" 1)',
      'now',
      '(semver "1.2.3")',
      '(.Files.GetBytes "a/b.txt")',
      '"%[3]*.[2]*[1]f"',
      '"__proto__"',
      '(until 3)',
    ],
  ]
  const seen = new Map<string, number>()
  for (const name of functions)
    for (let n = 0; n < 15; n++) {
      const args = Array.from({ length: random.int(0, 4) }, () => random.pick(values)).join(' ')
      const template =
        random.int(0, 3) === 0 ? `{{ ${random.pick(values)} | ${name} ${args} }}` : `{{ ${name} ${args} | print }}`
      const result = outcome(template)
      seen.set(result, (seen.get(result) ?? 0) + 1)
    }
  assert.equal((seen.get('rendered') ?? 0) > 150, true)
  assert.equal((seen.get('refused') ?? 0) > 150, true)
})

test('any text is a template, or is refused', () => {
  const random = createRandom('robust', 'texts')
  const parts =
    '{{ }} {{- -}} if else end range with define block template "x" `y` $x := = | ( ) . .Values .Values.l .a 1 -2 0x1f 1e3 \'c\' , break continue nil true include tpl "{{" /* */ \n : @ é'.split(
      ' ',
    )
  for (let n = 0; n < 1500; n++) {
    const text = Array.from({ length: random.int(1, 14) }, () => random.pick(parts)).join(random.int(0, 1) ? ' ' : '')
    assert.match(outcome(random.int(0, 2) ? `{{ ${text} }}` : text), /^(rendered|refused|too large|out of budget)$/)
  }
})

test('what stands behind --set is read, or refused', () => {
  const random = createRandom('robust', 'values')
  const parts = [
    'a',
    'b',
    '.',
    '[',
    ']',
    '[0]',
    '[70000]',
    '[-1]',
    '=',
    ',',
    '{',
    '}',
    '\\',
    '1',
    'true',
    'null',
    '"',
    '__proto__',
    '[1,2]',
    '{"a":1}',
    ' ',
  ]
  for (let n = 0; n < 6000; n++) {
    const text = Array.from({ length: random.int(1, 10) }, () => random.pick(parts)).join('')
    const values = { a: { b: 1 }, b: [1] }
    try {
      setValues(text, values, random.pick(['typed', 'text', 'json', 'literal'] as const))
    } catch (error) {
      assert.equal(error instanceof HelmError, true, `${text}: ${(error as Error).stack}`)
    }
  }
  assert.equal(({} as Record<string, unknown>).x, undefined)
})

test('lines that are wrong are refused in words, and leave the cluster running', () => {
  const machine = aMachine({
    'bad/Chart.yaml': 'apiVersion: v2\nname: bad\nversion: one\n',
    'list/Chart.yaml': '- a\n- b\n',
    'odd/Chart.yaml': 'apiVersion: v2\nname: odd\nversion: 0.1.0\ndependencies: 3\n',
    'odd2/Chart.yaml':
      'apiVersion: v2\nname: odd2\nversion: 0.1.0\nmaintainers: [1, null, {name: 3}]\ndependencies: [null, {name: x, tags: y}]\nannotations: {a: 1}\n',
    'deep/Chart.yaml': 'apiVersion: v2\nname: deep\nversion: 0.1.0\n',
    'deep/values.yaml': `a: ${'['.repeat(5000)}`,
    'noyaml/Chart.yaml': 'apiVersion: v2\nname: noyaml\nversion: 0.1.0\n',
    'noyaml/templates/x.yaml': 'a: [\n',
    'text/Chart.yaml': 'apiVersion: v2\nname: text\nversion: 0.1.0\n',
    'text/templates/x.yaml': 'just text\n',
    'kind/Chart.yaml': 'apiVersion: v2\nname: kind\nversion: 0.1.0\n',
    'kind/templates/x.yaml': 'apiVersion: v9\nkind: Nothing\nmetadata: {name: x}\n',
    'schema/Chart.yaml': 'apiVersion: v2\nname: schema\nversion: 0.1.0\n',
    'schema/values.schema.json':
      '{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}, "pattern": "(", "properties": 3}',
    'bomb.tgz': {
      base64: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 255, 255, 255, 255]).toString(
        'base64',
      ),
    },
    'junk.tgz': 'no archive at all, and long enough',
    'v.yaml': 'a: [1',
  })
  machine.kubectl(
    `create secret generic sh.helm.release.v1.evil.v1 --type=helm.sh/release.v1 --from-literal=release=junk`,
  )
  machine.kubectl('label secret sh.helm.release.v1.evil.v1 owner=helm name=evil version=1 status=deployed')
  const wrong = [
    ...[
      'nope',
      'install',
      'install a',
      'install a b c',
      'install a ./none',
      'install A bad',
      'install a bad',
      'install a list',
      'install a odd',
      'lint odd2 bad list',
    ],
    ...[
      'template deep',
      'install a noyaml',
      'install a text',
      'install a kind',
      'template schema',
      'install a bomb.tgz',
      'install a junk.tgz',
      'template text -f v.yaml',
    ],
    ...[
      'template text -f none.yaml',
      'template text --set a',
      'template text --set-json a={',
      'template text --set-file a=none',
      'status evil',
      'upgrade evil text',
    ],
    ...[
      'history none',
      'rollback none',
      'rollback none x',
      'uninstall none',
      'get all none',
      'get nothing',
      'get',
      'show values none',
      'pull none',
      'pull a/b',
      'repo remove x',
    ],
    ...[
      'list --filter (',
      'list -o xml',
      'install a text --dry-run=maybe',
      'install a text --timeout x',
      'dependency update none',
      'create a/b/c!',
      'create',
      'package none',
    ],
    ...[
      '--namespace',
      '-n',
      'install --generate-name',
      'install a oci://elsewhere/x',
      'install a https://example.com/x.tgz',
      'template text -s none',
      'search repo',
      'search hub x',
    ],
    ...[
      'install a text -l owner=me',
      'upgrade a text --install --set a=<b>',
      'test none',
      'install $(x) text',
      "install 'a b' text",
      'install a text --version ???',
      'version x',
    ],
  ]
  for (const line of wrong) {
    const { exit, stderr, stdout } = machine.helm(line)
    assert.equal(typeof exit, 'number')
    assert.equal(
      /TypeError|undefined is not|Cannot read|\[object Object\]/.test(stderr + stdout),
      false,
      `${line}: ${stderr}`,
    )
    if (exit !== 0) assert.match(stderr, /Error: /, line)
  }
  assert.match(machine.kubectl('get nodes'), /node-1\s+Ready/)
})

test('a function whose work grows with its text is charged for it, and none goes back and forth in one', () => {
  for (const template of [
    '{{ $x := repeat 1000000 "x " }}{{ range until 199999 }}{{ $y := trunc 3 $x }}{{ end }}',
    '{{ $x := repeat 400000 "x " }}{{ range until 199999 }}{{ $y := snakecase (title $x) }}{{ end }}',
    '{{ $x := repeat 100000 "1 " }}{{ range until 199999 }}{{ $y := semverCompare $x "1.2.3" }}{{ end }}',
    '{{ toDate (repeat 60 "2") (print (repeat 119 "1") "x") }}{{ base (print (repeat 1000000 "/") "a") }}',
    `a: b${' '.repeat(300_000)}c${' '.repeat(300_000)}{{- 1 }}`,
    '{{ regexFind "(a*)*b" (repeat 300000 "a") }}',
  ])
    assert.match(outcome(template), /^(rendered|refused|out of budget)$/, template.slice(0, 80))
})

test('a release whose Secret somebody has damaged is passed over, and the run goes on', () => {
  for (const release of ['bm90IGJhc2U2NCE=', 'IQ==', '', 'SDRzSUFBQUFBQUFBLw==']) {
    const machine = aMachine()
    assert.equal(machine.helm('install web oci://registry.example.com/charts/nginx').exit, 0)
    machine.kubectl(`patch secret sh.helm.release.v1.web.v1 --type=merge -p '{"data":{"release":"${release}"}}'`)
    const upgraded = machine.helm('upgrade web oci://registry.example.com/charts/nginx')
    assert.equal(upgraded.exit, 1, release)
    assert.match(upgraded.stderr, /Error: UPGRADE FAILED: "web" has no deployed releases/)
    assert.match(machine.helm('get values web --revision 1').stderr, /^Error: /)
  }
})
