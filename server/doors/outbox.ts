/**
 * The outbox of hiring. What happened stands in the journals of an exercise before anybody outside is told: here it is read from there, put among
 * what is owed, and noted as put there, in this order. So a process that is killed at any moment loses nothing. What it did twice has the same id.
 */
import { createHash } from 'node:crypto'
import { type CandidateDeps, candidatesOf } from '../hiring/candidates.ts'
import type { Exercise, Exercises } from '../hiring/exercises.ts'
import { unlessDamaged } from '../storage/documents.ts'
import type { Storage } from '../storage/types.ts'
import type { Notice, Webhook } from '../storage/webhooks.ts'
import { type Milestone, milestonesOf } from './events.ts'
import { jobKeyOf } from './webhooks.ts'

export interface OutboxDeps extends Omit<CandidateDeps, 'storage' | 'exercises'> {
  storage: Pick<
    Storage,
    'participants' | 'hiringJobs' | 'erasures' | 'journals' | 'webhooks' | 'webhooksTold' | 'webhooksOwed'
  >
  exercises: Pick<Exercises, 'all' | 'acts' | 'course'>
}

/** What this process knows of exercises that change no more: where their acts ended when it looked, and who was told by then. */
export type Seen = Map<string, string>

/** Puts what has happened since the last look among what is owed. @param seen changed; empty at the start @returns how many were put there */
export async function putInOutbox(deps: OutboxDeps, seen: Seen): Promise<number> {
  const hooks = await deps.storage.webhooks.list()
  if (hooks.length === 0) return 0
  let added = 0
  for (const exercise of await deps.exercises.all()) {
    // Nobody is hired by a rehearsal. Of what waits for repair nothing is told before it is repaired, and all of it then.
    if (!exercise.exercise.rehearsalOf)
      added += (await unlessDamaged(lookAt(deps, exercise, hooks, seen), () => undefined)) ?? 0
  }
  return added
}

async function lookAt(deps: OutboxDeps, exercise: Exercise, hooks: readonly Webhook[], seen: Seen): Promise<number> {
  const { life } = await deps.exercises.course(exercise.id)
  const isGoing = life.state === 'open' || life.state === 'paused' || life.state === 'closing'
  const mark = `${await deps.storage.journals.head(exercise.id)} ${JSON.stringify(hooks.map(({ id, events }) => [id, events]))}`
  if (!isGoing && seen.get(exercise.id) === mark) return 0
  const { added, isWhole } = await putOf(deps, exercise, hooks)
  if (isGoing || !isWhole) seen.delete(exercise.id)
  else seen.set(exercise.id, mark)
  return added
}

/** @returns how many were put there, and whether all candidates could be read */
async function putOf(
  deps: OutboxDeps,
  exercise: Exercise,
  hooks: readonly Webhook[],
): Promise<{ added: number; isWhole: boolean }> {
  const { storage } = deps
  const job = await storage.hiringJobs.find(exercise.exercise.jobId)
  const erased = (await storage.erasures.list()).filter(({ sittingId }) => sittingId === exercise.id)
  let isWhole = true
  const onUnreadable = (): void => {
    isWhole = false
  }
  const people = await candidatesOf(deps, exercise, onUnreadable)
  const standings = people.filter(({ state }) => state !== 'unreadable')
  const milestones = milestonesOf({
    ...{ exercise, acts: await deps.exercises.acts(exercise.id), standings },
    erasures: new Map(erased.map(({ id, seat }) => [id, seat])),
    hasReviewers: (job?.reviewers.length ?? 0) > 0,
    nowMs: deps.now(),
  })
  let added = 0
  for (const [seat, ofSeat] of bySeat(milestones)) {
    const told = new Set(await storage.webhooksTold.ids(exercise.id, seat))
    const news = hooks.flatMap((hook) =>
      ofSeat.filter((one) => concerns(hook, one)).map((one) => noticeOf(hook, exercise.id, one)),
    )
    const owed = news.filter(({ id }) => !told.has(id))
    if (owed.length === 0) continue
    for (const notice of owed) {
      const key = jobKeyOf(notice)
      if (await storage.webhooksOwed.add({ key, who: notice.hook, payload: notice }, deps.now())) added++
    }
    // Who was erased has no list of their own any more.
    await storage.webhooksTold.add(
      exercise.id,
      seat,
      owed.map(({ id }) => id),
    )
  }
  return { added, isWhole }
}

const concerns = ({ events }: Webhook, { type, atMs }: Milestone): boolean =>
  events.some((one) => one.type === type && atMs >= one.sinceMs)

/** That of erased ones lies with the exercise: of themselves nothing is kept. */
function bySeat(milestones: readonly Milestone[]): Map<string | null, Milestone[]> {
  const found = new Map<string | null, Milestone[]>()
  for (const one of milestones) {
    const seat = one.type === 'candidate.erased' ? null : one.seat
    found.set(seat, [...(found.get(seat) ?? []), one])
  }
  return found
}

function noticeOf(hook: Webhook, sittingId: string, { type, atMs, seat, what, by }: Milestone): Notice {
  const text = [hook.id, sittingId, seat ?? '', what].join('\n')
  const id = `msg_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
  return { id, hook: hook.id, type, atMs, sittingId, seat, ...(by ? { by } : {}) }
}
