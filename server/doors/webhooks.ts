/** Webhooks as an admin has them: made, changed, their secrets exchanged, paused and removed. */
import { randomBytes } from 'node:crypto'
import type { Storage } from '../storage/types.ts'
import type { Delivery, Notice, Webhook } from '../storage/webhooks.ts'
import type { EventType } from './events.ts'
import { type OutsideOptions, problemOfUrl, type Unsent } from './outside.ts'
import { hashOfSecret, secretOf } from './signature.ts'

/** How long both secrets are good after an exchange. */
export const exchangeHours = 24
export const mostWebhooks = 20
const mostDeliveries = 50
const hourMs = 3_600_000

export interface WebhookDeps {
  storage: Pick<Storage, 'webhooks' | 'webhooksOwed' | 'webhooksTold'>
  /** The server's own. */
  secret: string
  outside: OutsideOptions
  now(): number
}

export interface WebhookForm {
  url: string
  events: readonly EventType[]
  withScores: boolean
}

/** The secret is told here and nowhere else. */
export async function makeWebhook(
  deps: WebhookDeps,
  form: WebhookForm,
): Promise<{ hook: Webhook; secret: string } | { refused: Unsent | 'many' }> {
  const problem = problemOfUrl(form.url, deps.outside)
  if (problem) return { refused: problem }
  if ((await deps.storage.webhooks.list()).length >= mostWebhooks) return { refused: 'many' }
  const { stored, secret } = drawSecret(deps)
  const hook: Webhook = {
    ...{ id: randomBytes(9).toString('hex'), url: form.url, withScores: form.withScores },
    events: form.events.map((type) => ({ type, sinceMs: deps.now() })),
    ...{ createdAtMs: deps.now(), secrets: [stored], paused: null, deliveries: [] },
  }
  await deps.storage.webhooks.save(hook)
  return { hook, secret }
}

/** @returns what is wrong with it */
export async function changeWebhook(deps: WebhookDeps, id: string, form: WebhookForm): Promise<Unsent | undefined> {
  const problem = problemOfUrl(form.url, deps.outside)
  if (!problem)
    await deps.storage.webhooks.update(id, (hook) => ({
      ...{ ...hook, url: form.url, withScores: form.withScores },
      events: form.events.map(
        (type) => hook.events.find((known) => known.type === type) ?? { type, sinceMs: deps.now() },
      ),
    }))
  return problem
}

/** Another secret; the one before is good beside it for a day. @returns it, told here and nowhere else; undefined without such a webhook */
export async function exchangeSecret(deps: WebhookDeps, id: string): Promise<string | undefined> {
  const { stored, secret } = drawSecret(deps)
  const untilMs = deps.now() + exchangeHours * hourMs
  const changed = await deps.storage.webhooks.update(id, (hook) => {
    const [latest] = hook.secrets.filter((one) => one.untilMs === null)
    return { ...hook, secrets: [stored, ...(latest ? [{ ...latest, untilMs }] : [])] }
  })
  return changed && secret
}

/** Sends what has waited, from now on. */
export const resumeWebhook = ({ storage }: WebhookDeps, id: string): Promise<Webhook | undefined> =>
  storage.webhooks.update(id, (hook) => ({ ...hook, paused: null }))

export const pauseWebhook = (
  { storage, now }: Pick<WebhookDeps, 'storage' | 'now'>,
  id: string,
  why: Unsent,
): Promise<Webhook | undefined> =>
  storage.webhooks.update(id, (hook) => ({ ...hook, paused: hook.paused ?? { ...why, atMs: now() } }))

/** With it goes what it is owed. */
export async function removeWebhook({ storage }: Pick<WebhookDeps, 'storage'>, id: string): Promise<void> {
  await storage.webhooks.remove(id)
  for (const { key, payload } of await storage.webhooksOwed.list())
    if (payload.hook === id) await storage.webhooksOwed.remove(key)
}

export const jobKeyOf = ({ hook, id }: Pick<Notice, 'hook' | 'id'>): string => `${hook}/${id}`

/** Notes how a try went. Of one notice the last try stands there. */
export const noteDelivery = (
  { storage }: Pick<WebhookDeps, 'storage'>,
  delivery: Delivery,
): Promise<Webhook | undefined> =>
  storage.webhooks.update(delivery.notice.hook, (hook) => ({
    ...hook,
    deliveries: [delivery, ...hook.deliveries.filter(({ notice }) => notice.id !== delivery.notice.id)].slice(
      0,
      mostDeliveries,
    ),
  }))

function drawSecret({ secret: serverSecret }: Pick<WebhookDeps, 'secret'>) {
  const nonce = randomBytes(18).toString('base64url')
  const secret = secretOf(nonce, serverSecret)
  return { secret, stored: { nonce, sha256: hashOfSecret(secret), untilMs: null } }
}
