/**
 * What kubectl keeps of discovery on the disk of who types: kinds that the cluster learned of are known as they were when they were asked for,
 * until a name is missed. Source: k8s.io/client-go/discovery/cached/disk
 */
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { ObjectKey } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import type { Client } from '../client/client.ts'

/** --cache-dir keeps it for six hours. */
const TTL_MS = 6 * 3600 * 1000

export class DiscoveryCache {
  private readonly served: () => readonly Kind[]
  private readonly nowMs: () => number
  private kept: { custom: readonly Kind[]; atMs: number } | undefined

  /** @param served all kinds that are served now */
  constructor(served: () => readonly Kind[], nowMs: () => number) {
    this.served = served
    this.nowMs = nowMs
  }

  /** Keeps what is served. */
  refresh(kinds = this.served()): readonly Kind[] {
    this.kept = { custom: kinds.filter(({ custom }) => custom), atMs: this.nowMs() }
    return kinds
  }

  /** As kubectl knows them. */
  get kinds(): readonly Kind[] {
    if (!this.kept || this.nowMs() - this.kept.atMs >= TTL_MS) return this.refresh()
    const kinds = this.served()
    const custom = this.kept.custom.map((kind) => kinds.find((one) => isSame(one, kind)) ?? kind)
    return [...kinds.filter((kind) => !kind.custom), ...custom]
  }

  /** A client to which the server answers for kinds that it serves no more as for any path that there is not. */
  over(client: Client): Client {
    const kinds = this.served()
    const gone = new Set(this.kinds.filter((kind) => !kinds.includes(kind)))
    return gone.size === 0 ? client : withoutKinds(client, gone)
  }
}

const isSame = (a: Kind, b: Kind): boolean =>
  a.custom !== undefined && a.apiVersion === b.apiVersion && a.kind === b.kind && a.plural === b.plural

function withoutKinds(client: Client, gone: ReadonlySet<Kind>): Client {
  const check = (kind: unknown, verb: string, name = ''): void => {
    if (!gone.has(kind as Kind)) return
    const what = [verb, resourceName(kind as Kind), name].filter(Boolean).join(' ')
    throw new StatusError(404, 'NotFound', `the server could not find the requested resource (${what})`)
  }
  const nameOf = (first: unknown): string => {
    const { name, metadata } = first as Partial<ObjectKey> & { metadata?: { name?: string } }
    return name ?? metadata?.name ?? ''
  }
  const verbs = { get: 'get', update: 'put', patch: 'patch', delete: 'delete', apply: 'patch' } as const
  const guarded: Record<string, unknown> = {
    find: (kind: Kind, key: ObjectKey) => (gone.has(kind) ? undefined : client.find(kind, key)),
  }
  for (const [method, verb] of Object.entries(verbs))
    guarded[method] = (kind: unknown, first: unknown, ...rest: unknown[]) => {
      check(kind, verb, nameOf(first))
      return (client as unknown as Record<string, (...all: unknown[]) => unknown>)[method](kind, first, ...rest)
    }
  for (const [method, verb] of Object.entries({ list: 'get', watch: 'get', create: 'post' }))
    guarded[method] = (kind: unknown, ...rest: unknown[]) => {
      check(kind, verb)
      return (client as unknown as Record<string, (...all: unknown[]) => unknown>)[method](kind, ...rest)
    }
  return Object.assign(Object.create(client) as Client, guarded)
}
