/** Addresses that are told of what happens in hiring, what they were told, and what they are owed. Nothing of it holds a name. */
import { z } from 'zod'
import { type DocumentKind, findAll } from './documents.ts'
import type { JobKind } from './jobs.ts'
import type { Store } from './store.ts'

const id = z.string().min(1)
const ms = z.number()
const values = z.record(z.string(), z.union([z.string(), z.number()]))
/** A text for `t`. */
const words = z.object({ text: z.string(), values })

/** Something that happened, as it is owed to one address. */
const noticeSchema = z.object({
  /** The same however often it is sent: the receiver drops what it has. */
  id,
  hook: id,
  /** `candidate.started` */
  type: z.string(),
  /** When it happened. */
  atMs: ms,
  /** Null for a test. */
  sittingId: id.nullable(),
  /** Of the participant; null for what is about nobody. */
  seat: id.nullable(),
  /** How somebody came to the end: by themselves, or their time was over. */
  by: z.enum(['candidate', 'time']).optional(),
})
export type Notice = z.infer<typeof noticeSchema>

const deliverySchema = z.object({
  notice: noticeSchema,
  tries: z.int(),
  /** Of the last try. */
  triedAtMs: ms,
  /** What was answered; null when nothing was. */
  status: z.int().nullable(),
  /** Why it was not taken; null for what was. */
  problem: words.nullable(),
})
export type Delivery = z.infer<typeof deliverySchema>

const webhookSchema = z.object({
  id,
  url: z.string(),
  /** What it is told, by type, and since when: what lies before is history. */
  events: z.array(z.object({ type: z.string(), sinceMs: ms })),
  withScores: z.boolean(),
  createdAtMs: ms,
  /** A secret is drawn from the nonce by the server's own: it is not stored. Two while one takes the other's place. */
  secrets: z.array(z.object({ nonce: z.string(), sha256: z.string(), untilMs: ms.nullable() })),
  /** Nothing is sent until somebody has looked. */
  paused: words.extend({ atMs: ms }).nullable(),
  /** The latest first. */
  deliveries: z.array(deliverySchema),
})
export type Webhook = z.infer<typeof webhookSchema>

const webhookKind: DocumentKind<Webhook> = { name: 'webhooks', version: 1, upgrades: [], schema: webhookSchema }

const toldKind: DocumentKind<{ ids: string[] }> = {
  name: 'webhooks-told',
  version: 1,
  upgrades: [],
  schema: z.object({ ids: z.array(id) }),
}

export const noticeKind: JobKind<Notice> = {
  name: 'webhooks-owed',
  version: 1,
  upgrades: [],
  payload: noticeSchema,
}

export interface Webhooks {
  find(id: string): Promise<Webhook | undefined>
  /** The oldest first. */
  list(): Promise<Webhook[]>
  save(hook: Webhook): Promise<void>
  /** Changes one that is there. @returns as it is afterwards */
  update(id: string, change: (hook: Webhook) => Webhook): Promise<Webhook | undefined>
  remove(id: string): Promise<void>
}

/** Which notices were put among those that are owed, by seat; of what is about nobody by sitting. */
export interface ToldNotices {
  ids(sittingId: string, seat: string | null): Promise<readonly string[]>
  add(sittingId: string, seat: string | null, ids: readonly string[]): Promise<void>
  remove(sittingId: string, seat: string): Promise<void>
}

export function createWebhooks(store: Store): Webhooks {
  const hooks = store.documents(webhookKind)
  return {
    find: (key) => hooks.find(key),
    list: async () => {
      const found = await findAll(hooks, await hooks.keys(), () => undefined)
      return found.sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
    },
    save: async (hook) => void (await hooks.update(hook.id, () => hook)),
    update: async (key, change) => {
      if (!(await hooks.find(key))) return undefined
      return hooks.update(key, (hook) => {
        if (!hook) throw new Error(`the webhook ${key} was removed`)
        return change(hook)
      })
    },
    remove: (key) => hooks.remove(key),
  }
}

export function createToldNotices(store: Store): ToldNotices {
  const told = store.documents(toldKind)
  const keyOf = (sittingId: string, seat: string | null) => `${sittingId}/${seat ?? 'exercise'}`
  return {
    ids: async (sittingId, seat) => (await told.find(keyOf(sittingId, seat)))?.ids ?? [],
    add: async (sittingId, seat, ids) =>
      void (await told.update(keyOf(sittingId, seat), (known) => ({
        ids: [...new Set([...(known?.ids ?? []), ...ids])],
      }))),
    remove: (sittingId, seat) => told.remove(keyOf(sittingId, seat)),
  }
}
