/**
 * Writes all that is stored into one file: `npm run backup -- FILE`, also while the server runs. The file opens everything that the site keeps: it
 * holds the secret that signs cookies.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { ConfigError, parseConfig } from './config.ts'
import { BackupUnusable, writeArchive } from './storage/backup/archive.ts'
import { dumpDatabase } from './storage/backup/database.ts'
import { packFolder, snapshotFolder } from './storage/backup/folder.ts'

const usage = 'usage: npm run backup -- FILE'

async function main([given, ...more]: string[]): Promise<number> {
  if (given === undefined || given.startsWith('-') || more.length > 0) {
    console.error(usage)
    return 2
  }
  const path = resolve(given)
  const config = parseConfig(process.env)
  if (config.storage === 'memory')
    throw new BackupUnusable('STORAGE=memory keeps nothing: there is nothing to back up.')
  const atMs = Date.now()
  if (config.storage === 'postgres') {
    const { bytes } = await writeArchive(
      path,
      'postgres',
      atMs,
      dumpDatabase(config.databaseDirectUrl ?? config.databaseUrl!),
    )
    console.log(`The database as it was at ${new Date(atMs).toISOString()} is in ${path}: ${bytes} bytes.`)
    return 0
  }
  const folder = resolve(config.dataDir)
  if (!existsSync(folder)) throw new BackupUnusable(`There is no folder ${folder}: set DATA_DIR as for the server.`)
  if (path.startsWith(folder + sep))
    throw new BackupUnusable(`${path} would be part of its own backup. Choose a place elsewhere.`)
  // Beside the backup, which has to have room as well.
  const copy = await mkdtemp(join(dirname(path), '.podium-backup-'))
  try {
    await snapshotFolder(folder, copy)
    const { bytes } = await writeArchive(path, 'lowdb', atMs, packFolder(copy))
    console.log(
      `${folder} as it was at ${new Date(atMs).toISOString()} or a moment later is in ${path}: ${bytes} bytes.`,
    )
    return 0
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof ConfigError || error instanceof BackupUnusable ? error.message : error)
    process.exitCode = 1
  },
)
