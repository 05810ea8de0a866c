/** What a learner may not practise on now: a sitting has it, or a timed exam of their own. */
import { isClosed, rulesOf } from '../exams/mock.ts'
import { msg, t } from '../i18n/translate.ts'
import { HttpProblem } from '../render/problem.ts'
import { practiceSeat } from '../seat.ts'
import { type DocumentUnreadable, unlessDamaged } from '../storage/documents.ts'
import type { Mock } from '../storage/types.ts'
import type { PracticeDeps } from './deps.ts'

const reasons = {
  sitting: msg('This is part of a workshop or an exercise that is open now. You can practise it when that is closed.'),
  exam: msg(
    'This is part of the timed exam that you have begun. You can look at it here when the exam is handed in or its time is over.',
  ),
}

export type Locks = ReadonlyMap<string, keyof typeof reasons>

/** By the names of items, such as `question:pod/probes`. @param over the exam or sitting that does not count: the one that is looked at */
export async function locksOf(deps: PracticeDeps, learnerId: string, over: { except?: string } = {}): Promise<Locks> {
  const nowMs = deps.now()
  const locks = new Map<string, keyof typeof reasons>()
  // An exam that waits for repair locks nothing: nobody can go on with it.
  const { mocks } = await deps.journals.work(practiceSeat(learnerId))
  for (const mock of mocks.filter((one) => isSecret(one, nowMs) && one.id !== over.except))
    for (const name of itemsOf(mock)) locks.set(name, 'exam')
  const damaged: DocumentUnreadable[] = []
  const kept = await deps.storage.itemLocks.list((error) => damaged.push(error))
  const own = kept.length + damaged.length > 0 ? await deps.storage.participants.ofLearner(learnerId) : []
  for (const error of damaged)
    if (error.key !== over.except && own.some((seat) => seat.sittingId === error.key))
      for (const item of await itemsInPlaceOf(deps, error)) locks.set(item, 'sitting')
  for (const { sittingId, items, scope, untilMs } of kept) {
    if (sittingId === over.except || (untilMs !== null && untilMs <= nowMs)) continue
    const isMeant = scope === 'everybody' || own.some((seat) => seat.sittingId === sittingId)
    if (isMeant) for (const item of items) locks.set(item, 'sitting')
  }
  return locks
}

/**
 * What a damaged lock is for, for those who are in its sitting: all that the sitting has. Others practise on.
 * @throws DocumentUnreadable when that is not known either
 */
async function itemsInPlaceOf(deps: PracticeDeps, error: DocumentUnreadable): Promise<string[]> {
  const sitting = await unlessDamaged(deps.storage.sittings.find(error.key), () => undefined)
  if (!sitting) throw error
  const { moved } = deps.catalog()
  return sitting.items.map((item) => moved?.get(item) ?? item)
}

/** The names of what it asks, such as `question:pod/probes`. */
export const itemsOf = ({ items, tasks = [] }: Mock): string[] => [
  ...items.map(({ questionId }) => `question:${questionId}`),
  ...tasks.map(({ challengeId }) => `challenge:${challengeId}`),
]

/** A timed exam that is open: what it asks is told nowhere else. */
export const isSecret = (mock: Mock, nowMs: number): boolean =>
  mock.kind !== 'interview' && rulesOf(mock).showSolutions !== 'at once' && !isClosed(mock, nowMs)

/** @throws HttpProblem 423 when one of the items is locked */
export function refuseLocked(locks: Locks, ...items: readonly string[]): void {
  const reason = items.map((item) => locks.get(item)).find((one) => one !== undefined)
  if (reason) throw new HttpProblem(423, t(reasons[reason]))
}
