/** What a storage backend offers. The aggregates are built on this and nothing else. */
import type { Bus } from './bus.ts'
import type { DocumentKind, Documents } from './documents.ts'
import type { JobKind, Jobs } from './jobs.ts'
import type { Leases } from './leases.ts'
import type { StreamKind, Streams } from './streams.ts'

export interface Store {
  /** Collections of versioned JSON documents. */
  documents<T>(kind: DocumentKind<T>): Documents<T>
  /** Append-only streams of entries. */
  streams<E>(kind: StreamKind<E>): Streams<E>
  /** Work that is owed. */
  jobs<P>(kind: JobKind<P>): Jobs<P>
  bus: Bus
  leases: Leases
  /** Writes something that nobody reads, as durably as any document. @throws Error when nothing can be written */
  healthy(): Promise<void>
  close(): Promise<void>
}

/** What keeps everything does not answer, and was waited for. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway'
  /** What was to be written was sent, and nobody heard what became of it. */
  readonly mayBeDone: boolean
  constructor(mayBeDone: boolean, options?: ErrorOptions) {
    super(mayBeDone ? 'the database went away while something was written' : 'the database does not answer', options)
    this.mayBeDone = mayBeDone
  }
}

/** A database cannot be used as it is: told without a stack, and without the password. */
export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable'
}
