/**
 * A request whose answer is needed at the moment at which it is made, for callers that cannot wait: the admission of a write. It goes where
 * any other request goes; how long it takes is told instead of spent, so that the caller spends it afterwards.
 */
import type { Namespace, World } from './namespace.ts'
import { handshakeFailure, serveHttp } from './serve-http.ts'
import type { ConnectFailure, HttpRequest, HttpResponse, HttpResult, Target } from './types.ts'

/** A handler that does not answer at once, and does not say when it will, counts as one that hangs. */
export function askNow(
  world: World,
  from: Namespace,
  target: Target,
  request: HttpRequest,
  timeoutMs: number,
): HttpResult {
  const { addresses, delayMs } = world.lookup(from, target.host)
  const late: HttpResult = { ok: false, error: 'timeout', tookMs: timeoutMs, hops: [] }
  const failed = (failure: ConnectFailure, tookMs: number): HttpResult =>
    failure.error === 'timeout' || tookMs >= timeoutMs ? late : { ok: false, ...failure, tookMs, hops: [] }
  if (addresses.length === 0) return failed({ error: 'unknown-host', host: target.host }, delayMs)
  const address = addresses.length > 1 ? world.engine.random('network').pick(addresses) : addresses[0]
  const route = world.route(from, address, target.port, 'TCP')
  if ('failure' in route) return failed(route.failure, delayMs + route.afterMs)
  const { to, port, clientIP, oneWayMs, release } = route
  release?.()
  if (!world.isUp(to) || world.isCutFrom(from, to)) return late
  const wayMs = delayMs + 2 * oneWayMs
  const server = to.listener(port, 'TCP')?.server
  if (!server) return failed({ error: 'refused' }, wayMs)
  let answer: { response: HttpResponse; afterMs: number } | undefined
  const failure = serveHttp(server, { ...request, clientIP }, world.engine.epochMs, (response, afterMs = 0) => {
    answer ??= { response, afterMs }
  })
  if (failure) return failed(failure, wayMs)
  if (!answer) return late
  const tookMs = wayMs + answer.afterMs
  return tookMs >= timeoutMs ? late : { ok: true, response: answer.response, tookMs, hops: [] }
}

/** Why the same would fail before its server is asked anything. @param world whose routes draw nothing, so that nobody notices */
export function failureNow(
  world: World,
  from: Namespace,
  target: Target,
  request: HttpRequest,
): ConnectFailure | undefined {
  const { addresses } = world.lookup(from, target.host)
  if (addresses.length === 0) return { error: 'unknown-host', host: target.host }
  const route = world.route(from, addresses[0], target.port, 'TCP')
  if ('failure' in route) return route.failure
  const { to, port, release } = route
  release?.()
  if (!world.isUp(to) || world.isCutFrom(from, to)) return { error: 'timeout' }
  const server = to.listener(port, 'TCP')?.server
  return server ? handshakeFailure(server, request, world.engine.epochMs) : { error: 'refused' }
}
