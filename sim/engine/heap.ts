/** A binary heap of queue entries ordered by (dueMs, priority, sequence): a total order, so that a run has one history. */

export interface QueueEntry {
  readonly dueMs: number
  readonly priority: number
  readonly sequence: number
}

const isBefore = (a: QueueEntry, b: QueueEntry): boolean =>
  a.dueMs !== b.dueMs
    ? a.dueMs < b.dueMs
    : a.priority !== b.priority
      ? a.priority < b.priority
      : a.sequence < b.sequence

export class Heap<T extends QueueEntry> {
  private items: T[] = []

  get size(): number {
    return this.items.length
  }

  peek(): T | undefined {
    return this.items[0]
  }

  push(item: T): void {
    const items = this.items
    let i = items.length
    items.push(item)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(item, items[parent])) break
      items[i] = items[parent]
      i = parent
    }
    items[i] = item
  }

  pop(): T | undefined {
    const items = this.items
    const top = items[0]
    const last = items.pop()
    if (items.length > 0 && last !== undefined) this.siftDown(0, last)
    return top
  }

  /** Keeps only the entries that `keep` accepts. */
  retain(keep: (item: T) => boolean): void {
    this.items = this.items.filter(keep)
    for (let i = (this.items.length >> 1) - 1; i >= 0; i--) this.siftDown(i, this.items[i])
  }

  /** Every entry, in no particular order. */
  entries(): readonly T[] {
    return this.items
  }

  private siftDown(start: number, item: T): void {
    const items = this.items
    const length = items.length
    let i = start
    for (;;) {
      let child = 2 * i + 1
      if (child >= length) break
      if (child + 1 < length && isBefore(items[child + 1], items[child])) child++
      if (!isBefore(items[child], item)) break
      items[i] = items[child]
      i = child
    }
    items[i] = item
  }
}
