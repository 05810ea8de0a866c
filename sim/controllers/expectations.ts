/**
 * What a controller has done and not yet seen in its cache. Until it has, it must not act on that cache, or it would do
 * everything twice. Source: kubernetes/pkg/controller/controller_utils.go
 */

/** After this long the cache is believed again, whatever was expected. */
const EXPIRY_MS = 300_000

export class Expectations {
  private readonly entries = new Map<string, { creations: number; deletions: Set<string>; sinceMs: number }>()
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  expectCreations(key: string, count: number): void {
    this.entries.set(key, { creations: count, deletions: new Set(), sinceMs: this.now() })
  }

  /** @param names keys of the objects that are about to be deleted */
  expectDeletions(key: string, names: readonly string[]): void {
    this.entries.set(key, { creations: 0, deletions: new Set(names), sinceMs: this.now() })
  }

  /** Both at once. @param names keys of the objects that are about to be deleted */
  expect(key: string, creations: number, names: readonly string[]): void {
    this.entries.set(key, { creations, deletions: new Set(names), sinceMs: this.now() })
  }

  /** An object was seen, or will never come because its creation failed. */
  creationObserved(key: string): void {
    const entry = this.entries.get(key)
    if (entry) entry.creations--
  }

  deletionObserved(key: string, name: string): void {
    this.entries.get(key)?.deletions.delete(name)
  }

  /** Whether the cache shows all that was done. */
  areSatisfied(key: string): boolean {
    const entry = this.entries.get(key)
    if (!entry) return true
    return (entry.creations <= 0 && entry.deletions.size === 0) || this.now() - entry.sinceMs > EXPIRY_MS
  }

  forget(key: string): void {
    this.entries.delete(key)
  }
}
