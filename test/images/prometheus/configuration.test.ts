/** Files of Prometheus: what is wrong in one is told as Prometheus tells it, and nothing is taken for something else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfiguration, parseRules } from '../../../sim/images/prometheus/configuration.ts'
import { ExpositionError, parseExposition } from '../../../sim/images/prometheus/exposition.ts'
import { relabel } from '../../../sim/images/prometheus/relabel.ts'
import { printExposition } from '../../../sim/text/metrics-text.ts'

test('a configuration has defaults where it says nothing, or nothing of use', () => {
  const { jobs, evaluationMs } = parseConfiguration(
    'global: {scrape_interval: 0s}\nscrape_configs:\n- job_name: a\n- {job_name: b, scrape_interval: 5s, params: {x: [1, 2]}}\n',
  )
  assert.equal(evaluationMs, 60_000)
  assert.deepEqual(
    jobs.map(({ name, intervalMs, timeoutMs, path, scheme }) => [name, intervalMs, timeoutMs, path, scheme]),
    [
      ['a', 60_000, 10_000, '/metrics', 'http'],
      ['b', 5000, 5000, '/metrics', 'http'],
    ],
  )
  assert.deepEqual(jobs[1]!.parameters, { x: ['1', '2'] })
  assert.deepEqual(parseConfiguration('').jobs, [])
})

test('what is wrong in a configuration is named', () => {
  for (const [text, message] of [
    ['scrape_config: []', /field scrape_config not found in type config\.plain/],
    ['global: {interval: 5s}', /field interval not found in type config\.plainGlobal/],
    ['scrape_configs: [{job_name: a}, {job_name: a}]', 'found multiple scrape configs with job name "a"'],
    ['scrape_configs: [{}]', 'job_name is empty'],
    ['scrape_configs: [{job_name: a, scrape_interval: 5x}]', 'not a valid duration string: "5x"'],
    [
      'scrape_configs: [{job_name: a, scrape_interval: 5s, scrape_timeout: 6s}]',
      /scrape timeout greater than scrape interval .* "a"/,
    ],
    ['scrape_configs: [{job_name: a, kubernetes_sd_configs: [{role: pods}]}]', /unknown Kubernetes SD role "pods"/],
    ['scrape_configs: [{job_name: a, relabel_configs: [{action: kep}]}]', 'unknown relabel action "kep"'],
    ['scrape_configs: [{job_name: a, relabel_configs: [{action: keep, regex: "("}]}]', /missing closing \)/],
    ['scrape_configs: [{job_name: a, relabel_configs: [{regex: "(.*)"}]}]', /replace action requires 'target_label'/],
    ['a: [1', /^yaml: line 1: /],
    ['a: &a [*a]\nb: *c', /yaml: .*c/],
    [`a: &a [x]\nb: [${'*a,'.repeat(200)}]`, /yaml: .*alias/i],
    ['scrape_configs: 5', /scrape_configs: expected a list/],
  ] as const)
    assert.throws(() => parseConfiguration(text), { name: 'ConfigurationError', message }, text)
})

test('rules are refused with their group and number', () => {
  const rule = (text: string): string => `groups:\n- name: g\n  rules:\n  - ${text}\n`
  for (const [text, message] of [
    ['groups: [{name: g}, {name: g}]', 'groupname: "g" is repeated in the same file'],
    ['groups: [{rules: []}]', 'Groupname must not be empty'],
    ['group: []', /field group not found/],
    [
      rule('{alert: A, expr: "up ="}'),
      /group "g", rule 1, "A": could not parse expression: 1:4: parse error: unexpected "="/,
    ],
    [rule('{alert: A}'), /field 'expr' must be set in rule/],
    [rule('{expr: up}'), /one of 'record' or 'alert' must be set/],
    [rule('{record: a-b, expr: up}'), /invalid recording rule name: a-b/],
    [rule('{record: a, expr: up, for: 5m}'), /invalid field 'for' in recording rule/],
    [rule('{alert: A, expr: up, label: {}}'), /field label not found in type rulefmt\.Rule/],
    [rule('{alert: A, expr: up, for: soon}'), 'not a valid duration string: "soon"'],
  ] as const)
    assert.throws(() => parseRules(text, 'f'), { name: 'ConfigurationError', message }, text)
  const [group] = parseRules(
    'groups: [{name: g, interval: 0s, labels: {team: a}, rules: [{alert: A, expr: up == 0, for: 5m, labels: {severity: x}}]}]',
    'f',
  )
  assert.deepEqual(
    [group!.intervalMs, group!.rules[0]!.forMs, group!.rules[0]!.labels],
    [undefined, 300_000, { team: 'a', severity: 'x' }],
  )
  assert.deepEqual(parseRules('', 'f'), [])
})

test('labels are made anew in the order of the rules', () => {
  const rules = (text: string) =>
    parseConfiguration(`scrape_configs: [{job_name: a, relabel_configs: ${text}}]`).jobs[0]!.relabelings
  const given = { __address__: '10.0.0.1:80', a: 'x', b: 'y' }
  for (const [text, expected] of [
    ['[{source_labels: [a, b], target_label: c}]', { ...given, c: 'x;y' }],
    [
      '[{source_labels: [__address__], regex: "(.*):.*", target_label: host, replacement: "h-$1"}]',
      { ...given, host: 'h-10.0.0.1' },
    ],
    ['[{source_labels: [a], regex: z, target_label: c}]', given],
    ['[{source_labels: [a], target_label: b, replacement: ""}]', { __address__: '10.0.0.1:80', a: 'x' }],
    ['[{source_labels: [a], regex: x, action: drop}]', undefined],
    ['[{source_labels: [a], regex: z, action: keep}]', undefined],
    ['[{regex: "(a)", replacement: "of_$1", action: labelmap}]', { ...given, of_a: 'x' }],
    ['[{regex: "a|b", action: labeldrop}]', { __address__: '10.0.0.1:80' }],
    ['[{regex: "a", action: labelkeep}]', { a: 'x' }],
    ['[{source_labels: [a], target_label: a, action: uppercase}]', { ...given, a: 'X' }],
    ['[{source_labels: [a], target_label: b, action: keepequal}]', undefined],
  ] as const)
    assert.deepEqual(relabel(given, rules(text)), expected, text)
})

test('labels that double themselves rule by rule are dropped before they have no end', () => {
  const text = Array.from({ length: 60 }, () => '{source_labels: [a], target_label: a, replacement: "$1$1"}').join(', ')
  const [job] = parseConfiguration(`scrape_configs: [{job_name: a, relabel_configs: [${text}]}]`).jobs
  assert.equal(relabel({ a: 'x' }, job!.relabelings), undefined)
  const names = Array.from({ length: 60 }, () => '{regex: "(a.*)", replacement: "$1$1", action: labelmap}').join(', ')
  const [other] = parseConfiguration(`scrape_configs: [{job_name: a, relabel_configs: [${names}]}]`).jobs
  assert.equal(relabel({ a: 'x' }, other!.relabelings), undefined)
})

test('a page of metrics is read, and one that is none says where', () => {
  assert.deepEqual(
    parseExposition(
      '# HELP a b\n# TYPE a counter\na{x="1",y="a \\"b\\" \\\\ \\n"} 1.5e3 1700000000\nb +Inf\nc NaN\n\n',
    ),
    [
      { labels: { __name__: 'a', x: '1', y: 'a "b" \\ \n' }, value: 1500 },
      { labels: { __name__: 'b' }, value: Number.POSITIVE_INFINITY },
      { labels: { __name__: 'c' }, value: Number.NaN },
    ],
  )
  for (const text of ['<html>\n', 'a{x=1} 2\n', 'a{x="1" 2\n', 'a one\n', 'a\n', '1a 2\n'])
    assert.throws(() => parseExposition(text), ExpositionError, text)
  // Long runs of blanks, and texts of many parts, are looked at once.
  const blanks = ' '.repeat(200_000)
  for (const text of [
    `a${blanks}x y`,
    `a 1${blanks}x`,
    `a{${blanks}x`,
    `a{x="${'\\\\'.repeat(500_000)}`,
    `a{x="1"${blanks}x`,
  ])
    assert.throws(() => parseExposition(`${text}\n`), ExpositionError)
  assert.deepEqual(parseExposition(`a{ } 1\nb{x = "1" , }${blanks}2 # {id="3"} 4\n`), [
    { labels: { __name__: 'a' }, value: 1 },
    { labels: { __name__: 'b', x: '1' }, value: 2 },
  ])
  const printed = printExposition([
    { name: 'a', help: 'Of a.', type: 'gauge', samples: [{ labels: { x: 'q"\\\n' }, value: 2 }] },
  ])
  assert.equal(printed, '# HELP a Of a.\n# TYPE a gauge\na{x="q\\"\\\\\\n"} 2\n')
  assert.deepEqual(parseExposition(printed), [{ labels: { __name__: 'a', x: 'q"\\\n' }, value: 2 }])
})
