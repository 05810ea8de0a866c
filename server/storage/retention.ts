/** Sittings that are kept until a date: when it has come, they are removed with all that was done in them. */
import type { Sitting, Storage } from './types.ts'

const dayMs = 24 * 3_600_000
/** It is looked for what is due when the server starts, and then so often. */
const everyMs = 3_600_000

/** The moment until which something is kept that ended then. */
export const keptUntil = (endedMs: number, days: number): number => endedMs + days * dayMs

export interface RetentionDeps {
  storage: Pick<Storage, 'sittings'>
  now(): number
  /** Removes one of that kind, with all that was done in it; undefined for a kind that is never removed by itself. */
  removers: Partial<Record<Sitting['kind'], (id: string) => Promise<void>>>
  onError(error: unknown): void
}

/** Removes what is due. One that cannot be removed is told, tried again the next time, and keeps no other one. @returns how many were removed */
export async function removeDue({ storage, now, removers, onError }: RetentionDeps): Promise<number> {
  let removed = 0
  for (const { id, kind, retainUntilMs } of await storage.sittings.retained()) {
    const remove = removers[kind]
    if (!remove || retainUntilMs === null || retainUntilMs > now()) continue
    try {
      await remove(id)
      removed++
    } catch (error) {
      onError(error)
    }
  }
  return removed
}

/** Sweeps away what is due, from now on. @returns stops it, and resolves when nothing is being removed any more */
export function keepRetention(
  sweeps: readonly (() => Promise<unknown>)[],
  onError: (error: unknown) => void,
): () => Promise<void> {
  let turn: Promise<unknown> = Promise.resolve()
  const sweep = (): void => {
    for (const one of sweeps) turn = turn.then(one).catch(onError)
  }
  const timer = setInterval(sweep, everyMs)
  timer.unref()
  sweep()
  return async () => {
    clearInterval(timer)
    await turn
  }
}
