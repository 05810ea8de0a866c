/** Alerts: what their annotations say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRules } from '../../../sim/images/prometheus/configuration.ts'
import { LiveRule } from '../../../sim/images/prometheus/rules.ts'
import { SeriesStore } from '../../../sim/images/prometheus/series-store.ts'

/** What an annotation comes to for an alert of the value 1234.5 with the label `pod`. */
function annotation(text: string): string {
  const store = new SeriesStore()
  store.append({ __name__: 'x', pod: 'web:80' }, 1000, 1234.5)
  const rules = `groups: [{name: g, rules: [{alert: A, expr: x > 0, annotations: {said: ${JSON.stringify(text)}}}]}]`
  const [group] = parseRules(rules, 'f')
  const live = new LiveRule(group!.rules[0]!, group!)
  live.evaluate(store, 2000, 60_000, {
    externalLabels: { cluster: 'a' },
    externalUrl: 'http://prometheus:9090',
  })
  return [...live.alerts.values()][0]!.annotations.said!
}

test('annotations are templates of labels and value', () => {
  for (const [text, expected] of [
    ['plain', 'plain'],
    ['{{ $labels.pod }} in {{ $externalLabels.cluster }}: {{ $value }}', 'web:80 in a: 1234.5'],
    ['{{ $value | humanize }}, {{ humanize1024 2048.0 }}, {{ humanizePercentage 0.123 }}', '1.234k, 2ki, 12.3%'],
    ['{{ humanize 0.0012 }} {{ humanize 0.0 }} {{ humanize1024 0.5 }} {{ humanize 1e30 }}', '1.2m 0 0.5 1e+06Y'],
    [
      '{{ humanizeDuration 0.25 }} {{ humanizeDuration 90061.0 }} {{ humanizeDuration "3.5" }}',
      '250ms 1d 1h 1m 1s 3.5s',
    ],
    ['{{ humanizeTimestamp 1435065584.128 }}', '2015-06-23 13:19:44.128 +0000 UTC'],
    ['{{ humanizeTimestamp 1435065584.0 }}', '2015-06-23 13:19:44 +0000 UTC'],
    ['{{ $labels.nothing }}.', '.'],
    ['{{ with query "x" }}{{ . | first | value }} of {{ . | first | label "pod" }}{{ end }}', '1234.5 of web:80'],
    ['{{ range query "x * 2" | sortByLabel "pod" }}{{ .Labels.pod }}={{ .Value }}{{ end }}', 'web:80=2469'],
    ['{{ reReplaceAll "(.*):(.*)" "$2 of $1" $labels.pod }} {{ match "^w" $labels.pod }}', '80 of web true'],
    ['{{ stripDomain "a.b.c:80" }} {{ stripDomain "10.0.0.1:80" }}', 'a:80 10.0.0.1:80'],
    ['{{ externalURL }}{{ graphLink "up == 0" }}', 'http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=0'],
    ['{{ (args 1 "b").arg1 }}', 'b'],
    ['{{ humanizeDuration 3725.0 }} {{ parseDuration "1h2m" }}', '1h 2m 5s 3720'],
    ['{{ $labels.pod | stripPort | toUpper }}', 'WEB'],
  ] as const)
    assert.equal(annotation(text), expected, text)
  assert.match(
    annotation('{{ parseDuration "soon" }}'),
    /^<error expanding template: error executing template __alert_A: template: __alert_A:1:.*not a valid duration string: "soon"/,
  )
  for (const [text, why] of [
    ['{{ nothing }}', /: error parsing template __alert_A: .*function "nothing" not defined/],
    ['{{ query "x" | label "pod" }}', /wrong type for value/],
    ['{{ query "y" | first }}', /first\(\) called on vector with no elements/],
    ['{{ query "x +" }}', /parse error/],
    ['{{ .Nothing }}', /can't evaluate field Nothing in type struct/],
    ['{{ reReplaceAll "(" "" "a" }}', /missing closing \)/],
    ['{{ humanizeTimestamp 1e300 }}', /overflows int64/],
    ['{{ humanize "soon" }}', /invalid syntax/],
  ] as const)
    assert.match(annotation(text), why, text)
})
