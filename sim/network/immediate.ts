/**
 * A request whose answer is needed at the moment at which it is made, for callers that cannot wait: the admission of a write. It goes where
 * any other request goes; how long it takes is told instead of spent, so that the caller spends it afterwards.
 */
import type { Random } from '../engine/random.ts'
import type { Namespace, World } from './namespace.ts'
import { handshakeFailure, serveHttp } from './serve-http.ts'
import type { ConnectFailure, HttpRequest, HttpResponse, HttpResult, PortServer, Target } from './types.ts'

/** Who listens there, and how far away; or why nobody is reached. */
type Reached = { server: PortServer; clientIP: string; wayMs: number } | { failure: ConnectFailure; afterMs: number }

function reach(world: World, from: Namespace, target: Target, pick: Random['pick']): Reached {
  const { addresses, delayMs } = world.lookup(from, target.host)
  if (addresses.length === 0) return { failure: { error: 'unknown-host', host: target.host }, afterMs: delayMs }
  const address = addresses.length > 1 ? pick(addresses) : addresses[0]
  const route = world.route(from, address, target.port, 'TCP')
  if ('failure' in route) return { failure: route.failure, afterMs: delayMs + route.afterMs }
  const { to, ip, port, clientIP, oneWayMs, release } = route
  release?.()
  const wayMs = delayMs + 2 * oneWayMs
  if (!world.isUp(to) || world.isCutFrom(from, to)) return { failure: { error: 'timeout' }, afterMs: wayMs }
  const server = to.listenerAt(ip, port, 'TCP')?.server
  return server ? { server, clientIP, wayMs } : { failure: { error: 'refused' }, afterMs: wayMs }
}

/** A handler that does not answer at once, and does not say when it will, counts as one that hangs. */
export function askNow(
  world: World,
  from: Namespace,
  target: Target,
  request: HttpRequest,
  timeoutMs: number,
): HttpResult {
  const late: HttpResult = { ok: false, error: 'timeout', tookMs: timeoutMs, hops: [] }
  const failed = (failure: ConnectFailure, tookMs: number): HttpResult =>
    failure.error === 'timeout' || tookMs >= timeoutMs ? late : { ok: false, ...failure, tookMs, hops: [] }
  const reached = reach(world, from, target, (among) => world.engine.random('network').pick(among))
  if ('failure' in reached) return failed(reached.failure, reached.afterMs)
  const { server, clientIP, wayMs } = reached
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
  const reached = reach(world, from, target, ([first]) => first)
  return 'failure' in reached ? reached.failure : handshakeFailure(reached.server, request, world.engine.epochMs)
}
