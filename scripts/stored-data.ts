/** A server's data folder, opened by a command that only reads it. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseConfig } from '../server/config.ts'
import { createStorage } from '../server/storage/aggregates.ts'
import { DataFolderUnusable } from '../server/storage/folder-problem.ts'
import { DataFolderLocked } from '../server/storage/lock.ts'
import { createLowdbStore } from '../server/storage/lowdb.ts'
import { LogTooNew } from '../server/storage/replay.ts'
import type { Storage } from '../server/storage/types.ts'

/**
 * @param data the folder; that of the server's configuration unless told
 * @returns what `act` returns: an exit code; 1 when there is no such folder
 */
export async function withStoredData(
  data: string | undefined,
  act: (storage: Storage, folder: string) => Promise<number>,
): Promise<number> {
  const folder = resolve(data ?? parseConfig(process.env).dataDir)
  // Opening would make one.
  if (!existsSync(folder)) {
    console.error(`There is no folder ${folder}. Name the server's data folder with --data.`)
    return 1
  }
  // Whoever reads what is printed may stop before the end, as head does: the folder is closed all the same.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const storage = createStorage(await createLowdbStore({ folder, onProblem: (message) => console.error(message) }))
  try {
    return await act(storage, folder)
  } finally {
    await storage.close()
  }
}

/** What the operator can fix is told without a stack, and wrong options with the usage. Sets the exit code. */
export const reportFailure =
  (usage: string) =>
  (error: unknown): void => {
    const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    const isExpected = [DataFolderLocked, DataFolderUnusable, LogTooNew].some((kind) => error instanceof kind)
    console.error(isUsage ? `${error.message}\n${usage}` : isExpected ? (error as Error).message : error)
    process.exitCode = isUsage ? 2 : 1
  }
