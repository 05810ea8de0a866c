/** Named collections of versioned JSON documents. */
import type { z } from 'zod'

/** How the documents of one collection look, and how older ones become the present form. */
export interface DocumentKind<T> {
  /** Folder or table name. */
  name: string
  /** Version of the present form; 1 is the first. */
  version: number
  schema: z.ZodType<T>
  /** `upgrades[n]` turns the data of version n + 1 into version n + 2. */
  upgrades: readonly ((data: unknown) => unknown)[]
  /** By which documents can be looked up: the values of each field, of a document. */
  indexes?: Readonly<Record<string, (data: T) => readonly string[]>>
}

/** What is written: the data and the version of its form. */
export interface Envelope {
  schemaVersion: number
  data: unknown
}

/**
 * Documents of one kind by key. A key is one to three names of letters, digits, `_`, `-` and `.`, joined by `/`.
 * A promise that resolves after a change means that the change outlives the process and the machine's power.
 */
export interface Documents<T> {
  /** @throws DocumentUnreadable when the stored text is damaged, or newer than this program. */
  find(key: string): Promise<T | undefined>
  /**
   * Changes a document in one step: nobody else's change comes between reading and writing. `change` is pure, gets undefined
   * when there is none yet, and may throw to leave the document as it is.
   */
  update(key: string, change: (current: T | undefined) => T): Promise<T>
  /** Removes a document and what was set aside of it. Removing what is not there is no error. */
  remove(key: string): Promise<void>
  /** The keys under `prefix/`, or all, sorted; those of documents that wait for repair among them. */
  keys(prefix?: string): Promise<string[]>
  /**
   * The keys of those that have that value in a field of the kind's `indexes`, sorted.
   * @param onUnreadable is told of those that wait for repair, where nobody knows what they have in that field
   * @throws Error for another field
   */
  keysBy(field: string, value: string, onUnreadable?: (error: DocumentUnreadable) => void): Promise<string[]>
}

/** A stored document exists and cannot be used. It has not been and will not be overwritten. */
export class DocumentUnreadable extends Error {
  override readonly name = 'DocumentUnreadable'
  readonly kind: string
  readonly key: string
  constructor(kind: string, key: string, message: string) {
    super(message)
    this.kind = kind
    this.key = key
  }
}

/** What is found, or undefined when it waits for repair and `told` of that does not throw. */
export async function unlessDamaged<T>(
  found: Promise<T>,
  told: (error: DocumentUnreadable) => void,
): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if (!(error instanceof DocumentUnreadable)) throw error
    told(error)
    return undefined
  }
}

/** Tells of each damaged document once, where it is met again and again; of all else each time. */
export function damageOnce(told: (error: unknown) => void): (error: unknown) => void {
  const known = new Set<string>()
  return (error) => {
    if (error instanceof DocumentUnreadable) {
      const name = `${error.kind} ${error.key}`
      if (known.has(name)) return
      known.add(name)
    }
    told(error)
  }
}

/** One that waits for repair does not hide the others, if somebody is told of it. */
export async function findAll<T>(
  documents: Documents<T>,
  keys: readonly string[],
  onUnreadable?: (error: DocumentUnreadable) => void,
): Promise<T[]> {
  const find = (key: string): Promise<T | undefined> =>
    unlessDamaged(documents.find(key), (error) => {
      if (!onUnreadable) throw error
      onUnreadable(error)
    })
  return present(await Promise.all(keys.map(find)))
}

export function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined)
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,119}$/

/** A name that nothing can be stored by. Where it came with a request, what it asks for is not there. */
export class NotAKey extends Error {
  override readonly name = 'NotAKey'
  constructor(key: string) {
    super(`"${key}" is not a document key: one to three names of letters, digits, "_", "-" and "." joined by "/"`)
  }
}

/** Refuses keys that could leave the collection's folder or collide with its helper files. @throws NotAKey */
export function checkKey(key: string): string {
  const parts = key.split('/')
  if (parts.length > 3 || !parts.every((part) => namePattern.test(part))) throw new NotAKey(key)
  return key
}

/** Thrown by {@link readEnvelope}: `damaged` documents are set aside, `newer` ones are left where they are. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError'
  readonly reason: 'damaged' | 'newer'
  constructor(reason: 'damaged' | 'newer', message: string) {
    super(message)
    this.reason = reason
  }
}

/** Turns a stored envelope of any known version into today's data. @throws EnvelopeError */
export function readEnvelope<T>(kind: DocumentKind<T>, envelope: unknown): T {
  if (typeof envelope !== 'object' || envelope === null || !('schemaVersion' in envelope) || !('data' in envelope))
    throw new EnvelopeError('damaged', 'it has no schemaVersion and data')
  const { schemaVersion, data } = envelope as Envelope
  if (!Number.isInteger(schemaVersion) || schemaVersion < 1)
    throw new EnvelopeError('damaged', `schemaVersion ${JSON.stringify(schemaVersion)} is not a positive whole number`)
  if (schemaVersion > kind.version)
    throw new EnvelopeError(
      'newer',
      `it has schema version ${schemaVersion}, and this program knows ${kind.version} at most: start the newer program`,
    )
  let current = data
  for (let version = schemaVersion; version < kind.version; version++) {
    try {
      current = kind.upgrades[version - 1]!(current)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new EnvelopeError('damaged', `it is not of the shape of its schema version ${version}: ${why}`)
    }
  }
  const read = kind.schema.safeParse(current)
  if (read.success) return read.data
  const issue = read.error.issues[0]!
  throw new EnvelopeError('damaged', `${issue.path.join('.') || 'the document'}: ${issue.message}`)
}
