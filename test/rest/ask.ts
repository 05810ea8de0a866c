/** Asks a cluster's HTTP API in tests: a method, a path and a value, and what came of it. */
import type { LiveCluster } from '../../sim/index.ts'
import { createCluster } from '../../sim/index.ts'
import type { HttpAnswer, HttpStream } from '../../sim/rest/types.ts'

export const smallCluster = (seed = 'rest'): LiveCluster =>
  createCluster({ seed, strict: true, shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } })

export interface Asked {
  status: number
  headers: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: an answer may be of any kind
  body: any
}

const bytes = (body: unknown): Uint8Array =>
  body === undefined
    ? new Uint8Array()
    : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))

/** @param body a value, sent as JSON, or text as it is */
export function ask(
  cluster: LiveCluster,
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Asked {
  const outcome = cluster.request({ method, url, headers: { 'user-agent': 'test/1', ...headers }, body: bytes(body) })
  if (outcome.kind !== 'answer') throw new Error(`${method} ${url} was answered by a ${outcome.kind}`)
  return { status: outcome.status, headers: outcome.headers, body: bodyOf(outcome) }
}

function bodyOf({ headers, body }: HttpAnswer): unknown {
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
  return /json/.test(headers['content-type'] ?? '') ? JSON.parse(text) : text
}

/** Opens a watch; `events` grows as the cluster goes on. */
export function watch(cluster: LiveCluster, url: string, headers: Record<string, string> = {}) {
  const outcome = cluster.request({ method: 'GET', url, headers, body: new Uint8Array() })
  if (outcome.kind !== 'stream') throw new Error(`${url} is no stream: ${JSON.stringify(outcome)}`)
  // biome-ignore lint/suspicious/noExplicitAny: an event may hold any kind
  const events: { type: string; object: any }[] = []
  const state = { isOver: false }
  const stream = (outcome as HttpStream).open({
    write: (text) => void events.push(JSON.parse(text)),
    end: () => {
      state.isOver = true
    },
  })
  return { events, state, close: stream.close }
}
