/**
 * Labels and annotations of alerts, which are templates of Go with functions of their own. Simplified: `tmpl`, `toTime` and `urlQueryEscape`
 * are left out. Sources: https://prometheus.io/docs/prometheus/latest/configuration/template_reference/; template/template.go
 */
import { chargeText } from '../../engine/work.ts'
import { builtinNames, builtins, escapeQuery } from '../../go-template/builtins.ts'
import { executeTemplate, TemplateExecError } from '../../go-template/execute.ts'
import { sprintf } from '../../go-template/format.ts'
import { CallError, type GoFunction, goFunction } from '../../go-template/functions.ts'
import { parseTemplate, TemplateParseError } from '../../go-template/parse.ts'
import { type GoMap, GoStruct } from '../../go-template/values.ts'
import { compileGoRegexp, expandGroups } from '../../text/go-regexp.ts'
import { compilePerlRegex } from '../../text/perl-regex.ts'
import { RegexError } from '../../text/regex.ts'
import { parsePrometheusDuration } from './promql/duration.ts'
import { type Labels, PromqlError, type Sample } from './promql/types.ts'

/** What a template of an alert can speak of. */
export interface AlertContext {
  readonly alert: string
  readonly labels: Labels
  readonly externalLabels: Labels
  readonly externalUrl: string
  readonly value: number
  /** Works a question out at the moment of the alert. @throws PromqlError */
  ask(query: string): readonly Sample[]
}

const large = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
const binary = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi']
const small = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y']

/** Four digits that count. */
const four = (value: number): string => sprintf('%.4g', [value])

/** With the largest prefix of a list that leaves one or more, or none. */
function prefixed(value: number, base: number, prefixes: readonly string[]): string {
  let left = value
  let prefix = ''
  for (const next of prefixes) {
    if (Math.abs(left) < base) break
    prefix = next
    left /= base
  }
  return `${four(left)}${prefix}`
}

function prefixedSmall(value: number): string {
  let left = value
  let prefix = ''
  for (const next of small) {
    if (Math.abs(left) >= 1) break
    prefix = next
    left *= 1000
  }
  return `${four(left)}${prefix}`
}

function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return four(value)
  return Math.abs(value) >= 1 ? prefixed(value, 1000, large) : prefixedSmall(value)
}

const humanize1024 = (value: number): string =>
  Math.abs(value) <= 1 || !Number.isFinite(value) ? four(value) : prefixed(value, 1024, binary)

function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return four(value)
  if (value === 0) return '0s'
  if (Math.abs(value) < 1) return `${prefixedSmall(value)}s`
  const sign = value < 0 ? '-' : ''
  const whole = Math.floor(Math.abs(value))
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24]
  const [minutes, seconds] = [Math.floor(whole / 60) % 60, whole % 60]
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${seconds}s`
  if (minutes > 0) return `${sign}${minutes}m ${seconds}s`
  return `${sign}${four(Math.abs(value))}s`
}

function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return four(seconds)
  if (Math.abs(seconds) >= 2 ** 63 / 1e9)
    throw new CallError(`${seconds} cannot be represented as a nanoseconds timestamp since it overflows int64`)
  const [date, time] = new Date(seconds * 1000).toISOString().split(/[TZ]/)
  return `${date} ${time!.replace(/\.?0+$/, (zeros) => (zeros.includes('.') ? '' : zeros))} +0000 UTC`
}

/** A number, or a text that is one. @throws CallError */
function numberOf(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (typeof value === 'string' && (!Number.isNaN(number) || value === 'NaN')) return number
  if (typeof value === 'string')
    throw new CallError(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`)
  throw new CallError(`can't convert ${typeof value} to float`)
}

const ofNumber = (print: (value: number) => string): GoFunction =>
  goFunction('any', (value: unknown) => print(numberOf(value)))

/** Without the domain of a host that is no address; a port stays. */
function stripDomain(hostPort: string): string {
  const [, host = hostPort, port] = /^(.*):(\d+)$/.exec(hostPort) ?? []
  if (/^[\d.]+$|:/.test(host)) return hostPort
  return `${host.split('.')[0]}${port === undefined ? '' : `:${port}`}`
}

function sampleOf(value: unknown): { readonly Labels: GoMap; readonly Value: number } {
  if (value instanceof GoStruct && value.type === 'template.sample')
    return value.fields as { Labels: GoMap; Value: number }
  throw new CallError('wrong type for value; expected *template.sample')
}

const listOf = (value: unknown): readonly unknown[] => {
  if (!Array.isArray(value)) throw new CallError('wrong type for value; expected template.queryResult')
  return value
}

const labelOf = (name: string, sample: unknown): string => {
  const { Labels } = sampleOf(sample)
  return Object.hasOwn(Labels, name) ? String(Labels[name]) : ''
}

/** @throws CallError for what is no expression, or takes too long */
function replaceAll(pattern: string, replacement: string, text: string): string {
  compileGoRegexp(pattern, (why) => {
    throw new CallError(`regexp: Compile(${JSON.stringify(pattern)}): ${why}`)
  })
  try {
    let found = ''
    let from = 0
    for (const { index, end, groups } of compilePerlRegex(pattern).matches(text)) {
      const filled = expandGroups(replacement, groups)
      found += text.slice(from, index) + filled
      chargeText(filled.length + end - from)
      from = end
    }
    return found + text.slice(from)
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    throw new CallError(error.message)
  }
}

const common: Readonly<Record<string, GoFunction>> = {
  humanize: ofNumber(humanize),
  humanize1024: ofNumber(humanize1024),
  humanizeDuration: ofNumber(humanizeDuration),
  humanizePercentage: ofNumber((value) => `${four(value * 100)}%`),
  humanizeTimestamp: ofNumber(humanizeTimestamp),
  parseDuration: goFunction('string', (text: string) => {
    const ms = parsePrometheusDuration(text)
    if (ms === undefined) throw new CallError(`not a valid duration string: ${JSON.stringify(text)}`)
    return ms / 1000
  }),
  toUpper: goFunction('string', (text: string) => text.toUpperCase()),
  toLower: goFunction('string', (text: string) => text.toLowerCase()),
  title: goFunction('string', (text: string) => text.replace(/\b\w/g, (char) => char.toUpperCase())),
  stripPort: goFunction('string', (text: string) => text.replace(/:\d+$/, '')),
  stripDomain: goFunction('string', stripDomain),
  match: goFunction('string string', (pattern: string, text: string) =>
    compileGoRegexp(pattern, (why) => {
      throw new CallError(why)
    })(text),
  ),
  reReplaceAll: goFunction('string string string', replaceAll),
  safeHtml: goFunction('string', (text: string) => text),
  args: goFunction('any...', (...values: unknown[]) =>
    Object.fromEntries(values.map((value, n) => [`arg${n}`, value])),
  ),
  first: goFunction('any', (list: unknown) => {
    const [one] = listOf(list)
    if (one === undefined) throw new CallError('first() called on vector with no elements')
    return one
  }),
  label: goFunction('string any', labelOf),
  value: goFunction('any', (sample: unknown) => sampleOf(sample).Value),
  strvalue: goFunction('any', (sample: unknown) => labelOf('__value__', sample)),
  sortByLabel: goFunction('string any', (name: string, list: unknown) =>
    listOf(list)
      .map((sample) => ({ sample, text: labelOf(name, sample) }))
      .sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))
      .map(({ sample }) => sample),
  ),
  graphLink: goFunction('string', (query: string) => `/graph?g0.expr=${escapeQuery(query)}&g0.tab=0`),
  tableLink: goFunction('string', (query: string) => `/graph?g0.expr=${escapeQuery(query)}&g0.tab=1`),
}
const ownNames = new Set([...Object.keys(common), 'query', 'externalURL', 'pathPrefix'])
const isFunction = (name: string): boolean => builtinNames.has(name) || ownNames.has(name)

const functionsOf = ({ ask, externalUrl }: AlertContext): ReadonlyMap<string, GoFunction> =>
  new Map([
    ...builtins,
    ...Object.entries(common),
    ['externalURL', goFunction('', () => externalUrl)],
    ['pathPrefix', goFunction('', () => '')],
    [
      'query',
      goFunction('string', (query: string) => {
        try {
          return ask(query).map(
            ({ labels, value }) => new GoStruct('template.sample', { Labels: { ...labels }, Value: value }),
          )
        } catch (error) {
          if (!(error instanceof PromqlError)) throw error
          throw new CallError(error.message)
        }
      }),
    ],
  ])

const head =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}'
const dataType =
  'struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }'

/** @returns what the template comes to, or in angle brackets why it does not */
export function fillAlertTemplate(text: string, context: AlertContext): string {
  if (!text.includes('{{')) return text
  const name = `__alert_${context.alert}`
  const failed = (doing: string, { message }: Error): string =>
    `<error expanding template: error ${doing} template ${name}: ${message}>`
  try {
    const trees = parseTemplate(name, `${head}${text}`, isFunction)
    const data = new GoStruct(dataType, {
      Labels: context.labels,
      ExternalLabels: context.externalLabels,
      ExternalURL: context.externalUrl,
      Value: context.value,
    })
    return executeTemplate({ trees, functions: functionsOf(context), isStrict: false, missing: '' }, name, data)
  } catch (error) {
    if (error instanceof TemplateParseError) return failed('parsing', error)
    if (error instanceof TemplateExecError || error instanceof CallError) return failed('executing', error)
    throw error
  }
}
