/**
 * How a Gateway's proxy answers a request: by the match that it belongs to, its filters, and its backends. Simplified: the name that a client gives for
 * TLS is that of its request, so that none is misdirected.
 */
import type { Engine } from '../../engine/engine.ts'
import type { HttpRequest, HttpResponse, NetworkNamespace, Reply } from '../../network/types.ts'
import { errorPage, hostOf, redirectPage } from '../nginx.ts'
import type { Endpoint } from '../service-endpoints.ts'
import type { Backend } from './backends.ts'
import { durationMs } from './durations.ts'
import { modifierOf, modifyHeaders, modifyPath, redirectLocation } from './filters.ts'
import { askedFor, type RouteMatch } from './route-rules.ts'
import { findMatch, listenerFor, type ServedPort } from './servers.ts'
import type { BackendRef, Filter, MirrorFilter } from './types.ts'
import { isInShare, nextByWeight } from './weights.ts'

export interface ProxyParts {
  engine: Engine
  upstream: Pick<NetworkNamespace, 'http'>
  /** Where a reference of an HTTPRoute leads to, as of now. */
  resolve(reference: BackendRef, namespace: string): Backend
  /** Ready endpoints behind a Service's port. */
  endpointsOf(backend: Extract<Backend, { service: object }>): readonly Endpoint[]
  /** Whose turn it is, by what takes turns. */
  turns: Map<string, number[]>
}

/** proxy_read_timeout and the like. */
const UPSTREAM_TIMEOUT_MS = 60_000

/** A request on its way through the proxy. */
interface Passage {
  parts: ProxyParts
  match: RouteMatch
  /** As it is passed on. */
  request: HttpRequest
  filters: readonly Filter[]
  /** By when the client has to have an answer. */
  deadlineMs: number
  reply(response: HttpResponse): void
}

export function answer(parts: ProxyParts, port: ServedPort, request: HttpRequest, reply: Reply): void {
  const host = hostOf(request)
  const listener = listenerFor(port, host)
  const match = listener && findMatch(listener, host, askedFor(request.method, request.path, request.headers))
  if (!match) {
    reply(errorPage(404))
    return
  }
  const filters = match.rule.rule.filters ?? []
  const redirect = filters.find(({ requestRedirect }) => requestRedirect)?.requestRedirect
  const withFilters = (response: HttpResponse): HttpResponse => ({
    ...response,
    headers: modifyHeaders(response.headers, modifierOf(filters, 'responseHeaderModifier')),
  })
  if (redirect) {
    const incoming = { scheme: port.isTls ? 'https' : 'http', host, port: port.port, target: request.path }
    const location = redirectLocation(redirect, incoming, match.prefix)
    reply(withFilters(redirectPage(redirect.statusCode ?? 302, location)))
    return
  }
  const passed = forwarded(request, { host, port: port.port, isTls: port.isTls })
  const { timeouts } = match.rule.rule
  const limitMs = durationMs(timeouts?.request) ?? Number.POSITIVE_INFINITY
  const deadlineMs = parts.engine.nowMs + limitMs
  const passage: Passage = {
    parts,
    match,
    request: passed,
    filters,
    deadlineMs,
    reply: (response) => reply(withFilters(response)),
  }
  mirror(passage)
  toBackend(passage)
}

/** The request as backends get it, before filters. */
function forwarded(
  request: HttpRequest,
  { host, port, isTls }: { host: string; port: number; isTls: boolean },
): HttpRequest {
  const { clientIP = '', headers } = request
  const before = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-forwarded-for')?.[1]
  const set = {
    Host: host,
    'X-Forwarded-For': before === undefined ? clientIP : `${before}, ${clientIP}`,
    'X-Real-IP': clientIP,
    'X-Forwarded-Proto': isTls ? 'https' : 'http',
    'X-Forwarded-Host': host,
    'X-Forwarded-Port': String(port),
  }
  const named = Object.entries(set).map(([name, value]) => ({ name, value }))
  return { ...request, host, scheme: 'http', headers: modifyHeaders(headers, { set: named }) }
}

/** What filters make of it. */
function filtered(request: HttpRequest, filters: readonly Filter[], { prefix }: RouteMatch): HttpRequest {
  const rewrite = filters.find(({ urlRewrite }) => urlRewrite)?.urlRewrite
  const host = rewrite?.hostname ?? request.host
  const headers = modifyHeaders(request.headers, modifierOf(filters, 'requestHeaderModifier'))
  const path = modifyPath(request.path, rewrite?.path, prefix)
  return {
    ...request,
    host,
    path,
    headers:
      rewrite?.hostname === undefined ? headers : modifyHeaders(headers, { set: [{ name: 'Host', value: host }] }),
  }
}

function toBackend({ parts, match, request, filters, deadlineMs, reply }: Passage): void {
  const { rule } = match
  const references = rule.rule.backendRefs ?? []
  const current = turnsOf(parts, rule.id, references.length)
  const chosen = nextByWeight(
    current,
    references.map(({ weight = 1 }) => weight),
  )
  const backend =
    chosen === undefined ? undefined : parts.resolve(references[chosen], rule.route.metadata.namespace ?? '')
  const hasUnknownFilter = filters.some(({ extensionRef }) => extensionRef)
  if (chosen === undefined || !backend || 'reason' in backend || hasUnknownFilter) {
    reply(errorPage(500))
    return
  }
  const endpoints = parts.endpointsOf(backend)
  if (endpoints.length === 0) {
    reply(errorPage(503))
    return
  }
  const own = references[chosen].filters ?? []
  const asked = filtered(filtered(request, filters, match), own, match)
  const limitMs = durationMs(rule.rule.timeouts?.backendRequest) ?? UPSTREAM_TIMEOUT_MS
  const { namespace, name } = backend.service
  const turn = turnsOf(parts, `${namespace}/${name}:${backend.port.port}`, 1)
  turn[0] = ((turn[0] ?? -1) + 1) % endpoints.length
  const done = (response: HttpResponse): void =>
    reply({ ...response, headers: modifyHeaders(response.headers, modifierOf(own, 'responseHeaderModifier')) })
  attempt(parts, { request: asked, endpoints, first: turn[0], limitMs, deadlineMs, reply: done }, 0)
}

interface Attempts {
  request: HttpRequest
  endpoints: readonly Endpoint[]
  first: number
  /** For one of them. */
  limitMs: number
  deadlineMs: number
  reply(response: HttpResponse): void
}

/** Asks one endpoint after another until one is reached. */
function attempt(parts: ProxyParts, attempts: Attempts, tried: number): void {
  const { request, endpoints, first, limitMs, deadlineMs, reply } = attempts
  const leftMs = Math.min(limitMs, deadlineMs - parts.engine.nowMs)
  if (leftMs <= 0) {
    reply(errorPage(504))
    return
  }
  parts.upstream.http(endpoints[(first + tried) % endpoints.length], request, leftMs, (result) => {
    if (result.ok) reply(result.response)
    else if (result.error === 'timeout') reply(errorPage(504))
    else if (tried + 1 < endpoints.length) attempt(parts, attempts, tried + 1)
    else reply(errorPage(502))
  })
}

/** Sends copies of the request where filters say; what comes back is nobody's. */
function mirror({ parts, match, request, filters }: Passage): void {
  const { rule } = match
  for (const [i, { requestMirror }] of filters.entries()) {
    if (!requestMirror || !isMirrored(requestMirror, turnsOf(parts, `${rule.id} mirror ${i}`, 1))) continue
    const backend = parts.resolve(requestMirror.backendRef, rule.route.metadata.namespace ?? '')
    const [endpoint] = 'reason' in backend ? [] : parts.endpointsOf(backend)
    if (endpoint) parts.upstream.http(endpoint, filtered(request, filters, match), UPSTREAM_TIMEOUT_MS, () => {})
  }
}

function isMirrored({ percent, fraction }: MirrorFilter, seen: number[]): boolean {
  const n = seen[0] ?? 0
  seen[0] = n + 1
  if (fraction) return isInShare(n, { of: fraction.numerator, outOf: fraction.denominator ?? 100 })
  return isInShare(n, { of: percent ?? 100, outOf: 100 })
}

/** @param size of what takes turns: it begins anew when that changes */
function turnsOf({ turns }: ProxyParts, key: string, size: number): number[] {
  const id = `${key} ${size}`
  const known = turns.get(id)
  if (known) return known
  const fresh: number[] = []
  turns.set(id, fresh)
  return fresh
}
