/** Delays that double with each failure of a thing. Source: k8s.io/client-go/util/flowcontrol */

interface Entry {
  delayMs: number
  updatedMs: number
}

export class Backoff {
  private readonly entries = new Map<string, Entry>()
  private readonly initialMs: number
  private readonly maxMs: number
  private readonly clock: () => number

  /** @param clock virtual milliseconds */
  constructor(initialMs: number, maxMs: number, clock: () => number) {
    this.initialMs = initialMs
    this.maxMs = maxMs
    this.clock = clock
  }

  /** The delay that holds for the key; 0 without a failure. */
  delayMs(key: string): number {
    return this.entries.get(key)?.delayMs ?? 0
  }

  /** Counts a failure that happened at `eventMs`: the first gives the initial delay, later ones double it. */
  next(key: string, eventMs: number): void {
    const entry = this.entries.get(key)
    const delayMs = !entry || this.isExpired(entry, eventMs) ? this.initialMs : Math.min(entry.delayMs * 2, this.maxMs)
    this.entries.set(key, { delayMs, updatedMs: this.clock() })
  }

  /** True while less than the delay has passed since `eventMs`. */
  isWithinDelaySince(key: string, eventMs: number): boolean {
    const entry = this.entries.get(key)
    return entry !== undefined && !this.isExpired(entry, eventMs) && this.clock() - eventMs < entry.delayMs
  }

  /** True while less than the delay lies between the last failure counted and `eventMs`. */
  isWithinDelaySinceFailure(key: string, eventMs: number): boolean {
    const entry = this.entries.get(key)
    return entry !== undefined && !this.isExpired(entry, eventMs) && eventMs - entry.updatedMs < entry.delayMs
  }

  /** Drops the keys that `isGone` picks. */
  forget(isGone: (key: string) => boolean): void {
    for (const key of this.entries.keys()) if (isGone(key)) this.entries.delete(key)
  }

  // What has been quiet for twice the greatest delay starts anew.
  private isExpired(entry: Entry, eventMs: number): boolean {
    return eventMs - entry.updatedMs > 2 * this.maxMs
  }
}

/** A duration as Go prints it: `10s`, `1m20s`, `5m0s`, `1.5s`, `250ms`. */
export function durationText(ms: number): string {
  if (ms === 0) return '0s'
  if (ms < 1) return `${Number((ms * 1000).toFixed(3))}µs`
  if (ms < 1000) return `${Number(ms.toFixed(6))}ms`
  const hours = Math.floor(ms / 3_600_000)
  const minutes = Math.floor(ms / 60_000) % 60
  const seconds = Number(((ms % 60_000) / 1000).toFixed(9))
  return `${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${seconds}s`
}
