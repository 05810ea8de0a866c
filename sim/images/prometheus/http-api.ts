/** What Prometheus answers over HTTP. Source: https://prometheus.io/docs/prometheus/latest/querying/api/ */
import type { HttpRequest, HttpResponse } from '../../network/types.ts'
import { printExposition } from '../../text/metrics-text.ts'
import { response } from '../programs/web-server.ts'
import { parsePrometheusDuration, printPrometheusDuration } from './promql/duration.ts'
import { evaluate, inOrder, inTime, keyOf, printValue, type Value } from './promql/evaluate.ts'
import { parsePromql, typeOf } from './promql/parse.ts'
import { type Labels, type Matcher, type Point, PromqlError, QueryTimeout } from './promql/types.ts'
import { type LiveRule, tellAlert } from './rules.ts'
import type { Scraping } from './scraping.ts'
import type { SeriesStore } from './series-store.ts'

/** Of a range that is asked for. Source: web/api/v1/api.go */
const MOST_POINTS = 11_000

/** What there is to tell of. */
export interface Told {
  readonly version: string
  readonly nowMs: number
  readonly store: SeriesStore
  readonly scraping: Scraping
  readonly rules: readonly LiveRule[]
  readonly intervalMs: number
  readonly configurationText: string
  readonly alertmanagers: readonly string[]
  readonly hasLifecycle: boolean
  /** @returns why the configuration could not be read again */
  reload(): string | undefined
}

class BadData extends Error {
  override readonly name = 'BadData'
}

export function answer(told: Told, request: HttpRequest): HttpResponse {
  const [path, query = ''] = request.path.split('?')
  const page = pages[path]
  if (page) return page(told, request)
  if (!path.startsWith('/api/v1/')) return response(404, '404 page not found\n')
  const parameters = new URLSearchParams(query)
  if (request.method === 'POST')
    for (const [name, value] of new URLSearchParams(request.body ?? '')) parameters.append(name, value)
  try {
    const data = dataOf(told, path.slice('/api/v1/'.length), parameters)
    return data === undefined ? response(404, '404 page not found\n') : json(200, { status: 'success', data })
  } catch (error) {
    if (error instanceof BadData) return json(400, { status: 'error', errorType: 'bad_data', error: error.message })
    if (error instanceof QueryTimeout) return json(503, { status: 'error', errorType: 'timeout', error: error.message })
    if (error instanceof PromqlError)
      return json(422, { status: 'error', errorType: 'execution', error: error.message })
    throw error
  }
}

const json = (status: number, body: object): HttpResponse =>
  response(status, JSON.stringify(body), { 'Content-Type': 'application/json' })

const pages: Readonly<Record<string, (told: Told, request: HttpRequest) => HttpResponse>> = {
  '/': ({ version }) =>
    response(302, `<a href="${version.startsWith('2') ? '/graph' : '/query'}">Found</a>.\n`, {
      Location: version.startsWith('2') ? '/graph' : '/query',
    }),
  '/-/healthy': () => response(200, 'Prometheus Server is Healthy.\n'),
  '/-/ready': () => response(200, 'Prometheus Server is Ready.\n'),
  '/-/reload'(told, { method }) {
    if (!told.hasLifecycle) return response(403, 'Lifecycle API is not enabled.')
    if (method !== 'POST' && method !== 'PUT') return response(405, 'Only POST or PUT requests allowed')
    const problem = told.reload()
    return problem === undefined ? response(200, '') : response(500, `failed to reload config: ${problem}\n`)
  },
  '/metrics': ({ version, store, rules }) =>
    response(
      200,
      printExposition([
        {
          name: 'prometheus_build_info',
          help: 'A metric with a constant value by version.',
          type: 'gauge',
          samples: [{ labels: { version }, value: 1 }],
        },
        {
          name: 'prometheus_tsdb_head_series',
          help: 'Total number of series in the head block.',
          type: 'gauge',
          samples: [{ labels: {}, value: store.count }],
        },
        {
          name: 'prometheus_rule_group_rules',
          help: 'The number of rules.',
          type: 'gauge',
          samples: [{ labels: {}, value: rules.length }],
        },
      ]),
    ),
}

function dataOf(told: Told, path: string, parameters: URLSearchParams): unknown {
  const values = /^label\/([^/]+)\/values$/.exec(path)?.[1]
  if (values !== undefined) {
    const name = decoded(values)
    return [...new Set(labelsOf(told, parameters).flatMap((labels) => labels[name] ?? []))].sort()
  }
  switch (path) {
    case 'query':
      return query(told, parameters)
    case 'query_range':
      return queryRange(told, parameters)
    case 'series':
      if (parameters.getAll('match[]').length === 0) throw new BadData('no match[] parameter provided')
      return labelsOf(told, parameters)
    case 'labels':
      return [...new Set(labelsOf(told, parameters).flatMap((labels) => Object.keys(labels)))].sort()
    case 'targets':
      return targets(told)
    case 'rules':
      return rules(told)
    case 'alerts':
      return {
        alerts: told.rules.flatMap(({ alerts }) =>
          [...alerts.values()].filter(({ state }) => state !== 'inactive').map(tellAlert),
        ),
      }
    case 'alertmanagers':
      return { activeAlertmanagers: told.alertmanagers.map((url) => ({ url })), droppedAlertmanagers: [] }
    case 'status/config':
      return { yaml: told.configurationText }
    case 'status/buildinfo':
      return { version: told.version, revision: '', branch: 'HEAD', buildUser: '', buildDate: '', goVersion: 'go1.24' }
    default:
      return undefined
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new BadData(`invalid label name: ${JSON.stringify(part)}`)
  }
}

function parsed(text: string | null): ReturnType<typeof parsePromql> {
  try {
    return parsePromql(text ?? '')
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error
    const problem = text ? error.message : 'unknown position: parse error: no expression found in input'
    throw new BadData(`invalid parameter "query": ${problem}`)
  }
}

function timeOf(text: string | null, name: string, otherwise?: number): number {
  if (text === null && otherwise !== undefined) return otherwise
  const seconds = Number(text === '' ? Number.NaN : text)
  const ms = Number.isNaN(seconds) ? Date.parse(text ?? '') : seconds * 1000
  if (Number.isNaN(ms))
    throw new BadData(
      `invalid parameter ${JSON.stringify(name)}: cannot parse ${JSON.stringify(text ?? '')} to a valid timestamp`,
    )
  return Math.round(ms)
}

const pairOf = ({ ms, value }: Point): [number, string] => [ms / 1000, printValue(value)]

function query({ store, nowMs, intervalMs }: Told, parameters: URLSearchParams): object {
  const expression = parsed(parameters.get('query'))
  const atMs = timeOf(parameters.get('time'), 'time', nowMs)
  return resultOf(evaluate(expression, { source: store, atMs, intervalMs }), atMs)
}

function resultOf(value: Value, atMs: number): object {
  switch (value.is) {
    case 'scalar':
      return { resultType: 'scalar', result: pairOf({ ms: atMs, value: value.value }) }
    case 'string':
      return { resultType: 'string', result: [atMs / 1000, value.value] }
    case 'vector':
      return {
        resultType: 'vector',
        result: value.samples.map((sample) => ({
          metric: inOrder(sample.labels),
          value: pairOf({ ...sample, ms: atMs }),
        })),
      }
    case 'matrix':
      return {
        resultType: 'matrix',
        result: value.ranges.map(({ labels, points }) => ({ metric: inOrder(labels), values: points.map(pairOf) })),
      }
  }
}

function queryRange({ store, intervalMs }: Told, parameters: URLSearchParams): object {
  const expression = parsed(parameters.get('query'))
  const [startMs, endMs] = [timeOf(parameters.get('start'), 'start'), timeOf(parameters.get('end'), 'end')]
  const text = parameters.get('step') ?? ''
  const stepMs = parsePrometheusDuration(text) ?? Number(text || Number.NaN) * 1000
  if (Number.isNaN(stepMs))
    throw new BadData(`invalid parameter "step": cannot parse ${JSON.stringify(text)} to a valid duration`)
  if (stepMs <= 0)
    throw new BadData(
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  if (endMs < startMs) throw new BadData('invalid parameter "end": end timestamp must not be before start time')
  if ((endMs - startMs) / stepMs > MOST_POINTS)
    throw new BadData(
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    )
  const type = typeOf(expression)
  if (type !== 'scalar' && type !== 'instant vector')
    throw new BadData(
      `invalid parameter "query": invalid expression type ${JSON.stringify(type)} for range query, must be Scalar or instant Vector`,
    )
  const series = new Map<string, { metric: Labels; values: [number, string][] }>()
  inTime(() => {
    for (let ms = startMs; ms <= endMs; ms += stepMs) {
      const value = evaluate(expression, { source: store, atMs: ms, startMs, endMs, intervalMs })
      const samples =
        value.is === 'scalar' ? [{ labels: {}, ms, value: value.value }] : value.is === 'vector' ? value.samples : []
      for (const sample of samples) {
        const key = keyOf(sample.labels)
        const found = series.get(key) ?? { metric: inOrder(sample.labels), values: [] }
        series.set(key, found)
        found.values.push(pairOf({ ms, value: sample.value }))
      }
    }
  })
  return { resultType: 'matrix', result: [...series.values()] }
}

/** Of the series that match one of the selectors, or of all; each once. */
function labelsOf({ store, nowMs }: Told, parameters: URLSearchParams): Labels[] {
  const selectors = parameters.getAll('match[]').map((text): readonly Matcher[] => {
    const expression = parsed(text)
    if (expression.is !== 'selector') throw new BadData(`invalid parameter "match[]": ${text} is no selector`)
    return expression.matchers
  })
  const fromMs = timeOf(parameters.get('start'), 'start', nowMs - 12 * 3_600_000)
  const found = (selectors.length > 0 ? selectors : [[]]).flatMap((matchers) => store.labels(matchers, fromMs))
  return [...new Map(found.map((labels) => [keyOf(labels), inOrder(labels)])).values()]
}

const moment = (ms: number | undefined): string =>
  ms === undefined ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString()

const targets = ({ scraping }: Told): object => ({
  activeTargets: scraping.targets.map(({ job, discovered, labels, url, health, lastError, lastMs, tookMs }) => ({
    discoveredLabels: inOrder(discovered),
    labels: inOrder(labels),
    scrapePool: job.name,
    scrapeUrl: url,
    globalUrl: url,
    lastError,
    lastScrape: moment(lastMs),
    lastScrapeDuration: tookMs / 1000,
    health,
    scrapeInterval: printPrometheusDuration(job.intervalMs),
    scrapeTimeout: printPrometheusDuration(job.timeoutMs),
  })),
  droppedTargets: scraping.dropped.map(({ job, discovered }) => ({
    discoveredLabels: discovered,
    scrapePool: job.name,
  })),
  droppedTargetCounts: Object.fromEntries(
    [...new Set([...scraping.targets, ...scraping.dropped].map(({ job }) => job.name))].map((name) => [
      name,
      scraping.dropped.filter(({ job }) => job.name === name).length,
    ]),
  ),
})

function rules({ rules: all, intervalMs }: Told): object {
  const groups = [...new Set(all.map(({ group }) => group))]
  return {
    groups: groups.map((group) => ({
      name: group.name,
      file: group.file,
      rules: all.filter((one) => one.group === group).map(tellRule),
      interval: (group.intervalMs ?? intervalMs) / 1000,
      limit: 0,
    })),
  }
}

function tellRule({ rule, state, alerts, error, lastMs }: LiveRule): object {
  const shared = {
    ...{ name: rule.name, query: rule.text, labels: rule.labels },
    health: error !== undefined ? 'err' : lastMs === undefined ? 'unknown' : 'ok',
    ...(error === undefined ? {} : { lastError: error }),
    lastEvaluation: moment(lastMs),
    type: rule.kind,
  }
  if (rule.kind === 'recording') return shared
  const active = [...alerts.values()].filter((alert) => alert.state !== 'inactive')
  return {
    state,
    ...shared,
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepMs / 1000,
    annotations: rule.annotations,
    alerts: active.map(tellAlert),
  }
}
