/** Requests by the pattern of their route, and what stays open. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { liveKind } from '../live-response.ts'
import { methodOf, pathOf, routeOf } from '../request-route.ts'

export interface RequestMetrics {
  /** For each request, before anybody answers it. */
  request(req: IncomingMessage, res: ServerResponse): void
  /** For each connection that leaves HTTP. */
  upgrade(req: IncomingMessage, socket: Duplex): void
}

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** What was refused by its status, where who refused it says nothing more. */
const causes: Readonly<Record<number, string>> = {
  400: 'malformed',
  401: 'unauthorized',
  403: 'forbidden',
  409: 'conflict',
  411: 'length',
  413: 'size',
  415: 'type',
  421: 'host',
  423: 'locked',
  429: 'rate',
  503: 'busy',
}

export function observeRequests(register: Registry): RequestMetrics {
  const registers = [register]
  const total = new Counter({
    ...{ name: 'podium_http_requests_total', help: 'Requests that ended, by the pattern of their route.' },
    ...{ labelNames: ['route', 'method', 'status'] as const, registers },
  })
  const seconds = new Histogram({
    ...{ name: 'podium_http_request_seconds', help: 'How long requests took; without those that stay open.' },
    ...{ labelNames: ['route', 'method'] as const, buckets, registers },
  })
  const refused = new Counter({
    ...{ name: 'podium_refused_total', help: 'Requests that were refused, by why.' },
    ...{ labelNames: ['cause'] as const, registers },
  })
  const answering = new Set<ServerResponse>()
  const upgraded = new Map<string, number>()
  new Gauge({
    ...{ name: 'podium_http_requests_open', help: 'Requests that wait for their answer.', registers },
    collect() {
      this.set([...answering].filter((res) => !liveKind(res)).length)
    },
  })
  new Gauge({
    ...{
      name: 'podium_streams_open',
      help: 'What stays open: events of pages, watches and logs, terminals, sessions.',
    },
    ...{ labelNames: ['kind'] as const, registers },
    collect() {
      this.reset()
      for (const kind of ['events', 'watch'])
        this.set({ kind }, [...answering].filter((res) => liveKind(res) === kind).length)
      for (const kind of ['terminal', 'session']) this.set({ kind }, upgraded.get(kind) ?? 0)
    },
  })
  return {
    request(req, res) {
      const startedMs = performance.now()
      answering.add(res)
      res.once('close', () => {
        answering.delete(res)
        const route = routeOf(req)
        const method = methodOf(req) ?? 'other'
        const status = statusOf(res)
        total.inc({ route, method, status })
        if (!liveKind(res)) seconds.observe({ route, method }, (performance.now() - startedMs) / 1000)
        const cause = causes[res.statusCode] && (refuserOf(res) ?? causes[res.statusCode])
        if (cause) refused.inc({ cause })
      })
    },
    upgrade(req, socket) {
      const kind = pathOf(req).startsWith('/k8s/') ? 'session' : 'terminal'
      upgraded.set(kind, (upgraded.get(kind) ?? 0) + 1)
      socket.once('close', () => upgraded.set(kind, upgraded.get(kind)! - 1))
    },
  }
}

/** A Pod behind the API may answer with any number. */
function statusOf(res: ServerResponse): string {
  if (!res.headersSent) return 'gone'
  return res.statusCode in STATUS_CODES ? String(res.statusCode) : 'other'
}

/** What the page of the error noted. */
const refuserOf = (res: ServerResponse & { locals?: { refusedBy?: unknown } }): string | undefined =>
  typeof res.locals?.refusedBy === 'string' ? res.locals.refusedBy : undefined
