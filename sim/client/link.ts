/** The way from a component to the API server: while it is cut, requests fail and watches end. */

/** A way that may be cut. */
export interface Link {
  /** What somebody who tries it is told: `dial tcp 172.18.0.2:6443: i/o timeout`; undefined while it is open. */
  readonly failure: string | undefined
  /** Returns how to leave. */
  onChange(listener: () => void): () => void
}

/** A way that is cut and opened by a fault. */
export class SwitchedLink implements Link {
  private readonly listeners = new Set<() => void>()
  private reason: string | undefined
  private words: (() => string) | undefined

  get failure(): string | undefined {
    return this.reason === undefined ? undefined : (this.words?.() ?? this.reason)
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** @param words what is said of it at each moment, where that is not always the same */
  cut(failure: string, words?: () => string): void {
    this.words = words
    this.set(failure)
  }

  open(): void {
    this.set(undefined)
  }

  private set(failure: string | undefined): void {
    if (failure === this.reason) return
    this.reason = failure
    for (const listener of [...this.listeners]) listener()
  }
}

/** Two ways, one behind the other. */
export class JoinedLink implements Link {
  private readonly near: Link
  private readonly far: Link

  constructor(near: Link, far: Link) {
    this.near = near
    this.far = far
  }

  get failure(): string | undefined {
    return this.near.failure ?? this.far.failure
  }

  onChange(listener: () => void): () => void {
    const leaveNear = this.near.onChange(listener)
    const leaveFar = this.far.onChange(listener)
    return () => {
      leaveNear()
      leaveFar()
    }
  }
}
