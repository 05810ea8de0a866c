/** The Kubernetes API of all sandboxes of the site: who has an address is let in, as often as the limit allows and as long as it is valid. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpOutcome } from '../../sim/index.ts'
import type { Sandboxes } from '../labs/sandboxes/types.ts'
import { LabRefusal } from '../labs/types.ts'
import { type Mount, mountKubernetesApi, splitAddress } from './mount.ts'

export interface SiteMountOptions {
  sandboxes: Sandboxes
  /** Requests to one sandbox. */
  perMinute: number
  onError(error: unknown): void
}

/** Requests and streams of one sandbox that are open at a time. */
const mostOpen = 500

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

export function mountSandboxes({ sandboxes, perMinute, onError }: SiteMountOptions): Mount {
  const allowances = new Allowances(perMinute)
  const open = new Map<string, number>()
  const mount = mountKubernetesApi({
    onError,
    async find(secret) {
      const id = await sandboxes.findByAddress(secret)
      if (id === undefined) return undefined
      return async (request) => {
        const waitSeconds = allowances.take(id)
        if (waitSeconds > 0) return tooMany(waitSeconds)
        if ((open.get(id) ?? 0) > mostOpen) return tooMany(1)
        try {
          return withoutReach(await sandboxes.request(id, request))
        } catch (error) {
          if (error instanceof LabRefusal) return refusal(error)
          throw error
        }
      }
    },
  })
  /** Counts a connection while it is open, and ends it with its address. */
  const attend = async (url: string, end: () => void, over: (act: () => void) => void): Promise<void> => {
    const secret = splitAddress(url)?.secret
    const id = secret === undefined ? undefined : await sandboxes.findByAddress(secret)
    if (secret === undefined || id === undefined) return
    const forget = sandboxes.whenAddressEnds(secret, end)
    open.set(id, (open.get(id) ?? 0) + 1)
    over(() => {
      forget()
      const left = open.get(id)! - 1
      if (left > 0) open.set(id, left)
      else open.delete(id)
    })
  }
  return {
    request(req: IncomingMessage, res: ServerResponse) {
      const url = req.url ?? ''
      if (splitAddress(url)) {
        for (const [name, value] of Object.entries(guardingHeaders)) res.setHeader(name, value)
        attend(
          url,
          () => res.destroy(),
          (act) => (res.closed ? act() : res.once('close', act)),
        ).catch(onError)
      }
      return mount.request(req, res)
    },
    upgrade(req, socket, head) {
      attend(
        req.url ?? '',
        () => socket.destroy(),
        (act) => (socket.closed ? act() : socket.once('close', act)),
      ).catch(onError)
      return mount.upgrade(req, socket, head)
    },
  }
}

function withoutReach(outcome: HttpOutcome): HttpOutcome {
  if (outcome.kind !== 'answer' && outcome.kind !== 'stream') return outcome
  const kept = Object.entries(outcome.headers).filter(([name]) => !reachingHeaders.has(name.toLowerCase()))
  return { ...outcome, headers: Object.fromEntries(kept) }
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
const tooMany = (seconds: number): HttpOutcome =>
  statusAnswer(429, 'TooManyRequests', 'Too many requests, please try again later.', { 'retry-after': String(seconds) })

const reasons: Record<number, string> = { 404: 'NotFound', 409: 'Conflict', 422: 'Invalid', 503: 'ServiceUnavailable' }

const refusal = ({ status, message }: LabRefusal): HttpOutcome =>
  statusAnswer(status, reasons[status] ?? 'InternalError', message, status === 503 ? { 'retry-after': '1' } : {})

function statusAnswer(
  code: number,
  reason: string,
  message: string,
  headers: Record<string, string> = {},
): HttpOutcome {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
  return {
    kind: 'answer',
    status: code,
    headers: { 'content-type': 'application/json', ...headers },
    body: `${JSON.stringify(status)}\n`,
  }
}
