/** The causal trace: what happened, at what virtual moment, and what made it happen. A graph from a command down to its last effect. */

export interface ObjectRef {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

export interface TraceRecord {
  readonly id: number
  /** Virtual milliseconds since the cluster started. */
  readonly atMs: number
  /** The record that made this one happen; 0 when it came from outside. */
  readonly cause: number
  /** Who did it: a user name, `system:kube-scheduler`, `system:node:node-1`, `containerd/node-1`. */
  readonly actor: string
  /** What it did, in a word or two: `create`, `update status`, `watch`, `CRI RunPodSandbox`, `exit`, `probe`. */
  readonly action: string
  readonly object?: ObjectRef
  /** Facts worth showing, by name. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export class Trace {
  /** The record under which whatever happens now happens. */
  current = 0
  private readonly list: TraceRecord[] = []
  private readonly clock: () => number
  private readonly limit: number

  constructor(clock: () => number, limit: number) {
    this.clock = clock
    this.limit = limit
  }

  /** Notes an act, makes it the cause of what follows in this event, and returns its id. */
  record(actor: string, action: string, object?: ObjectRef, detail?: Readonly<Record<string, unknown>>): number {
    if (this.list.length >= this.limit) return this.current
    const id = this.list.length + 1
    this.list.push({ id, atMs: this.clock(), cause: this.current, actor, action, object, detail })
    this.current = id
    return id
  }

  /** Runs `act` with `cause` as the current record and puts the former back. */
  under<T>(cause: number, act: () => T): T {
    const before = this.current
    this.current = cause
    try {
      return act()
    } finally {
      this.current = before
    }
  }

  get(id: number): TraceRecord | undefined {
    return this.list[id - 1]
  }

  records(): readonly TraceRecord[] {
    return this.list
  }

  /** The chain of causes of a record, from the first cause to the record itself. */
  causesOf(id: number): TraceRecord[] {
    const chain: TraceRecord[] = []
    for (let r = this.get(id); r; r = this.get(r.cause)) chain.push(r)
    return chain.reverse()
  }
}
