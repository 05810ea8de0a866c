/** Writes for one sandbox, in order, one at a time: what comes while one is under way shares the next. */
import type { LoggedCommand } from '../../../sim/index.ts'

interface Batch {
  commands: LoggedCommand[]
  hasRecord: boolean
  done: Promise<void>
  resolve(): void
  reject(error: unknown): void
}

export interface Target {
  append(commands: readonly LoggedCommand[]): Promise<void>
  /** Writes the record as it is now. */
  saveRecord(): Promise<void>
  /** Nothing of what came since is written either: a log has no gaps. */
  failed(error: unknown): void
}

export class GroupWriter {
  readonly #target: Target
  #next: Batch | undefined
  #current: Batch | undefined

  constructor(target: Target) {
    this.#target = target
  }

  addCommands(commands: readonly LoggedCommand[]): void {
    this.#batch().commands.push(...commands)
  }

  /** @returns when the record as it is now is written */
  saveRecord(): Promise<void> {
    const batch = this.#batch()
    batch.hasRecord = true
    return batch.done
  }

  /** Resolves when all that was given so far is written; undefined when it is. */
  settled(): Promise<void> | undefined {
    return (this.#next ?? this.#current)?.done
  }

  #batch(): Batch {
    if (this.#next) return this.#next
    const { promise, resolve, reject } = withResolvers()
    // Who waits is told; that nobody does is no error of its own.
    promise.catch(() => undefined)
    this.#next = { commands: [], hasRecord: false, done: promise, resolve, reject }
    if (!this.#current) queueMicrotask(() => void this.#drain())
    return this.#next
  }

  async #drain(): Promise<void> {
    if (this.#current) return
    while (this.#next) {
      const batch = this.#next
      this.#current = batch
      this.#next = undefined
      try {
        if (batch.commands.length > 0) await this.#target.append(batch.commands)
        if (batch.hasRecord) await this.#target.saveRecord()
        this.#current = undefined
        batch.resolve()
      } catch (error) {
        this.#target.failed(error)
        this.#current = undefined
        // Given since then, and made on top of what is lost.
        const after = this.#next as Batch | undefined
        this.#next = undefined
        batch.reject(error)
        after?.reject(error)
      }
    }
  }
}

function withResolvers(): { promise: Promise<void>; resolve(): void; reject(error: unknown): void } {
  let resolve: () => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<void>((kept, broken) => {
    resolve = kept
    reject = broken
  })
  return { promise, resolve, reject }
}
