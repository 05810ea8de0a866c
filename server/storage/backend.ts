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
  /** Signs cookies and form tokens: made at the first start, or given then, and the same after that. */
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
      secret: (given) => store.secret('session', () => given ?? madeSecret()),
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
  [DataFolderLocked, DataFolderUnusable, DatabaseUnusable, LogTooNew].some((kind) => error instanceof kind)

const madeSecret = (): string => randomBytes(32).toString('hex')

/** The secret that an earlier start made, or a new one, so that cookies outlive a restart. */
async function keptSecret(path: string, given = madeSecret()): Promise<string> {
  const kept = (await readTextIfAny(path))?.trim()
  if (kept && kept.length >= 32) return kept
  await writeDurably(path, `${given}\n`)
  return given
}
