/** Files that were read and wait for a word: shown first, added then. In memory, for a while. */
import type { Belongings } from '../../belongings/belongings.ts'
import type { Standing } from '../../belongings/origin.ts'

/** In words. */
export interface ShownPlan {
  /** Whose the file is, unless it is the learner's own. */
  standing: string
  adds: string[]
  updates: string[]
  /** Names of sandboxes. */
  noRoom: string[]
}

export interface Pending {
  /** Of this file: another one that came meanwhile is not added by the button of the page before. */
  id: string
  belongings: Belongings
  standing: Standing
  /** What adding it would do, as it was when the file came. */
  shown: ShownPlan
  bytes: number
  atMs: number
}

export interface Added {
  plan: ShownPlan
  failed: { name: string; why: string }[]
}

const keptMs = 15 * 60_000

/** By learner, one each. */
export class PendingFiles {
  readonly #mostBytes: number
  readonly #now: () => number
  /** The oldest first. */
  readonly #waiting = new Map<string, Pending>()
  readonly #added = new Map<string, Added>()

  constructor(options: { mostBytes: number; now: () => number }) {
    this.#mostBytes = options.mostBytes
    this.#now = options.now
  }

  keep(learnerId: string, file: Omit<Pending, 'atMs'>): void {
    this.#waiting.delete(learnerId)
    this.#waiting.set(learnerId, { ...file, atMs: this.#now() })
    let bytes = [...this.#waiting.values()].reduce((sum, one) => sum + one.bytes, 0)
    for (const [who, one] of this.#waiting) {
      if (who === learnerId || (bytes <= this.#mostBytes && one.atMs > this.#now() - keptMs)) continue
      this.#waiting.delete(who)
      bytes -= one.bytes
    }
  }

  find(learnerId: string): Pending | undefined {
    const file = this.#waiting.get(learnerId)
    return file && file.atMs > this.#now() - keptMs ? file : undefined
  }

  drop(learnerId: string): void {
    this.#waiting.delete(learnerId)
  }

  /** What was added last, for the page that comes after. */
  tell(learnerId: string, added: Added): void {
    this.#added.set(learnerId, added)
    for (const oldest of this.#added.keys()) {
      if (this.#added.size <= 1000) break
      this.#added.delete(oldest)
    }
  }

  told(learnerId: string): Added | undefined {
    const added = this.#added.get(learnerId)
    this.#added.delete(learnerId)
    return added
  }
}
