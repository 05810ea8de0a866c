/** The store that the configuration names, and what is kept beside it. */
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import { namesIn, readTextIfAny, writeDurably } from './durable-file.ts'
import { DataFolderUnusable, usingFolder } from './folder-problem.ts'
import { DataFolderLocked } from './lock.ts'
import { createLowdbStore } from './lowdb.ts'
import { createMemoryStore } from './memory.ts'
import { LogTooNew } from './replay.ts'
import { DatabaseUnusable, type Store } from './store.ts'

export type BackendConfig = Pick<
  Config,
  'storage' | 'dataDir' | 'databaseUrl' | 'databaseDirectUrl' | 'settleAfterMs' | 'cached'
>

export interface Backend {
  store: Store
  /** What an operator calls it; no secret is in it. */
  where: string
  /** Signs cookies and form tokens: made at the first start, or given then, and the same after that. @throws SecretDamaged */
  secret(given?: string): Promise<string>
  /** The names of the kinds of which there is something. */
  kinds(): Promise<string[]>
  /** Does the first work in it. @throws in words what the operator can change */
  beginning<T>(act: () => Promise<T>): Promise<T>
}

/** @throws in words what the operator can change: see {@link isStorageProblem} */
export async function openBackend(config: BackendConfig, onProblem: (message: string) => void): Promise<Backend> {
  const { storage, databaseUrl: url, databaseDirectUrl: directUrl } = config
  if (storage === 'memory') {
    const made = madeSecret()
    const beginning = <T>(act: () => Promise<T>) => act()
    const store = createMemoryStore()
    return { store, where: 'memory', secret: async () => made, kinds: async () => [], beginning }
  }
  if (storage === 'postgres') {
    if (url === undefined) throw new Error('STORAGE=postgres needs DATABASE_URL')
    // Who keeps files does not load it.
    const { createPostgresStore, nameOf, usingDatabase } = await import('./postgres/store.ts')
    const store = await createPostgresStore({ url, directUrl, onProblem })
    return {
      store,
      where: nameOf(url),
      secret: async (given) => {
        const kept = await store.secret('session', () => given ?? madeSecret())
        // Whoever fills a database gives it one that is whole: it has no other form.
        if (kept.length < shortestSecret) throw new SecretDamaged(`the row "session" of settings in ${nameOf(url)}`)
        return kept
      },
      kinds: store.kinds,
      beginning: (act) => usingDatabase(url, act),
    }
  }
  const folder = resolve(config.dataDir)
  const beginning = <T>(act: () => Promise<T>) => usingFolder(folder, act)
  const limits = { settleAfterMs: config.settleAfterMs }
  return {
    store: await beginning(() =>
      createLowdbStore({ folder, onProblem, limits, cached: { characters: config.cached.documents } }),
    ),
    where: folder,
    secret: (given) => beginning(() => keptSecret(join(folder, 'session-secret'), given)),
    kinds: async () =>
      (await namesIn(folder)).flatMap((name) => (name.endsWith('/') ? [name.slice(0, -1)] : [])).sort(),
    beginning,
  }
}

/** Expected of a machine: told without a stack. */
export const isStorageProblem = (error: unknown): error is Error =>
  [DataFolderLocked, DataFolderUnusable, DatabaseUnusable, LogTooNew, SecretDamaged].some(
    (kind) => error instanceof kind,
  )

/** The secret is there and is not whole: it is not replaced, since nobody could take that back. */
export class SecretDamaged extends Error {
  override readonly name = 'SecretDamaged'
  /** @param where it is kept */
  constructor(where: string) {
    super(
      `The secret that signs cookies cannot be used: ${where} is damaged. Nothing has been overwritten. ` +
        'Put it back as it was, from a backup, or give what was in it as SESSION_SECRET. ' +
        'To begin with a new secret, move it away and start again: then everybody is signed out, whoever has no account loses ' +
        'the way to what they did, candidates at work come back by their words, what they said of their groups is not ' +
        'found any more, webhooks wait until their secrets are rotated, and receipts and links that were made before are not recognized.',
    )
  }
}

const shortestSecret = 32
const madeSecret = (): string => randomBytes(32).toString('hex')

/**
 * The secret that an earlier start made, or a new one where there is no file, so that cookies outlive a restart.
 * @throws SecretDamaged when there is a file that is not whole
 */
async function keptSecret(path: string, given = madeSecret()): Promise<string> {
  const text = await readTextIfAny(path)
  if (text === undefined) {
    await writeDurably(path, `${given}\n`)
    return given
  }
  if (!isWhole(text)) throw new SecretDamaged(path)
  return text.trim()
}

/** One line. What a start makes has 64 hexadecimal digits and an end of line: less of it was cut. */
function isWhole(text: string): boolean {
  const secret = text.trim()
  const isCut = /^[0-9a-f]{0,63}$/.test(text)
  return secret.length >= shortestSecret && !isCut && !/[\p{Cc}\ufffd]/u.test(secret)
}
