/** A lowdb adapter that keeps its word after a power cut: temporary file, fsync, rename, fsync of the folder. */
import { constants } from 'node:fs'
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Adapter } from 'lowdb'

export class DurableJsonFile<T> implements Adapter<T> {
  readonly path: string
  constructor(path: string) {
    this.path = path
  }

  /** @throws SyntaxError when the file is not JSON. */
  async read(): Promise<T | null> {
    const text = await readTextIfAny(this.path)
    return text === undefined ? null : (JSON.parse(text) as T)
  }

  async write(data: T): Promise<void> {
    await writeDurably(this.path, JSON.stringify(data))
  }
}

/** Replaces a file's contents: after any crash the file holds the old text or the new one, and after the promise the new one. */
export async function writeDurably(path: string, text: string, mode = 0o600): Promise<void> {
  const folder = dirname(path)
  await makeFolderDurably(folder)
  const temporary = `${path}.tmp`
  try {
    const file = await open(temporary, 'w', mode)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Makes names that were created, renamed or removed in a folder last. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export async function fileExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

export async function readTextIfAny(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function makeFolderDurably(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  // Each new folder is a name in its parent, which has to reach the disk as well.
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}
