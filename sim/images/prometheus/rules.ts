/** Rules that are worked out again and again: new series, and alerts with their states. Source: rules/{alerting,recording,group}.go of Prometheus */
import { type AlertContext, fillAlertTemplate } from './alert-templates.ts'
import type { Rule, RuleGroup } from './configuration.ts'
import { chargeLabels, evaluate, inOrder, keyOf, withoutName } from './promql/evaluate.ts'
import { parsePromql } from './promql/parse.ts'
import { type Expression, type Labels, PromqlError, type Sample } from './promql/types.ts'
import type { SeriesStore } from './series-store.ts'

/** How long a firing alert that has ended is told of. */
const RESOLVED_KEPT_MS = 15 * 60_000

export interface Alert {
  readonly labels: Labels
  readonly annotations: Labels
  readonly state: 'pending' | 'firing' | 'inactive'
  readonly activeMs: number
  readonly firedMs: number | undefined
  readonly resolvedMs: number | undefined
  readonly value: number
}

/** What is the same for all alerts of a server. */
type Outside = Pick<AlertContext, 'externalLabels' | 'externalUrl'>

/** A rule with what it came to last. */
export class LiveRule {
  readonly rule: Rule
  readonly group: RuleGroup
  alerts = new Map<string, Alert>()
  error: string | undefined
  lastMs: number | undefined
  /** What it wrote last, so that what it does not write any more is gone. */
  private written = new Map<string, Labels>()

  constructor(rule: Rule, group: RuleGroup) {
    this.rule = rule
    this.group = group
  }

  get state(): Alert['state'] {
    const states = [...this.alerts.values()].map(({ state }) => state)
    return states.includes('firing') ? 'firing' : states.includes('pending') ? 'pending' : 'inactive'
  }

  evaluate(store: SeriesStore, nowMs: number, intervalMs: number, outside: Outside): void {
    this.lastMs = nowMs
    const worked = (expression: Expression): readonly Sample[] => {
      const value = evaluate(expression, { source: store, atMs: nowMs, intervalMs })
      if (value.is === 'scalar') return [{ labels: {}, ms: nowMs, value: value.value }]
      if (value.is === 'vector') return value.samples
      throw new PromqlError('rule result is not a vector or scalar')
    }
    let samples: readonly Sample[]
    try {
      samples = worked(this.rule.expression)
      this.error = undefined
    } catch (error) {
      if (!(error instanceof PromqlError)) throw error
      this.error = error.message
      return
    }
    const ask = (query: string): readonly Sample[] => worked(parsePromql(query))
    const now = this.rule.kind === 'recording' ? this.record(samples) : this.alert(samples, nowMs, { ...outside, ask })
    for (const [key, labels] of this.written) if (!now.has(key)) store.append(labels, nowMs, undefined)
    for (const { labels, value } of now.values()) store.append(labels, nowMs, value)
    this.written = new Map([...now].map(([key, { labels }]) => [key, labels]))
  }

  private record(samples: readonly Sample[]): Map<string, { labels: Labels; value: number }> {
    const { name, labels: given } = this.rule
    return new Map(
      samples.map((sample) => {
        const labels = notEmpty({ ...sample.labels, ...given, __name__: name })
        return [keyOf(labels), { labels, value: sample.value }]
      }),
    )
  }

  private alert(
    samples: readonly Sample[],
    nowMs: number,
    context: Outside & Pick<AlertContext, 'ask'>,
  ): Map<string, { labels: Labels; value: number }> {
    const { name, labels: given, annotations, forMs, keepMs } = this.rule
    const seen = new Set<string>()
    for (const sample of samples) {
      const own = withoutName(sample.labels)
      const fill = (text: string): string =>
        fillAlertTemplate(text, { ...context, alert: name, labels: own, value: sample.value })
      const labels = notEmpty({ ...own, ...mapped(given, fill), alertname: name })
      chargeLabels(4 * Object.keys(labels).length)
      const key = keyOf(labels)
      seen.add(key)
      const before = this.alerts.get(key)
      const isNew = !before || before.state === 'inactive'
      const activeMs = isNew ? nowMs : before.activeMs
      const isFiring = (!isNew && before.state === 'firing') || nowMs - activeMs >= forMs
      this.alerts.set(key, {
        labels,
        annotations: mapped(annotations, fill),
        state: isFiring ? 'firing' : 'pending',
        activeMs,
        firedMs: isFiring ? (isNew ? nowMs : (before.firedMs ?? nowMs)) : undefined,
        resolvedMs: undefined,
        value: sample.value,
      })
    }
    for (const [key, alert] of this.alerts) {
      if (seen.has(key)) continue
      if (alert.state === 'pending') this.alerts.delete(key)
      else if (alert.state === 'firing' && nowMs - (this.endedMs.get(key) ?? this.ended(key, nowMs)) >= keepMs)
        this.alerts.set(key, { ...alert, state: 'inactive', resolvedMs: nowMs })
      else if (alert.state === 'inactive' && nowMs - (alert.resolvedMs ?? 0) > RESOLVED_KEPT_MS) this.alerts.delete(key)
    }
    for (const key of seen) this.endedMs.delete(key)
    const written = new Map<string, { labels: Labels; value: number }>()
    for (const { labels, state, activeMs } of this.alerts.values()) {
      if (state === 'inactive') continue
      for (const [series, value] of [
        [{ ...labels, __name__: 'ALERTS', alertstate: state }, 1],
        [{ ...labels, __name__: 'ALERTS_FOR_STATE' }, Math.floor(activeMs / 1000)],
      ] as const)
        written.set(keyOf(series), { labels: series, value })
    }
    return written
  }

  /** Since when a firing alert is not true any more. */
  private readonly endedMs = new Map<string, number>()

  private ended(key: string, nowMs: number): number {
    this.endedMs.set(key, nowMs)
    return nowMs
  }
}

function notEmpty(labels: Labels): Labels {
  const entries = Object.entries(labels)
  chargeLabels(entries.length)
  return Object.fromEntries(entries.filter(([, value]) => value !== ''))
}

function mapped(labels: Labels, fill: (text: string) => string): Labels {
  const entries = Object.entries(labels)
  chargeLabels(entries.length)
  return Object.fromEntries(entries.map(([name, text]) => [name, fill(text)]))
}

/** As the API tells of it. */
export const tellAlert = ({ labels, annotations, state, activeMs, value }: Alert): object => ({
  ...{ labels: inOrder(labels), annotations, state },
  activeAt: new Date(activeMs).toISOString(),
  value: value === 0 ? '0e+00' : value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2'),
})
