/** Runs that a plain form asked for, until the page that shows them is fetched: least recently used go first. */
import type { DemoOutcome } from './demo-view.ts'

export class RecentRuns {
  private readonly runs = new Map<string, DemoOutcome>()
  private readonly capacity: number
  constructor(capacity = 200) {
    this.capacity = capacity
  }

  keep(key: string, outcome: DemoOutcome): void {
    this.runs.delete(key)
    this.runs.set(key, outcome)
    for (const oldest of this.runs.keys()) {
      if (this.runs.size <= this.capacity) return
      this.runs.delete(oldest)
    }
  }

  find(key: string): DemoOutcome | undefined {
    return this.runs.get(key)
  }
}
