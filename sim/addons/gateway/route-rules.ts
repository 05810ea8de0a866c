/**
 * The rules of an HTTPRoute, made ready for requests: what they match, and which of two that match comes first. Pure.
 * Source: sigs.k8s.io/gateway-api v1.6.1, apis/v1/httproute_types.go (HTTPRouteRule.Matches and the types of its parts)
 * Expressions are searched for anywhere, as nginx does, and come behind paths without one: both are left to the implementation.
 */
import { charge, chargeText } from '../../engine/work.ts'
import { perlMatcher } from '../../text/perl-regex.ts'
import { RegexError } from '../../text/regex.ts'
import type { HttpMatch, HttpRoute, HttpRule, NamedMatch } from './types.ts'

/** A request as rules look at it. */
export interface AskedFor {
  method: string
  /** Without the query. */
  path: string
  /** By their names in small letters. */
  headers: ReadonlyMap<string, string>
  /** The first value of each parameter. */
  query: ReadonlyMap<string, string>
}

type Test = (text: string) => boolean

interface NamedTest {
  name: string
  test: Test
}

export interface RouteMatch {
  rule: ReadyRule
  /** The prefix that was asked for, for filters that replace it; '' where there is none. */
  prefix: string
  pathRank: number
  method: string | undefined
  isPath: Test
  headers: readonly NamedTest[]
  query: readonly NamedTest[]
}

export interface ReadyRule {
  route: HttpRoute
  /** Among the rules of the route. */
  index: number
  /** `namespace/name/index` */
  id: string
  rule: HttpRule
}

export interface ReadyRoute {
  matches: readonly RouteMatch[]
  /** Rules that are left out, and why. */
  dropped: readonly { index: number; why: string }[]
}

/** Of routes as they were read, which are never changed. */
const known = new WeakMap<HttpRoute, ReadyRoute>()

export function readyRoute(route: HttpRoute): ReadyRoute {
  const found = known.get(route) ?? readRoute(route)
  known.set(route, found)
  return found
}

function readRoute(route: HttpRoute): ReadyRoute {
  const { metadata, spec } = route
  const matches: RouteMatch[] = []
  const dropped: { index: number; why: string }[] = []
  for (const [index, rule] of (spec.rules ?? []).entries()) {
    const ready: ReadyRule = { route, index, id: `${metadata.namespace}/${metadata.name}/${index}`, rule }
    charge(rule.matches?.length ?? 1)
    const why = unsupportedIn(rule)
    if (why !== undefined) {
      dropped.push({ index, why })
      continue
    }
    try {
      const all = rule.matches?.length ? rule.matches : [{}]
      matches.push(...all.map((match) => readyMatch(ready, match)))
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      dropped.push({ index, why: `spec.rules[${index}].matches: invalid regular expression: ${error.message}` })
    }
  }
  return { matches, dropped }
}

/** A filter that this controller does not know of. */
function unsupportedIn({ filters = [], backendRefs = [] }: HttpRule): string | undefined {
  const all = [...filters, ...backendRefs.flatMap((one) => one.filters ?? [])]
  return all.some(({ type }) => type === 'CORS') ? 'the filter CORS is not supported' : undefined
}

function readyMatch(rule: ReadyRule, { path, method, headers = [], queryParams = [] }: HttpMatch): RouteMatch {
  const { type = 'PathPrefix', value = '/' } = path ?? {}
  const common = {
    rule,
    method,
    headers: firstOfEach(headers, (name) => name.toLowerCase()),
    query: firstOfEach(queryParams, (name) => name),
  }
  if (type === 'Exact') return { ...common, prefix: '', pathRank: EXACT, isPath: (asked) => asked === value }
  if (type === 'RegularExpression') return { ...common, prefix: '', pathRank: -1, isPath: perlMatcher(value) }
  const prefix = value.replace(/\/$/, '')
  const isPath = (asked: string): boolean => asked === prefix || asked.startsWith(`${prefix}/`)
  return { ...common, prefix, pathRank: prefix.length, isPath }
}

const EXACT = 1_000_000

/** Of equal names only the first counts. */
function firstOfEach(named: readonly NamedMatch[], keyOf: (name: string) => string): NamedTest[] {
  const tests = new Map<string, Test>()
  for (const { name, type = 'Exact', value } of named) {
    const key = keyOf(name)
    if (!tests.has(key)) tests.set(key, type === 'Exact' ? (text) => text === value : perlMatcher(value))
  }
  return [...tests].map(([name, test]) => ({ name, test }))
}

/** Which of two matches is asked first: sorts the more exact before the less. */
export function byPrecedence(a: RouteMatch, b: RouteMatch): number {
  return (
    b.pathRank - a.pathRank ||
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    b.headers.length - a.headers.length ||
    b.query.length - a.query.length ||
    byAge(a.rule, b.rule) ||
    a.rule.index - b.rule.index
  )
}

function byAge({ route: a }: ReadyRule, { route: b }: ReadyRule): number {
  const keys = [a, b].map(({ metadata: { creationTimestamp, namespace, name } }) => [
    creationTimestamp,
    `${namespace}/${name}`,
  ])
  for (const at of [0, 1]) if (keys[0][at] !== keys[1][at]) return keys[0][at] < keys[1][at] ? -1 : 1
  return 0
}

export function isMatch({ isPath, method, headers, query }: RouteMatch, asked: AskedFor): boolean {
  chargeText(asked.path.length)
  if (method !== undefined && method !== asked.method) return false
  if (!isPath(asked.path)) return false
  charge(headers.length + query.length)
  const fits =
    (values: ReadonlyMap<string, string>) =>
    ({ name, test }: NamedTest) => {
      const value = values.get(name)
      return value !== undefined && test(value)
    }
  return headers.every(fits(asked.headers)) && query.every(fits(asked.query))
}

/** What the rules ask about a request. */
export function askedFor(method: string, target: string, headers: Readonly<Record<string, string>>): AskedFor {
  chargeText(target.length)
  const [path, ...rest] = target.split('?')
  const query = new Map<string, string>()
  for (const pair of rest.join('?').split('&')) {
    const [name, ...value] = pair.split('=').map(decoded)
    if (name !== '' && !query.has(name)) query.set(name, value.join('='))
  }
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return { method, path, headers: new Map(named), query }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
