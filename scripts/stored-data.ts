/** What a server stores, opened by a command that only reads it. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError, parseConfig } from '../server/config.ts'
import { createStorage } from '../server/storage/aggregates.ts'
import { isStorageProblem, openBackend } from '../server/storage/backend.ts'
import type { Storage } from '../server/storage/types.ts'

/**
 * @param data a folder; what the server's configuration names unless told
 * @returns what `act` returns: an exit code; 1 when there is no such folder
 */
export async function withStoredData(
  data: string | undefined,
  act: (storage: Storage, where: string) => Promise<number>,
): Promise<number> {
  const known = parseConfig(process.env)
  const config = data === undefined ? known : { ...known, storage: 'lowdb' as const, dataDir: data }
  const folder = resolve(config.dataDir)
  // Opening would make one.
  if (config.storage === 'lowdb' && !existsSync(folder)) {
    console.error(`There is no folder ${folder}. Name the server's data folder with --data.`)
    return 1
  }
  // Whoever reads what is printed may stop before the end, as head does: the folder is closed all the same.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const { store, where } = await openBackend(config, (message) => console.error(message))
  const storage = createStorage(store)
  try {
    return await act(storage, where)
  } finally {
    await storage.close()
  }
}

/** What the operator can fix is told without a stack, and wrong options with the usage. Sets the exit code. */
export const reportFailure =
  (usage: string) =>
  (error: unknown): void => {
    const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    const isExpected = error instanceof ConfigError || isStorageProblem(error)
    console.error(isUsage ? `${error.message}\n${usage}` : isExpected ? error.message : error)
    process.exitCode = isUsage ? 2 : 1
  }
