/** A steady stream of requests, each on a connection of its own, and what came of them. */

import { CommandRefused } from '../engine/command-refused.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import type { TrafficReport, TrafficSpec } from '../scenario/types.ts'
import type { Network } from './network.ts'
import type { HttpResult, NetworkNamespace } from './types.ts'

export interface TrafficSource {
  /** So far. */
  report(): TrafficReport
  stop(): void
}

export interface TrafficOptions {
  engine: Engine
  network: Network
  /** Where the sending Pod is looked up. */
  namespace: string
  traffic: TrafficSpec
  /** The moment that failures are timed from. */
  originMs: number
}

const DEFAULT_TIMEOUT_MS = 2000
/** Failures beyond are counted, not listed. */
const MAX_FAILURES = 1000

/**
 * Starts sending now. Requests don't keep a cluster from being settled. A 2xx or 3xx answer is a success.
 * @throws Error when the URL is none
 */
export function startTraffic({ engine, network, namespace, traffic, originMs }: TrafficOptions): TrafficSource {
  const url = parseHttpUrl(traffic.url)
  const startMs = engine.nowMs
  const total = Math.round(traffic.perSecond * traffic.seconds)
  const outcomes = new Map<string, number>()
  const byServer = new Map<string, number>()
  const failures: { atMs: number; outcome: string }[] = []
  /** By the second that requests were sent in. */
  const sentIn = new Map<number, number>()
  const failedIn = new Map<number, number>()
  let sent = 0
  let succeeded = 0
  let failed = 0
  let timer: Timer | undefined

  const count = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
  const secondOf = (ms: number): number => Math.floor((ms - originMs) / 1000)

  function finish(sentMs: number, outcome: string, isSuccess: boolean, server?: string): void {
    count(outcomes, outcome)
    if (server !== undefined) count(byServer, server)
    if (isSuccess) succeeded++
    else {
      failed++
      count(failedIn, secondOf(sentMs))
      if (failures.length < MAX_FAILURES) failures.push({ atMs: sentMs - originMs, outcome })
    }
  }

  function send(): void {
    const sentMs = engine.nowMs
    sent++
    count(sentIn, secondOf(sentMs))
    const from = senderOf(network, namespace, traffic.from)
    if (!from) finish(sentMs, 'no-sender', false)
    else {
      const { scheme, host, port, path } = url
      const request = { method: 'GET', path, host, headers: {}, scheme }
      from.http({ host, port }, request, traffic.timeoutMs ?? DEFAULT_TIMEOUT_MS, (result: HttpResult) => {
        if (!result.ok) finish(sentMs, result.error, false)
        else {
          const { status } = result.response
          finish(sentMs, String(status), status >= 200 && status < 400, result.server?.pod ?? result.server?.ip)
        }
      })
    }
    arm()
  }

  function arm(): void {
    if (sent >= total) return
    timer = engine.at(startMs + (sent * 1000) / traffic.perSecond, 'traffic', send, { background: true })
  }

  arm()
  return {
    report: () => ({
      name: traffic.name,
      sent,
      succeeded,
      failed,
      outcomes: sorted(outcomes),
      byServer: sorted(byServer),
      failures: [...failures],
      losses: lossesOf(sentIn, failedIn),
    }),
    stop: () => engine.cancel(timer),
  }
}

const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))

/** Seconds in a row are one loss; a second without a request does not end it. */
function lossesOf(sentIn: ReadonlyMap<number, number>, failedIn: ReadonlyMap<number, number>): TrafficReport['losses'] {
  const losses: TrafficReport['losses'] = []
  let isGoingOn = false
  for (const [second, sent] of sentIn) {
    const failed = failedIn.get(second) ?? 0
    const last = losses.at(-1)
    if (failed > 0 && last && isGoingOn) {
      last.toSecond = second
      last.sent += sent
      last.failed += failed
    } else if (failed > 0) losses.push({ fromSecond: second, toSecond: second, sent, failed })
    isGoingOn = failed > 0
  }
  return losses
}

type Sender = Pick<NetworkNamespace, 'http'>

/** @param from 'outside', `node/NAME`, or a Pod's name; undefined when there is no such Pod or node now */
function senderOf(network: Network, namespace: string, from: string): Sender | undefined {
  if (from === 'outside') return network.outsideQuietly
  if (from.startsWith('node/')) {
    const name = from.slice('node/'.length)
    return network.nodeNames().includes(name) ? network.prober(name) : undefined
  }
  return network.sandboxQuietly({ namespace, name: from })
}

interface HttpUrl {
  scheme: 'http' | 'https'
  host: string
  port: number
  /** With the query; `/` when there is none. */
  path: string
}

/** `http://web:8080/path?x=1`; the port is 80 or 443 unless told. @throws Error when the text is no such URL */
function parseHttpUrl(text: string): HttpUrl {
  const match = /^(https?):\/\/([^/:?#]+)(?::(\d{1,5}))?(\/[^#]*|\?[^#]*)?(?:#.*)?$/.exec(text)
  if (!match) throw new CommandRefused(`${text} is not a URL like http://web:8080/path`)
  const scheme = match[1] === 'https' ? 'https' : 'http'
  const rest = match[4] ?? '/'
  return {
    scheme,
    host: match[2],
    port: match[3] ? Number(match[3]) : scheme === 'https' ? 443 : 80,
    path: rest.startsWith('?') ? `/${rest}` : rest,
  }
}
