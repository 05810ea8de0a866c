/** Counts tries by key: so many in a while, and no more until it is over. */

export interface ThrottleOptions {
  most: number
  windowMs: number
  now: () => number
  /** Keys that are kept; more of them push out the oldest. */
  keys?: number
}

export class Throttle {
  readonly #options: ThrottleOptions
  /** In the order in which their windows began. */
  readonly #counts = new Map<string, { count: number; endsAtMs: number }>()

  constructor(options: ThrottleOptions) {
    this.#options = options
  }

  /** Counts a try. @returns 0, or how long to wait when there were too many */
  take(key: string): number {
    const { most, windowMs, now, keys = 20_000 } = this.#options
    const nowMs = now()
    const known = this.#counts.get(key)
    if (!known || known.endsAtMs <= nowMs) {
      this.#counts.delete(key)
      this.#counts.set(key, { count: 1, endsAtMs: nowMs + windowMs })
      for (const oldest of this.#counts.keys()) {
        if (this.#counts.size <= keys) break
        this.#counts.delete(oldest)
      }
      return 0
    }
    if (known.count >= most) return known.endsAtMs - nowMs
    known.count++
    return 0
  }

  /** How long to wait as things are, without counting anything. */
  waitMs(key: string): number {
    const { most, now } = this.#options
    const known = this.#counts.get(key)
    return known && known.count >= most ? Math.max(0, known.endsAtMs - now()) : 0
  }

  /** It was none that has to be counted. */
  giveBack(key: string): void {
    const known = this.#counts.get(key)
    if (known && known.count > 0) known.count--
  }

  forget(key: string): void {
    this.#counts.delete(key)
  }
}
