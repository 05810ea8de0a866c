/**
 * Sends what addresses are owed, each address in a row of its own, so that one that is slow holds up no other. What is not taken is tried again with
 * longer and longer pauses, for three days; then the webhook is paused and says why, and what waits goes on waiting.
 */
import { randomBytes } from 'node:crypto'
import { candidateOf, numberOf } from '../hiring/candidates.ts'
import type { Exercise } from '../hiring/exercises.ts'
import { msg } from '../i18n/translate.ts'
import type { Work } from '../journal/journals.ts'
import type { Job } from '../storage/jobs.ts'
import type { Notice, Webhook } from '../storage/webhooks.ts'
import { type EventType, eventTypes } from './events.ts'
import { type OutboxDeps, putInOutbox, type Seen } from './outbox.ts'
import { askOutside, type Unsent } from './outside.ts'
import { hashOfSecret, secretOf, secretsAt, signedHeaders } from './signature.ts'
import { jobKeyOf, noteDelivery, pauseWebhook, type WebhookDeps } from './webhooks.ts'

export interface DeliveryDeps extends OutboxDeps, Omit<WebhookDeps, 'storage'> {
  storage: OutboxDeps['storage']
  exercises: OutboxDeps['exercises'] & { find(id: string): Promise<Exercise | undefined> }
  /** Where browsers reach the site; undefined when nobody said. */
  publicUrl: string | undefined
  /** Of all that counts, of 100; undefined while nothing is judged. */
  percentOf(exercise: Exercise, work: Work): number | undefined
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** After the first try, the second, and so on; the last one goes on. Three days in all. */
const pausesMs = [5000, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, 10 * hourMs, 14 * hourMs, 20 * hourMs]
const patienceMs = 72 * hourMs
/** Longer than a request may take. */
const leaseMs = minuteMs

const texts = {
  status: msg('It was answered with {status}.'),
  redirect: msg('It was answered with a redirect ({status}), which is not followed.'),
  gone: msg('The receiver says that the address is gone for good (410).'),
  givenUp: msg(
    'The receiver accepted nothing for three days. Check it, then resume: the waiting events are sent then.',
  ),
  secret: msg('The server’s secret has changed. Rotate the secret of this webhook, then resume.'),
}

/** What is sent: ids and addresses. @returns undefined when nobody is there any more whom it is about */
async function bodyOf(deps: DeliveryDeps, hook: Webhook, notice: Notice): Promise<string | undefined> {
  const { type, atMs, sittingId, seat, by } = notice
  const timestamp = new Date(atMs).toISOString()
  if (sittingId === null) return JSON.stringify({ type, timestamp, data: {} })
  const exercise = await deps.exercises.find(sittingId)
  if (!exercise) return undefined
  const { jobId } = exercise.exercise
  const page = `/hiring/jobs/${jobId}/exercises/${exercise.id}`
  const url = (path: string): string => `${deps.publicUrl ?? ''}${path}`
  const data = { job: jobId, exercise: exercise.id }
  if (seat === null) return JSON.stringify({ type, timestamp, data: { ...data, url: url(page) } })
  if (type === 'candidate.erased') return JSON.stringify({ type, timestamp, data: { ...data, candidate: seat } })
  const standing = await candidateOf(deps, exercise, seat)
  if (!standing) return undefined
  const isJudged = withScore.has(type)
  const percent = isJudged && hook.withScores ? deps.percentOf(exercise, standing.work) : undefined
  return JSON.stringify({
    ...{ type, timestamp },
    data: {
      ...{ ...data, candidate: seat },
      ...(by ? { by } : {}),
      ...(percent === undefined ? {} : { score: Math.round(percent * 10) / 10 }),
      url: url(isJudged ? `${page}/candidates/${numberOf(standing.seat)}/report` : page),
    },
  })
}

/** What leads to a report, and tells the score where an admin chose so. */
const withScore: ReadonlySet<string> = new Set<EventType>([
  'candidate.graded',
  'candidate.report_ready',
  'candidate.grade_changed',
])

/** Sends one that this process has taken. @returns whether it was taken over there */
async function deliver(deps: DeliveryDeps, hook: Webhook, job: Job<Notice>): Promise<boolean> {
  const { storage, now } = deps
  const { payload: notice, tries } = job
  const body = await bodyOf(deps, hook, notice)
  if (body === undefined) {
    await storage.webhooksOwed.done(job)
    return true
  }
  const secrets = secretsAt(hook, now()).map(({ nonce, sha256 }) => {
    const secret = secretOf(nonce, deps.secret)
    return hashOfSecret(secret) === sha256 ? secret : undefined
  })
  const good = secrets.filter((secret) => secret !== undefined)
  if (good.length === 0) {
    await storage.webhooksOwed.fail(job, { runAtMs: now() })
    await pauseWebhook(deps, hook.id, { text: texts.secret, values: {} })
    return false
  }
  const headers = { 'Content-Type': 'application/json', ...signedHeaders(notice.id, now(), body, good) }
  const answer = await askOutside({ method: 'POST', url: hook.url, headers, body }, deps.outside)
  const status = 'unsent' in answer ? null : answer.status
  const problem = 'unsent' in answer ? answer.unsent : problemOf(answer.status)
  await noteDelivery(deps, { notice, tries, triedAtMs: now(), status, problem: problem ?? null })
  if (!problem) {
    await storage.webhooksOwed.done(job)
    return true
  }
  const pauseMs = pausesMs[Math.min(tries, pausesMs.length) - 1] ?? pausesMs[0]!
  const isOver = now() + pauseMs > job.createdAtMs + patienceMs
  // A test that came to nothing has told what it was for.
  if (notice.sittingId === null) await storage.webhooksOwed.done(job)
  else await storage.webhooksOwed.fail(job, { runAtMs: isOver || status === 410 ? now() : now() + pauseMs })
  if (status === 410) await pauseWebhook(deps, hook.id, { text: texts.gone, values: {} })
  else if (isOver && notice.sittingId !== null) await pauseWebhook(deps, hook.id, { text: texts.givenUp, values: {} })
  return false
}

function problemOf(status: number): Unsent | undefined {
  if (status >= 200 && status < 300) return undefined
  return { text: status >= 300 && status < 400 ? texts.redirect : texts.status, values: { status } }
}

/** Sends what one address is owed by now, until something is not taken. */
async function sendTo(deps: DeliveryDeps, { id }: Webhook): Promise<void> {
  const { storage, now } = deps
  const owed = (await storage.webhooksOwed.list()).filter(({ payload }) => payload.hook === id)
  for (const { key } of owed.sort((a, b) => inOrder(a.payload, b.payload))) {
    const hook = await storage.webhooks.find(id)
    if (!hook || hook.paused) return
    const job = await storage.webhooksOwed.take(now(), leaseMs, { key })
    if (job && !(await deliver(deps, hook, job))) return
  }
}

const types = Object.keys(eventTypes)
/** As it happened; what came at one moment as it follows from each other. */
const inOrder = (a: Notice, b: Notice): number => a.atMs - b.atMs || types.indexOf(a.type) - types.indexOf(b.type)

/** Puts a notice that was sent before among what is owed, now. @returns false when there is no such */
export async function sendAgain(
  { storage, now }: Pick<DeliveryDeps, 'storage' | 'now'>,
  hook: Webhook,
  id: string,
): Promise<boolean> {
  const known = hook.deliveries.find(({ notice }) => notice.id === id)?.notice
  if (!known) return false
  const key = jobKeyOf(known)
  if (await storage.webhooksOwed.add({ key, who: hook.id, payload: known }, now())) return true
  // It waits for its next try: that is now.
  const waiting = await storage.webhooksOwed.find(key)
  const job = waiting && (await storage.webhooksOwed.take(Math.max(now(), waiting.runAtMs), leaseMs, { key }))
  if (job) await storage.webhooksOwed.fail(job, { runAtMs: now() })
  return true
}

/** Puts a test among what is owed. @returns its id */
export async function addTest({ storage, now }: Pick<DeliveryDeps, 'storage' | 'now'>, hook: Webhook): Promise<string> {
  const id = `msg_${randomBytes(16).toString('hex')}`
  const payload: Notice = { id, hook: hook.id, type: 'podium.test', atMs: now(), sittingId: null, seat: null }
  await storage.webhooksOwed.add({ key: jobKeyOf(payload), who: hook.id, payload }, now())
  return id
}

export interface Deliveries {
  /** Looks for what has happened and sends what is due. */
  look(): Promise<void>
  /** Sends one notice that is owed at once, also of a webhook that is paused. @returns whether it was taken */
  sendNow(hookId: string, noticeId: string): Promise<boolean>
  close(): Promise<void>
}

const lookEveryMs = 2000

/** Looks for what is due as long as the server runs; a test looks by itself. */
export function createDeliveries(
  deps: DeliveryDeps & { onError(error: unknown): void; looksBySelf?: boolean },
): Deliveries {
  const seen: Seen = new Map()
  const rows = new Map<string, Promise<void>>()
  let turn: Promise<unknown> = Promise.resolve()
  const sendAll = async (): Promise<void> => {
    const hooks = (await deps.storage.webhooks.list()).filter(({ paused }) => !paused)
    for (const hook of hooks) {
      const before = rows.get(hook.id)
      if (before) continue
      const row = sendTo(deps, hook)
        .catch(deps.onError)
        .finally(() => rows.delete(hook.id))
      rows.set(hook.id, row)
    }
  }
  const put = (): Promise<unknown> => {
    turn = turn.then(() => putInOutbox(deps, seen)).catch(deps.onError)
    return turn
  }
  let isLooking = false
  const timer =
    deps.looksBySelf === false
      ? undefined
      : setInterval(() => {
          if (isLooking) return
          isLooking = true
          void put()
            .then(sendAll)
            .catch(deps.onError)
            .finally(() => {
              isLooking = false
            })
        }, lookEveryMs)
  timer?.unref()
  return {
    async look() {
      await put()
      // What is being sent may have begun before.
      await Promise.all(rows.values())
      await sendAll()
      await Promise.all(rows.values())
    },
    async sendNow(hookId, id) {
      const hook = await deps.storage.webhooks.find(hookId)
      const job = await deps.storage.webhooksOwed.take(deps.now(), leaseMs, { key: jobKeyOf({ hook: hookId, id }) })
      return hook !== undefined && job !== undefined && deliver(deps, hook, job)
    },
    async close() {
      clearInterval(timer)
      await turn
      await Promise.all(rows.values())
    },
  }
}
