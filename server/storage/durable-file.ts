/** Files that keep their word after a power cut: temporary file, fsync, rename, fsync of the folder. */
import { dirname } from 'node:path'
import type { Adapter } from 'lowdb'
import { codeOf, disk, type Files } from './files.ts'

/** Undefined when there is no file. */
export interface FileText {
  text: string | undefined
}

/** A lowdb adapter for the text of a file. The name of what it writes lasts once its folder is synced, which is left to the caller. */
export class DurableTextFile implements Adapter<FileText> {
  readonly path: string
  private readonly files: Files
  constructor(path: string, files: Files) {
    this.path = path
    this.files = files
  }

  async read(): Promise<FileText> {
    return { text: await readTextIfAny(this.path, this.files) }
  }

  async write({ text }: FileText): Promise<void> {
    if (text !== undefined) await replaceFile(this.path, text, 0o600, this.files)
  }
}

/** Replaces a file's contents: after any crash the file holds the old text or the new one, and after the promise the new one. */
export async function writeDurably(
  path: string,
  contents: string | Uint8Array,
  mode = 0o600,
  files = disk,
): Promise<void> {
  await replaceFile(path, contents, mode, files)
  await syncFolder(dirname(path), files)
}

async function replaceFile(path: string, contents: string | Uint8Array, mode: number, files: Files): Promise<void> {
  const temporary = `${path}.tmp`
  try {
    const file = await openToReplace(temporary, mode, files)
    try {
      await file.writeFile(contents)
      await file.sync()
    } finally {
      await file.close()
    }
    await files.rename(temporary, path)
  } catch (error) {
    // What cannot be removed either is overwritten by the next try.
    await files.rm(temporary).catch(() => {})
    throw error
  }
}

async function openToReplace(path: string, mode: number, files: Files) {
  try {
    return await files.open(path, 'w', mode)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await makeFolderDurably(dirname(path), files)
    return files.open(path, 'w', mode)
  }
}

/** Makes names that were created, renamed or removed in a folder last. */
export async function syncFolder(folder: string, files = disk): Promise<void> {
  const handle = await files.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export async function fileExists(path: string, files = disk): Promise<boolean> {
  return files.access(path).then(
    () => true,
    () => false,
  )
}

export async function readTextIfAny(path: string, files = disk): Promise<string | undefined> {
  try {
    return (await files.readFile(path)).toString('utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The names in a folder, none when it is not there. Folders end in `/`. */
export async function namesIn(folder: string, files = disk): Promise<string[]> {
  try {
    return await files.readdir(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

async function makeFolderDurably(folder: string, files: Files): Promise<void> {
  const first = await files.mkdir(folder, 0o700)
  if (first === undefined) return
  // Each new folder is a name in its parent, which has to reach the disk as well.
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made), files)
}
