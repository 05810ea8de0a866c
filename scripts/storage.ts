/**
 * Moves what is stored: `npm run storage -- copy FROM TO`, from a data folder into a database and back, or to another one of its sort. Nobody may
 * use them meanwhile. TO has to be empty, and is used by nobody before all of it is there: a copy that was interrupted is done again.
 */
import { existsSync } from 'node:fs'
import { readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parseConfig } from '../server/config.ts'
import { type Backend, type BackendConfig, openBackend } from '../server/storage/backend.ts'
import { CopyDiffers, copyStore, knownKinds } from '../server/storage/copy.ts'
import { DocumentUnreadable } from '../server/storage/documents.ts'
import { syncFolder } from '../server/storage/durable-file.ts'
import { createPostgresStore, nameOf } from '../server/storage/postgres/store.ts'
import { reportFailure } from './stored-data.ts'

const usage = `usage: npm run storage -- copy FROM TO [--without-damaged]
  FROM, TO           a data folder, or the address of a database: postgres://user:password@host/name;
                     "database" stands for DATABASE_URL, which keeps the password out of the list of processes
  --without-damaged  leaves out what waits for repair, and says what that is`

/** Told without a stack. */
class Refused extends Error {
  override readonly name = 'Refused'
}

const say = (text: string): void => console.error(text)

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { 'without-damaged': { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const [what, from, to, ...more] = positionals
  if (what !== 'copy' || from === undefined || to === undefined || more.length > 0) {
    console.error(usage)
    return 2
  }
  const [source, target] = [configOf(from), configOf(to)]
  const same =
    source.storage === 'postgres' ? source.databaseUrl === target.databaseUrl : source.dataDir === target.dataDir
  if (source.storage === target.storage && same) throw new Refused('FROM and TO are the same.')
  if (source.storage === 'lowdb' && !existsSync(source.dataDir))
    throw new Refused(`There is no folder ${source.dataDir}.`)
  const reading = await openBackend(source, say)
  try {
    await tellUnknown(reading)
    const fill = target.storage === 'postgres' ? fillDatabase : fillFolder
    const { where, held } = await fill(target, async (backend) => {
      await backend.secret(await reading.secret())
      return copyStore(reading.store, backend.store, {
        say: (kind, { count }) => say(`${kind}: ${count}`),
        onDamaged: values['without-damaged'] ? (message) => say(`left out: ${message}`) : undefined,
      })
    })
    const count = [...held.values()].reduce((sum, one) => sum + one.count, 0)
    console.log(`${count} documents, streams and jobs of ${reading.where} are in ${where}, compared by their hashes.`)
    return 0
  } finally {
    await reading.store.close()
  }
}

function configOf(place: string): BackendConfig {
  const isDatabase = place === 'database' || /^postgres(?:ql)?:/.test(place)
  const known = parseConfig({
    ...process.env,
    STORAGE: isDatabase ? 'postgres' : 'lowdb',
    ...(isDatabase && place !== 'database' ? { DATABASE_URL: place } : {}),
  })
  return { ...known, dataDir: resolve(place) }
}

/** What another program put there is left where it is. */
async function tellUnknown(reading: Backend): Promise<void> {
  const known = new Set(knownKinds())
  const unknown = (await reading.kinds()).filter((kind) => !known.has(kind))
  if (unknown.length > 0) say(`not copied, since this program knows nothing of it: ${unknown.join(', ')}`)
}

type Target = Pick<Backend, 'store' | 'secret'>
type Held = Awaited<ReturnType<typeof copyStore>>
type Fill = (config: BackendConfig, act: (target: Target) => Promise<Held>) => Promise<{ where: string; held: Held }>

const fillDatabase: Fill = async ({ databaseUrl: url = '' }, act) => {
  const store = await createPostgresStore({ url, onProblem: say, isToFill: true })
  const secret = (given = '') => store.secret('session', () => given)
  try {
    return { where: nameOf(url), held: await store.filling(() => act({ store, secret })) }
  } finally {
    await store.close()
  }
}

/** Under another name until it is whole. */
const fillFolder: Fill = async (config, act) => {
  const folder = config.dataDir
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new Refused(`There is something in ${folder} already. Take an empty one.`)
  const begun = { ...config, dataDir: resolve(dirname(folder), `.${basename(folder)}.half-filled`) }
  if (existsSync(begun.dataDir)) {
    // Refused while another copy is under way.
    await (await openBackend(begun, say)).store.close()
    await rm(begun.dataDir, { recursive: true })
  }
  const backend = await openBackend(begun, say)
  let held: Held
  try {
    held = await act(backend)
  } finally {
    await backend.store.close()
  }
  if (existsSync(folder)) await rmdir(folder)
  await rename(begun.dataDir, folder)
  await syncFolder(dirname(folder))
  return { where: folder, held }
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    if (error instanceof DocumentUnreadable)
      console.error(`${error.message}\nRepair or remove it, or copy the rest with --without-damaged.`)
    else if (error instanceof Refused || error instanceof CopyDiffers) console.error(error.message)
    else return reportFailure(usage)(error)
    process.exitCode = 1
  },
)
