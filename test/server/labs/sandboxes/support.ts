/** Sandboxes for tests: in this thread, on a wall clock that the test sets. */

import { randomBytes } from 'node:crypto'
import type { HostOptions } from '../../../../server/labs/sandboxes/host.ts'
import type { StartHost } from '../../../../server/labs/sandboxes/host-client.ts'
import { startLocalHost } from '../../../../server/labs/sandboxes/host-links.ts'
import type { Wall } from '../../../../server/labs/sandboxes/live-sandbox.ts'
import { createSandboxes, type SandboxLimits } from '../../../../server/labs/sandboxes/sandboxes.ts'
import { joinPeers, type Membership } from '../../../../server/peers/membership.ts'
import { createStorage } from '../../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../../server/storage/memory.ts'
import type { Storage } from '../../../../server/storage/types.ts'
import type { HttpRequest } from '../../../../sim/index.ts'

export const someLimits: SandboxLimits = {
  perOwner: 3,
  days: 7,
  addressHours: 24,
  nodes: 10,
  log: { commands: 1000, characters: 4_000_000 },
}

export const someHostOptions: HostOptions = {
  limits: { events: 3_000_000, virtualMs: 30 * 24 * 3_600_000, objects: 2500, traceRecords: 300_000 },
  idleMs: 300_000,
  live: 100,
  memoryBytes: 2 ** 33,
}

/** A wall clock that stands until the test moves it. */
export function handWall(): Wall & { pass(ms: number): void } {
  let nowMs = Date.UTC(2026, 2, 2, 9, 0, 0)
  const alarms = new Set<{ dueMs: number; act: () => void }>()
  return {
    nowMs: () => nowMs,
    after(ms, act) {
      const alarm = { dueMs: nowMs + ms, act }
      alarms.add(alarm)
      return () => alarms.delete(alarm)
    },
    pass(ms) {
      const untilMs = nowMs + ms
      for (;;) {
        const [next] = [...alarms].sort((a, b) => a.dueMs - b.dueMs)
        if (!next || next.dueMs > untilMs) break
        alarms.delete(next)
        nowMs = Math.max(nowMs, next.dueMs)
        next.act()
      }
      nowMs = untilMs
    },
  }
}

/** By their storage: those before others on the same one are of a process that has ended without a word. */
const ended = new WeakMap<Storage, Membership>()

export async function someSandboxes(
  over: {
    storage?: Storage
    wall?: Wall
    limits?: Partial<SandboxLimits>
    host?: Partial<HostOptions>
    starts?: readonly StartHost[]
    roomy?: StartHost
    apart?: StartHost
  } = {},
) {
  const storage = over.storage ?? createStorage(createMemoryStore())
  const wall = over.wall ?? handWall()
  const problems: string[] = []
  await ended.get(storage)?.close()
  const membership = await joinPeers({
    ...{
      leases: storage.leases,
      bus: storage.bus,
      isAlone: true,
      onProblem: (message: string) => problems.push(message),
    },
  })
  ended.set(storage, membership)
  const sandboxes = await createSandboxes({
    ...{ storage, membership },
    secret: 'a secret of at least thirty-two characters',
    hosts: over.starts ?? [startLocalHost({ ...someHostOptions, ...over.host }, wall)],
    ...(over.roomy ? { roomy: over.roomy } : {}),
    ...(over.apart ? { apart: over.apart } : {}),
    limits: { ...someLimits, ...over.limits },
    wall,
    newId: () => randomBytes(9).toString('hex'),
    onProblem: (message) => problems.push(message),
  })
  return { sandboxes, storage, wall, problems }
}

export const someShape = { nodes: [{ name: 'node-1' }, { name: 'node-2' }] }

export const aRequest = (method: string, url: string, body: object | string = ''): HttpRequest => ({
  method,
  url,
  headers: { 'content-type': 'application/json', 'user-agent': 'kubectl/v1.36.4' },
  body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
})

export const aConfigMap = (name: string, text = 'x') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { text },
})

/** A host in this thread that the test can lose, as a thread that crashes is lost. */
export function losableHost(start: StartHost): { start: StartHost; lose(why: string, opening?: number): void } {
  let lose: (why: string, opening?: number) => void = () => undefined
  return {
    lose: (why, opening) => lose(why, opening),
    start(listener) {
      const link = start(listener)
      lose = (why, opening = 0) => {
        void link.close()
        listener.lost(opening, why)
      }
      return link
    },
  }
}
