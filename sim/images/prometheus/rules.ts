/** Rules that are worked out again and again: new series, and alerts with their states. Source: rules/{alerting,recording,group}.go of Prometheus */
import { builtinNames, builtins } from '../../go-template/builtins.ts'
import { executeTemplate, TemplateExecError } from '../../go-template/execute.ts'
import { CallError, type GoFunction, goFunction } from '../../go-template/functions.ts'
import { parseTemplate, TemplateParseError } from '../../go-template/parse.ts'
import type { Rule, RuleGroup } from './configuration.ts'
import { parsePrometheusDuration } from './promql/duration.ts'
import { chargeLabels, evaluate, inOrder, keyOf, withoutName } from './promql/evaluate.ts'
import { type Labels, PromqlError, type Sample } from './promql/types.ts'
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

  evaluate(store: SeriesStore, nowMs: number, intervalMs: number, externalLabels: Labels): void {
    this.lastMs = nowMs
    let samples: readonly Sample[]
    try {
      const value = evaluate(this.rule.expression, { source: store, atMs: nowMs, intervalMs })
      if (value.is === 'scalar') samples = [{ labels: {}, ms: nowMs, value: value.value }]
      else if (value.is === 'vector') samples = value.samples
      else throw new PromqlError('rule result is not a vector or scalar')
      this.error = undefined
    } catch (error) {
      if (!(error instanceof PromqlError)) throw error
      this.error = error.message
      return
    }
    const now = this.rule.kind === 'recording' ? this.record(samples) : this.alert(samples, nowMs, externalLabels)
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
    externalLabels: Labels,
  ): Map<string, { labels: Labels; value: number }> {
    const { name, labels: given, annotations, forMs, keepMs } = this.rule
    const seen = new Set<string>()
    for (const sample of samples) {
      const own = withoutName(sample.labels)
      const fill = (text: string): string => filled(text, name, own, externalLabels, sample.value)
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

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E']

function humanize(value: number, base: number, suffix = ''): string {
  if (value === 0 || !Number.isFinite(value)) return `${four(value)}${suffix && ` ${suffix}`}`
  let left = value
  let n = 0
  while (Math.abs(left) >= base && n < prefixes.length - 1) {
    left /= base
    n++
  }
  return `${four(left)}${prefixes[n]}${n > 0 ? suffix : ''}`
}

/** Four digits that count, as `%.4g`. */
function four(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  return String(Number(value.toPrecision(4)))
}

function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return four(seconds)
  if (Math.abs(seconds) < 1) return `${four(seconds * 1000)}ms`
  const whole = Math.floor(Math.abs(seconds))
  const sign = seconds < 0 ? '-' : ''
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ]
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${whole % 60}s`
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${whole % 60}s`
  if (minutes > 0) return `${sign}${minutes}m ${whole % 60}s`
  return `${four(seconds)}s`
}

const own: Readonly<Record<string, GoFunction>> = {
  humanize: goFunction('any', (value: unknown) => humanize(Number(value), 1000)),
  humanize1024: goFunction('any', (value: unknown) => humanize(Number(value), 1024, 'i')),
  humanizeDuration: goFunction('any', (value: unknown) => humanizeDuration(Number(value))),
  humanizePercentage: goFunction('any', (value: unknown) => `${four(Number(value) * 100)}%`),
  humanizeTimestamp: goFunction('any', (value: unknown) => {
    const seconds = Number(value)
    if (!Number.isFinite(seconds)) return four(seconds)
    if (Math.abs(seconds) >= 2 ** 63 / 1e9)
      throw new CallError(`${seconds} cannot be represented as a nanoseconds timestamp since it overflows int64`)
    return new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.000Z', ' +0000 UTC')
  }),
  parseDuration: goFunction('string', (text: string) => {
    const ms = parsePrometheusDuration(text)
    if (ms === undefined) throw new CallError(`not a valid duration string: ${JSON.stringify(text)}`)
    return ms / 1000
  }),
  toUpper: goFunction('string', (text: string) => text.toUpperCase()),
  toLower: goFunction('string', (text: string) => text.toLowerCase()),
  title: goFunction('string', (text: string) => text.replace(/\b\w/g, (char) => char.toUpperCase())),
  stripPort: goFunction('string', (text: string) => text.replace(/:\d+$/, '')),
}
const templateFunctions: ReadonlyMap<string, GoFunction> = new Map([...builtins, ...Object.entries(own)])
const isFunction = (name: string): boolean => builtinNames.has(name) || Object.hasOwn(own, name)

/** Source: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating */
function filled(text: string, name: string, labels: Labels, externalLabels: Labels, value: number): string {
  if (!text.includes('{{')) return text
  const head =
    '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}'
  try {
    const trees = parseTemplate(`__alert_${name}`, `${head}${text}`, isFunction)
    return executeTemplate({ trees, functions: templateFunctions, isStrict: false }, `__alert_${name}`, {
      Labels: labels,
      ExternalLabels: externalLabels,
      ExternalURL: '',
      Value: value,
    })
  } catch (error) {
    if (!(error instanceof TemplateParseError || error instanceof TemplateExecError || error instanceof CallError))
      throw error
    return `<error expanding template: ${error.message}>`
  }
}

/** As the API tells of it. */
export const tellAlert = ({ labels, annotations, state, activeMs, value }: Alert): object => ({
  ...{ labels: inOrder(labels), annotations, state },
  activeAt: new Date(activeMs).toISOString(),
  value: value === 0 ? '0e+00' : value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2'),
})
