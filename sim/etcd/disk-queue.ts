/** Writes of a disk that are under way, in the order in which they will be there; those that are there already leave. */

interface Write<T> {
  readonly doneMs: number
  readonly what: T
}

/** How many that are done are kept in front before the list is made shorter. */
const MOST_DONE = 64

export class DiskQueue<T> {
  private writes: Write<T>[] = []
  /** How many of them are there already. */
  private done = 0

  /** @returns what was written last of what is there by then; undefined where nothing came since the last time */
  takeDone(nowMs: number): T | undefined {
    const before = this.done
    while (this.done < this.writes.length && this.writes[this.done].doneMs <= nowMs) this.done++
    return this.done === before ? undefined : this.writes[this.done - 1].what
  }

  /** @param doneMs not before the one that was added last */
  add(doneMs: number, what: T): void {
    this.writes.push({ doneMs, what })
  }

  /** When the last one is there; undefined where none is under way. */
  get lastMs(): number | undefined {
    return this.done < this.writes.length ? this.writes[this.writes.length - 1].doneMs : undefined
  }

  /** @returns how to have it as it is now once more, whatever is added in between */
  mark(): () => void {
    if (this.done > MOST_DONE) {
      this.writes = this.writes.slice(this.done)
      this.done = 0
    }
    const { length } = this.writes
    const { done } = this
    return () => {
      this.writes.length = length
      this.done = done
    }
  }

  clear(): void {
    this.writes = []
    this.done = 0
  }
}
