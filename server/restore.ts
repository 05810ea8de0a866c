/**
 * Puts a backup back: `npm run restore -- FILE [--erasures FILE]`, into the folder or the database that the configuration names, which has to be
 * empty. Whoever was erased since the backup is erased again when the server starts: see `storage/noted-erasures.ts`.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Config, ConfigError, parseConfig } from './config.ts'
import { createStorage } from './storage/aggregates.ts'
import { isStorageProblem, openBackend } from './storage/backend.ts'
import { BackupUnusable, checkArchive, restOf } from './storage/backup/archive.ts'
import { restoreDatabase } from './storage/backup/database.ts'
import { unpackFolder } from './storage/backup/folder.ts'
import { syncFolder } from './storage/durable-file.ts'
import type { Erasure } from './storage/erasures.ts'
import { readNoted } from './storage/noted-erasures.ts'

const usage = `usage: npm run restore -- FILE [--erasures FILE]
  --erasures  what the server noted in ERASURES_FILE, which is read unless told: whoever was erased since the backup is erased again`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { erasures: { type: 'string' } }, allowPositionals: true })
  const [given, ...more] = positionals
  if (given === undefined || more.length > 0) {
    console.error(usage)
    return 2
  }
  const path = resolve(given)
  const config = parseConfig(process.env)
  const { of, atMs } = await checkArchive(path)
  if (of !== config.storage)
    throw new BackupUnusable(
      `${path} is of STORAGE=${of}, and STORAGE is ${config.storage}. Restore it there, and move it with npm run storage -- copy.`,
    )
  const erasures = await erasuresOf(values.erasures ?? config.erasuresFile)
  const restore = of === 'postgres' ? intoDatabase : intoFolder
  const where = await restore(config, path, erasures ?? [])
  console.log(`What was stored at ${new Date(atMs).toISOString()} is in ${where}.`)
  if (erasures)
    console.log(`${erasures.length} erasures were noted: those people are erased again when the server starts.`)
  else
    console.log(
      'Nobody told which candidates were erased since then (--erasures or ERASURES_FILE): they are back. Erase them again.',
    )
  return 0
}

async function erasuresOf(path: string | undefined): Promise<Erasure[] | undefined> {
  if (path === undefined) return undefined
  try {
    return await readNoted(path)
  } catch (error) {
    throw new BackupUnusable(`The erasures cannot be read, and nothing was restored: ${(error as Error).message}`)
  }
}

/** Under another name until it is whole. */
async function intoFolder(config: Config, path: string, erasures: readonly Erasure[]): Promise<string> {
  const folder = resolve(config.dataDir)
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new BackupUnusable(
      `There is something in ${folder} already. Take an empty folder: a restore overwrites nothing.`,
    )
  const begun = resolve(dirname(folder), `.${basename(folder)}.half-restored`)
  await rm(begun, { recursive: true, force: true })
  await mkdir(begun, { recursive: true, mode: 0o700 })
  try {
    await unpackFolder(restOf(path), begun)
    await enter({ ...config, dataDir: begun }, erasures)
    if (existsSync(folder)) await rmdir(folder)
    await rename(begun, folder)
    await syncFolder(dirname(folder))
    return folder
  } catch (error) {
    await rm(begun, { recursive: true, force: true })
    throw error
  }
}

async function intoDatabase(config: Config, path: string, erasures: readonly Erasure[]): Promise<string> {
  await restoreDatabase(config.databaseDirectUrl ?? config.databaseUrl!, restOf(path))
  return enter(config, erasures)
}

/** Opens it as the server does, which replays what had not come to its file. @returns what an operator calls it */
async function enter(config: Config, erasures: readonly Erasure[]): Promise<string> {
  const { store, where } = await openBackend(config, (message) => console.error(message))
  const storage = createStorage(store)
  try {
    for (const erasure of erasures) await storage.erasures.save(erasure)
    return where
  } finally {
    await storage.close()
  }
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    const isExpected = error instanceof ConfigError || error instanceof BackupUnusable || isStorageProblem(error)
    console.error(isUsage ? `${error.message}\n${usage}` : isExpected ? error.message : error)
    process.exitCode = isUsage ? 2 : 1
  },
)
