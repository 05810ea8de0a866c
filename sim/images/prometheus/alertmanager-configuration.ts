/** What Alertmanager is told, and the way that an alert takes by it. Source: https://prometheus.io/docs/alerting/latest/configuration/ */
import { isMap } from '../../api/meta/go-json.ts'
import { charge } from '../../engine/work.ts'
import { parseMatcher, refuse } from './matcher.ts'
import { parsePrometheusDuration } from './promql/duration.ts'
import { isMatchedBy } from './promql/parse.ts'
import type { Labels, Matcher } from './promql/types.ts'
import { readYaml } from './yaml.ts'

export interface Route {
  readonly receiver: string
  readonly matchers: readonly Matcher[]
  readonly groupBy: readonly string[]
  readonly waitMs: number
  readonly intervalMs: number
  readonly repeatMs: number
  readonly goesOn: boolean
  readonly routes: readonly Route[]
  /** `{}/{severity="critical"}` */
  readonly key: string
}

interface Receiver {
  readonly name: string
  readonly webhooks: readonly { readonly url: string; readonly sendsResolved: boolean }[]
  /** Others, by what they are: `slack`, `email`. */
  readonly others: readonly string[]
}

interface Inhibition {
  readonly source: readonly Matcher[]
  readonly target: readonly Matcher[]
  readonly equal: readonly string[]
}

export interface AlertmanagerConfiguration {
  readonly route: Route
  /** By their names. */
  readonly receivers: ReadonlyMap<string, Receiver>
  readonly inhibitions: readonly Inhibition[]
}

export type Fields = Readonly<Record<string, unknown>>
export const mapOf = (value: unknown): Fields => (isMap(value) ? (value as Fields) : {})
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const msOf = (value: unknown, otherwise: number): number =>
  value === undefined
    ? otherwise
    : (parsePrometheusDuration(String(value)) ??
      refuse(`not a valid duration string: ${JSON.stringify(String(value))}`))

const printMatcher = ({ label, op, value }: Matcher): string => `${label}${op}${JSON.stringify(value)}`
export function isMatched(matchers: readonly Matcher[], labels: Labels): boolean {
  charge(1 + matchers.length)
  return matchers.every((matcher) => isMatchedBy(matcher)(labels[matcher.label] ?? ''))
}

const matchersOf = (fields: Fields, suffix = ''): Matcher[] => [
  ...listOf(fields[`${suffix}matchers`]).map((text) => parseMatcher(String(text))),
  ...Object.entries(mapOf(fields[`${suffix}match`])).map(
    ([label, value]): Matcher => ({ label, op: '=', value: String(value) }),
  ),
  ...Object.entries(mapOf(fields[`${suffix}match_re`])).map(
    ([label, value]): Matcher => ({ label, op: '=~', value: String(value) }),
  ),
]

/** @throws ConfigurationRefused */
export function parseAlertmanager(text: string): AlertmanagerConfiguration {
  const read = readYaml(text)
  if ('error' in read) return refuse(read.error)
  const fields = mapOf(read.value)
  const known = ['global', 'templates', 'route', 'receivers', 'inhibit_rules', 'mute_time_intervals', 'time_intervals']
  const stranger = Object.keys(fields).find((name) => !known.includes(name))
  if (stranger !== undefined) refuse(`yaml: unmarshal errors:\n  field ${stranger} not found in type config.plain`)
  if (!isMap(fields.route)) refuse('no routes provided')
  const receivers = listOf(fields.receivers).map((one): Receiver => {
    const { name, webhook_configs: webhooks, ...others } = mapOf(one)
    if (typeof name !== 'string' || name === '') return refuse('missing name in receiver')
    return {
      name,
      webhooks: listOf(webhooks).map((hook) => {
        const { url, send_resolved: sends } = mapOf(hook)
        return {
          url: typeof url === 'string' ? url : refuse('one of url or url_file must be configured'),
          sendsResolved: sends !== false,
        }
      }),
      others: Object.keys(others).map((key) => key.replace(/_configs$/, '')),
    }
  })
  const names = new Set<string>()
  for (const { name } of receivers) {
    if (names.has(name)) refuse(`notification config name ${JSON.stringify(name)} is not unique`)
    names.add(name)
  }
  const root = mapOf(fields.route)
  if (matchersOf(root).length > 0) refuse('root route must not have any matchers')
  if (!root.receiver) refuse('root route must specify a default receiver')
  const route = routeOf(root, undefined)
  const check = (one: Route): void => {
    if (!names.has(one.receiver)) refuse(`undefined receiver ${JSON.stringify(one.receiver)} used in route`)
    one.routes.forEach(check)
  }
  check(route)
  return {
    route,
    receivers: new Map(receivers.map((receiver) => [receiver.name, receiver])),
    inhibitions: listOf(fields.inhibit_rules).map((one) => {
      const rule = mapOf(one)
      return {
        source: matchersOf(rule, 'source_'),
        target: matchersOf(rule, 'target_'),
        equal: listOf(rule.equal).map(String),
      }
    }),
  }
}

function routeOf(fields: Fields, parent: Route | undefined): Route {
  const matchers = matchersOf(fields)
  const own: Route = {
    receiver: String(fields.receiver ?? parent?.receiver ?? ''),
    matchers,
    groupBy: fields.group_by === undefined ? (parent?.groupBy ?? []) : listOf(fields.group_by).map(String),
    waitMs: msOf(fields.group_wait, parent?.waitMs ?? 30_000),
    intervalMs: msOf(fields.group_interval, parent?.intervalMs ?? 300_000),
    repeatMs: msOf(fields.repeat_interval, parent?.repeatMs ?? 4 * 3_600_000),
    goesOn: fields.continue === true,
    key: `${parent ? `${parent.key}/` : ''}{${matchers.map(printMatcher).join(',')}}`,
    routes: [],
  }
  if (own.intervalMs <= 0) refuse('group_interval cannot be zero')
  if (own.repeatMs <= 0) refuse('repeat_interval cannot be zero')
  return { ...own, routes: listOf(fields.routes).map((one) => routeOf(mapOf(one), own)) }
}

/** The routes that an alert takes: the deepest of the first that fits, and of the next ones where it says to go on. */
export function routesFor(route: Route, labels: Labels): Route[] {
  if (!isMatched(route.matchers, labels)) return []
  const found: Route[] = []
  for (const child of route.routes) {
    const below = routesFor(child, labels)
    for (const one of below) found.push(one)
    if (below.length > 0 && !child.goesOn) break
  }
  return found.length > 0 ? found : [route]
}
