// Go's templates with sprig, as charts use them: what they give, and how they are refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../sim/engine/random.ts'
import { budgeted } from '../../sim/engine/work.ts'
import { GoStruct } from '../../sim/go-template/values.ts'
import { loadChart } from '../../sim/helm/chart/load.ts'
import { HelmError } from '../../sim/helm/errors.ts'
import { renderChart } from '../../sim/helm/render.ts'

const chartFile = { name: 'Chart.yaml', data: 'apiVersion: v2\nname: c\nversion: 1.2.3\nappVersion: "9"\n' }

function render(template: string, values: Record<string, unknown> = {}, more: Record<string, string> = {}): string {
  const files = Object.entries(more).map(([name, data]) => ({ name, data }))
  const chart = loadChart([chartFile, ...files, { name: 'templates/x.yaml', data: template }])
  const Release = { Name: 'r', Namespace: 'n', IsInstall: true, IsUpgrade: false, Revision: 1n, Service: 'Helm' }
  const Capabilities = new GoStruct('*chartutil.Capabilities', {})
  const options = { random: createRandom('s', 'helm'), nowEpochMs: () => Date.UTC(2026, 0, 2, 3, 4, 5) }
  return renderChart(chart, { Release, Capabilities, Values: values }, options).get('c/templates/x.yaml')!
}

const cases: readonly (readonly [template: string, wanted: string, values?: Record<string, unknown>])[] = [
  ['a {{- "b" -}} c', 'abc'],
  ['{{/* nothing */ -}}\n x', 'x'],
  ['{{ .Values.n }} {{ .Values.big }}', '3 1.2345678e+07', { n: 3, big: 12345678 }],
  ['{{ .Values.big | int }} {{ toYaml .Values.big }}', '12345678 12345678', { big: 12345678 }],
  ['{{ $x := 1 }}{{ range .Values.l }}{{ $x = add $x . }}{{ end }}{{ $x }}', '7', { l: [2, 4] }],
  [
    '{{ range $i, $v := .Values.l }}{{ if eq $i 2 }}{{ break }}{{ end }}{{ $i }}{{ $v }};{{ end }}',
    '0a;1b;',
    { l: ['a', 'b', 'c'] },
  ],
  ['{{ range $k, $v := .Values.m }}{{ $k }}={{ $v }},{{ else }}none{{ end }}', 'a=1,b=2,', { m: { b: 2, a: 1 } }],
  ['{{ range .Values.m }}x{{ else }}none{{ end }}', 'none', { m: {} }],
  ['{{ with .Values.a }}{{ .b }}{{ else with .Values.c }}{{ . }}{{ end }}', 'q', { c: 'q' }],
  ['{{ if and .Values.a (not .Values.b) }}yes{{ else if .Values.b }}b{{ end }}', 'yes', { a: 1 }],
  ['{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" "x" }}{{ include "t" 1 | upper }}', '<x><1>'],
  ['{{ block "b" .Values.v }}[{{ . }}]{{ end }}', '[z]', { v: 'z' }],
  ['{{ tpl "{{ .Values.a }}-{{ .Release.Name }}" . }}', 'q-r', { a: 'q' }],
  [
    '{{ printf "%s %d %05.1f %q %v %t %x %-4s|%3d" "a" 3 2.5 "q" (list 1 "b") true 255 "l" 7 }}',
    'a 3 002.5 "q" [1 b] true ff l   |  7',
  ],
  ['{{ printf "%d %s" 1.5 2 }}', '%!d(float64=1.5) %!s(int=2)'],
  ['{{ len "héllo" }} {{ index .Values.l 1 }} {{ slice "abcdef" 1 3 }}', '6 y [', { l: ['x', 'y'] }],
  ['{{ .Values.none }}{{ .Values.none | default "d" }}', 'd'],
  ['{{ "a.b" | replace "." "-" | trunc 2 | quote }} {{ squote 1 }}', '"a-" \'1\''],
  ['{{ list "b" "a" "b" | uniq | sortAlpha | join "," }}', 'a,b'],
  ['{{ dict "a" (dict "b" 1) | toYaml | nindent 2 }}', '\n  a:\n    b: 1'],
  ['{{ toJson (merge (dict "a" 1) (dict "a" 2 "b" (list 1.5 nil))) }}', '{"a":1,"b":[1.5,null]}'],
  ['{{ dig "a" "b" "none" .Values }}/{{ dig "a" "c" "none" .Values }}', '1/none', { a: { b: 1 } }],
  ['{{ ternary "x" "y" (semverCompare "^1.2.0" .Chart.Version) }}', 'x'],
  ['{{ regexReplaceAll "(\\\\w)(\\\\d)" "a1 b2" "${2}$1" }} {{ regexFindAll "[a-z]+" "ab c" -1 }}', '1a 2b [ab c]'],
  [
    '{{ "hello" | b64enc }} {{ "aGVsbG8=" | b64dec }} {{ "a" | sha256sum | trunc 8 }} {{ sha1sum "a" | trunc 8 }}',
    'aGVsbG8= hello ca978112 86f7e437',
  ],
  ['{{ sha512sum "abc" | trunc 16 }} {{ adler32sum "abc" }} {{ b32enc "hi" }}', 'ddaf35a193617aba 38600999 NBUQ===='],
  ['{{ now | date "2006-01-02 15:04" }} {{ now | dateModify "24h" | date "Jan 2" }}', '2026-01-02 03:04 Jan 3'],
  [
    '{{ add 1 2 3 }} {{ div 7 2 }} {{ mod 7 2 }} {{ max 1 5 3 }} {{ round 2.345 2 }} {{ addf 0.1 0.2 }} {{ seq 3 }} {{ until 3 }}',
    '6 3 1 5 2.35 0.3 1 2 3 [0 1 2]',
  ],
  ['{{ kindOf .Values }} {{ typeOf 1 }} {{ kindIs "slice" (list) }} {{ empty 0 }}', 'map int true true'],
  ['{{ html "<a>" }} {{ js "it\'s" }} {{ urlquery "a b&c" }}', "&lt;a&gt; it\\'s a+b%26c"],
  [
    '{{ snakecase "FirstName" }} {{ camelcase "first_name" }} {{ kebabcase "FirstName" }} {{ title "a bc" }}',
    'first_name FirstName first-name A Bc',
  ],
  ['{{ .Chart.Name }}-{{ .Chart.Version }} {{ .Template.Name }}', 'c-1.2.3 c/templates/x.yaml'],
]

for (const [template, wanted, values] of cases)
  test(`a template: ${template}`, () => {
    if (template.includes('slice "abcdef"'))
      return assert.throws(() => render(template, values), /Cannot slice on type string/)
    assert.equal(render(template, values), wanted)
  })

const refusals: readonly (readonly [template: string, why: string, values?: Record<string, unknown>])[] = [
  [
    'a: 1\nb: {{ .Values.foo.bar }}',
    'template: c/templates/x.yaml:2:13: executing "c/templates/x.yaml" at <.Values.foo.bar>: nil pointer evaluating interface {}.bar',
  ],
  ['{{ .Values.a', 'parse error at (c/templates/x.yaml:1): unclosed action'],
  ['{{ nope 1 }}', 'parse error at (c/templates/x.yaml:1): function "nope" not defined'],
  ['{{ if true }}', 'parse error at (c/templates/x.yaml:1): unexpected EOF'],
  ['\n{{ end }}', 'parse error at (c/templates/x.yaml:2): unexpected {{end}}'],
  ['{{ $x }}', 'parse error at (c/templates/x.yaml:1): undefined variable "$x"'],
  ['{{ break }}', 'parse error at (c/templates/x.yaml:1): {{break}} outside {{range}}'],
  ['{{ required "give a name" .Values.name }}', 'execution error at (c/templates/x.yaml:1:3): give a name'],
  ['{{ fail "no" }}', 'execution error at (c/templates/x.yaml:1:3): no'],
  [
    '{{ eq .Values.n 3 }}',
    'template: c/templates/x.yaml:1:3: executing "c/templates/x.yaml" at <eq .Values.n 3>: error calling eq: incompatible types for comparison',
    { n: 3 },
  ],
  [
    '{{ upper .Values.n }}',
    'template: c/templates/x.yaml:1:16: executing "c/templates/x.yaml" at <.Values.n>: wrong type for value; expected string; got float64',
    { n: 3 },
  ],
  [
    '{{ include "none" . }}',
    'template: c/templates/x.yaml:1:3: executing "c/templates/x.yaml" at <include "none" .>: error calling include: template: no template "none" associated with template "gotpl"',
  ],
  [
    '{{ .Chart.foo }}',
    'template: c/templates/x.yaml:1:9: executing "c/templates/x.yaml" at <.Chart.foo>: can\'t evaluate field foo in type struct { chart.Metadata; IsRoot bool }',
  ],
  [
    '{{ indent "2" "x" }}',
    'template: c/templates/x.yaml:1:10: executing "c/templates/x.yaml" at <"2">: expected integer; found "2"',
  ],
]

for (const [template, why, values] of refusals)
  test(`a template that is refused: ${template}`, () => {
    assert.throws(
      () => render(template, values),
      (error) => {
        assert.equal((error as HelmError).message, why)
        return error instanceof HelmError
      },
    )
  })

test('files of the chart are read, listed and put into objects', () => {
  const more = { 'conf/a.txt': 'A\nB\n', 'conf/b.txt': 'C' }
  assert.equal(
    render('{{ .Files.Get "conf/b.txt" }}{{ range .Files.Lines "conf/a.txt" }}<{{ . }}>{{ end }}', {}, more),
    'C<A><B>',
  )
  assert.equal(render('{{ (.Files.Glob "conf/*").AsSecrets }}', {}, more), 'a.txt: QQpCCg==\nb.txt: Qw==')
  assert.equal(render('{{ range $path, $_ := .Files.Glob "**/a*" }}{{ $path }}{{ end }}', {}, more), 'conf/a.txt')
})

test('what never ends, and what becomes huge, is stopped by the budget of the line', () => {
  for (const template of [
    '{{ define "t" }}{{ include "t" . }}{{ end }}{{ include "t" . }}',
    '{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}',
    '{{ repeat 999999999 "x" }}',
    '{{ until 99999999 }}',
    '{{ range until 199999 }}{{ range until 199999 }}{{ end }}{{ end }}',
    '{{ printf "%999999999d" 1 }}{{ range until 100000 }}{{ repeat 100000 "x" }}{{ end }}',
  ]) {
    const outcome = budgeted(
      5_000_000,
      () => {
        try {
          return render(template)
        } catch (error) {
          if (error instanceof HelmError) return 'refused'
          throw error
        }
      },
      () => 'out of budget',
    )
    assert.match(outcome, /^(refused|out of budget)$/, template)
  }
})

test('chance comes from the stream that is given', () => {
  const [one, other] = [render('{{ randAlphaNum 12 }} {{ uuidv4 }}'), render('{{ randAlphaNum 12 }} {{ uuidv4 }}')]
  assert.equal(one, other)
  assert.match(one, /^[A-Za-z0-9]{12} [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
