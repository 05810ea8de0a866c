/** What happens within one moment of the cluster, in the order of its own clock. */

interface Item {
  readonly atMs: number
  readonly run: () => void
}

export class Agenda {
  private readonly items: Item[] = []
  private clockMs: number

  constructor(nowMs: number) {
    this.clockMs = nowMs
  }

  get nowMs(): number {
    return this.clockMs
  }

  get isEmpty(): boolean {
    return this.items.length === 0
  }

  /** Of the next item. */
  get nextMs(): number {
    return this.items[0]?.atMs ?? Number.POSITIVE_INFINITY
  }

  /** Behind those of the same time. */
  add(atMs: number, run: () => void): void {
    let place = this.items.length
    while (place > 0 && this.items[place - 1].atMs > atMs) place--
    this.items.splice(place, 0, { atMs, run })
  }

  runNext(): void {
    const item = this.items.shift()
    if (!item) return
    this.clockMs = item.atMs
    item.run()
  }

  /** What is left, in order. */
  rest(): readonly Item[] {
    return this.items
  }
}
