/** The Kubernetes API of all sandboxes of the site: who has an address is let in, as often as the limit allows and as long as it is valid. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpAnswer, Outcome } from '../labs/sandboxes/sessions.ts'
import { failureAnswer } from '../labs/sandboxes/status.ts'
import type { Sandboxes } from '../labs/sandboxes/types.ts'
import { LabRefusal } from '../labs/types.ts'
import { sendStatus } from './http.ts'
import { addressRoot, type Mount, mountKubernetesApi, splitAddress } from './mount.ts'
import { type OwnHosts, ownHosts } from './own-hosts.ts'
import { handleUpgrade } from './upgrade.ts'

export interface SiteMountOptions {
  sandboxes: Pick<Sandboxes, 'findByAddress' | 'whenAddressEnds' | 'request'>
  /** Where it may be reached. */
  config: { publicUrl: string | undefined; allowedHosts: readonly string[] }
  /** Requests to one sandbox. */
  perMinute: number
  most?: { requests: number; streams: number }
  onError(error: unknown): void
}

/**
 * Of one sandbox at a time: requests that wait for their answer, and what stays open (watches, logs, sessions). Who holds the one is not kept
 * from the other. Source: k8s.io/apiserver/pkg/server/filters/priority-and-fairness.go, where a watch counts until it has begun
 */
const mostOpen = { requests: 200, streams: 500 }

/** What an answer says may have come from whoever uses the cluster: a browser shows none of it as a page of the site. */
const guardingHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache, private',
}

/** What would hold for the whole site, or lift a guard: a Pod behind `proxy` may answer with any of them. */
const reachingHeaders = new Set([
  ...Object.keys(guardingHeaders),
  'set-cookie',
  'clear-site-data',
  'strict-transport-security',
  'alt-svc',
  'nel',
  'report-to',
  'reporting-endpoints',
])

/** Bodies above it are handed on one at a time. */
const largeBytes = 100_000

export function mountSandboxes({ sandboxes, config, perMinute, onError, most = mostOpen }: SiteMountOptions): Mount {
  const hosts = ownHosts(config)
  const allowances = new Allowances(perMinute)
  const requests = new Places(most.requests)
  const streams = new Places(most.streams)
  const turns = new Turns()
  const mount = mountKubernetesApi({
    onError,
    async find(secret, connection) {
      const id = await sandboxes.findByAddress(secret)
      if (id === undefined) return undefined
      connection.whenOver(sandboxes.whenAddressEnds(secret, connection.end))
      const place = requests.take(id)
      if (place) connection.whenOver(place.leave)
      return async (request) => {
        const waitSeconds = allowances.take(id)
        if (waitSeconds > 0) return tooMany(waitSeconds)
        if (!place) return tooMany(1)
        try {
          const ask = () => sandboxes.request(id, request)
          const outcome = await (request.body.length > largeBytes ? turns.run(id, ask) : ask())
          if (outcome.kind === 'answer' || outcome.kind === 'no-answer') return withoutReach(outcome)
          // What stays open is no request any more once it has begun.
          const stay = streams.take(id)
          if (!stay) {
            if (outcome.kind === 'port-forward') outcome.close()
            return tooMany(1)
          }
          place.leave()
          connection.whenOver(stay.leave)
          return withoutReach(outcome)
        } catch (error) {
          if (error instanceof LabRefusal) return refusal(error)
          throw error
        }
      }
    },
  })
  return {
    request(req: IncomingMessage, res: ServerResponse) {
      if (splitAddress(req.url ?? ''))
        for (const [name, value] of Object.entries(guardingHeaders)) res.setHeader(name, value)
      const strange = isOfApi(req) ? strangeness(req, hosts, config.publicUrl) : undefined
      if (!strange) return mount.request(req, res)
      sendStatus(res, strange.code, strange.reason, strange.message)
      return true
    },
    upgrade(req, socket, head) {
      const strange = isOfApi(req) ? strangeness(req, hosts, config.publicUrl) : undefined
      if (!strange) return mount.upgrade(req, socket, head)
      handleUpgrade(req, socket, head, failureAnswer(strange.code, strange.reason, strange.message))
      return true
    },
  }
}

const isOfApi = ({ url }: IncomingMessage): boolean => (url ?? '').startsWith(`${addressRoot}/`)

/** Why a request is not meant for this server, or not sent by who it belongs to: whatever its address is. */
function strangeness(
  { headers: { host, origin } }: IncomingMessage,
  hosts: OwnHosts,
  publicUrl: string | undefined,
): { code: number; reason: string; message: string } | undefined {
  if (!hosts.isOwn(host)) {
    const name = JSON.stringify((host ?? '').slice(0, 260))
    const way =
      publicUrl === undefined
        ? 'reach it by its IP address, or have ALLOWED_HOSTS name it'
        : `it is reached at ${publicUrl}, and by the names in ALLOWED_HOSTS`
    return { code: 421, reason: 'MisdirectedRequest', message: `this server does not answer to ${name}: ${way}` }
  }
  if (origin !== undefined && !hosts.isOwnOrigin(origin, host))
    return {
      code: 403,
      reason: 'Forbidden',
      message: `requests of pages at ${JSON.stringify(origin.slice(0, 260))} are refused`,
    }
  return undefined
}

function withoutReach(outcome: Outcome): Outcome {
  if (outcome.kind !== 'answer' && outcome.kind !== 'stream') return outcome
  const kept = Object.entries(outcome.headers).filter(([name]) => !reachingHeaders.has(name.toLowerCase()))
  return { ...outcome, headers: Object.fromEntries(kept) }
}

/** One after the other for each sandbox: others in its process come in between. */
class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  async run<T>(id: string, act: () => Promise<T>): Promise<T> {
    const mine = Promise.allSettled([this.#last.get(id)]).then(act)
    this.#last.set(id, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(id) === mine) this.#last.delete(id)
    }
  }
}

/** So many at a time for each sandbox. */
class Places {
  readonly #most: number
  readonly #taken = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** @returns how to leave it, which may be told twice; undefined when none is left */
  take(id: string): { leave(): void } | undefined {
    const taken = this.#taken.get(id) ?? 0
    if (taken >= this.#most) return undefined
    this.#taken.set(id, taken + 1)
    let isLeft = false
    return {
      leave: () => {
        if (isLeft) return
        isLeft = true
        const left = this.#taken.get(id)! - 1
        if (left > 0) this.#taken.set(id, left)
        else this.#taken.delete(id)
      },
    }
  }
}

/** So many a minute; what was not used adds up to a minute's worth. */
class Allowances {
  readonly #perMinute: number
  readonly #left = new Map<string, { count: number; atMs: number }>()

  constructor(perMinute: number) {
    this.#perMinute = perMinute
  }

  /** @returns 0 when there is one left, or the seconds until there is */
  take(id: string): number {
    const nowMs = performance.now()
    if (this.#left.size > 10_000) this.#forgetFull(nowMs)
    const count = this.#countAt(id, nowMs)
    const isLeft = count >= 1
    this.#left.set(id, { count: isLeft ? count - 1 : count, atMs: nowMs })
    return isLeft ? 0 : Math.max(1, Math.ceil(((1 - count) * 60) / this.#perMinute))
  }

  #countAt(id: string, nowMs: number): number {
    const known = this.#left.get(id)
    if (!known) return this.#perMinute
    return Math.min(this.#perMinute, known.count + ((nowMs - known.atMs) / 60_000) * this.#perMinute)
  }

  #forgetFull(nowMs: number): void {
    for (const id of this.#left.keys()) if (this.#countAt(id, nowMs) >= this.#perMinute) this.#left.delete(id)
  }
}

/** As the API server words it when it has too much to do. Source: k8s.io/apiserver/pkg/server/filters/maxinflight.go */
const tooMany = (seconds: number): HttpAnswer =>
  failureAnswer(429, 'TooManyRequests', 'Too many requests, please try again later.', {
    'retry-after': String(seconds),
  })

const reasons: Record<number, string> = { 404: 'NotFound', 409: 'Conflict', 422: 'Invalid', 503: 'ServiceUnavailable' }

const refusal = ({ status, message }: LabRefusal): HttpAnswer =>
  failureAnswer(status, reasons[status] ?? 'InternalError', message, status === 503 ? { 'retry-after': '1' } : {})
