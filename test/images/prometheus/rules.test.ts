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
  live.evaluate(store, 2000, 60_000, { cluster: 'a' })
  return [...live.alerts.values()][0]!.annotations.said!
}

test('annotations are templates of labels and value', () => {
  for (const [text, expected] of [
    ['plain', 'plain'],
    ['{{ $labels.pod }} in {{ $externalLabels.cluster }}: {{ $value }}', 'web:80 in a: 1234.5'],
    ['{{ $value | humanize }}, {{ humanize1024 2048.0 }}, {{ humanizePercentage 0.123 }}', '1.234k, 2ki, 12.3%'],
    ['{{ humanizeDuration 3725.0 }} {{ parseDuration "1h2m" }}', '1h 2m 5s 3720'],
    ['{{ $labels.pod | stripPort | toUpper }}', 'WEB'],
  ] as const)
    assert.equal(annotation(text), expected, text)
  assert.match(
    annotation('{{ parseDuration "soon" }}'),
    /^<error expanding template: .*not a valid duration string: "soon"/,
  )
  assert.match(annotation('{{ nothing }}'), /^<error expanding template: /)
})
