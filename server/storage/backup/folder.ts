/**
 * A data folder as it is at one moment, while a server writes into it.
 *
 * Documents' files and the write-ahead log say together what is stored (`write-ahead-log.ts`). Segments of the log are opened before any
 * document's file is read, and whenever one has been read, so that one that is deleted meanwhile is held all the same; what they have is read
 * last. Whatever changed meanwhile stands in one of them, and what is replayed from them is the state at which they were read. When one came
 * and went between two looks, which their numbers tell, what has changed is read again. A record that was being written is cut off at the
 * end, as by a crash: it was not acknowledged.
 */
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, normalize, sep } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import { isSegment, segmentNumberOf } from '../write-ahead-log.ts'
import { BackupUnusable } from './archive.ts'

/** Of the process that has the folder, or not finished. */
const isPassing = (name: string): boolean => /(?:^|\/)lock[^/]*$|^last-check$|\.tmp$/.test(name)
/** A server that settles changes faster than they are read is not one that this is for. */
const mostPasses = 50

/** Copies the folder's present state into another one, which is empty. @throws BackupUnusable when it never held still */
export async function snapshotFolder(from: string, to: string): Promise<void> {
  const copied = new Map<string, string>()
  for (let pass = 0; pass < mostPasses; pass++) {
    const segments = new Map<string, FileHandle>()
    try {
      const changed = await changeTimeOf(from)
      await holdSegments(from, segments)
      const hadSome = segments.size > 0
      await copyChanged(from, to, copied, () => holdSegments(from, segments))
      await holdSegments(from, segments)
      // Where there was none, no number tells which came first.
      const isWhole = hadSome ? haveNoGap([...segments.keys()]) : (await changeTimeOf(from)) === changed
      if (!isWhole) continue
      for (const [name, file] of segments) await writeFile(join(to, name), await file.readFile(), { mode: 0o600 })
      return
    } finally {
      for (const file of segments.values()) await file.close()
    }
  }
  throw new BackupUnusable(`${from} changes faster than it can be read. Try again, or with a larger SETTLE_AFTER_MS.`)
}

/** When a file or a folder last came into this folder or went from it. */
const changeTimeOf = async (folder: string): Promise<bigint> => (await stat(folder, { bigint: true })).mtimeNs

/** Opens those that are not open yet, earlier ones first. */
async function holdSegments(folder: string, held: Map<string, FileHandle>): Promise<void> {
  const names = (await readdir(folder)).filter((name) => isSegment(name) && !held.has(name)).sort()
  for (const name of names) {
    const file = await open(join(folder, name), 'r').catch(ifGone)
    if (file) held.set(name, file)
  }
}

function haveNoGap(names: readonly string[]): boolean {
  const numbers = names.map(segmentNumberOf)
  return numbers.every((number, at) => number === numbers[0]! + at)
}

/** Copies documents' files that have another identity, size or time than they had, and takes away what is gone. */
async function copyChanged(
  from: string,
  to: string,
  copied: Map<string, string>,
  afterEach: () => Promise<void>,
): Promise<void> {
  const names = new Set((await filesBelow(from)).filter((name) => !isSegment(name) && !isPassing(name)))
  for (const name of names) {
    const seen = await identityOf(join(from, name))
    if (seen === undefined) names.delete(name)
    else if (copied.get(name) !== seen) {
      const content = await readIfAny(join(from, name))
      if (content === undefined) {
        names.delete(name)
        continue
      }
      await mkdir(dirname(join(to, name)), { recursive: true, mode: 0o700 })
      await writeFile(join(to, name), content, { mode: 0o600 })
      copied.set(name, seen)
      await afterEach()
    }
  }
  for (const name of [...copied.keys()].filter((one) => !names.has(one))) {
    await rm(join(to, name))
    copied.delete(name)
  }
}

async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true })
    return `${ino} ${size} ${mtimeNs}`
  } catch (error) {
    return ifGone(error)
  }
}

async function readIfAny(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    return ifGone(error)
  }
}

function ifGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  return undefined
}

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

/** The files of a folder as a stream: a line of JSON each, packed. */
export function packFolder(folder: string): Readable {
  async function* lines() {
    for (const path of await filesBelow(folder))
      yield `${JSON.stringify({ path, base64: (await readFile(join(folder, path))).toString('base64') })}\n`
  }
  return Readable.from(lines()).pipe(createGzip())
}

const fileSchema = z.object({ path: z.string().min(1), base64: z.base64() })

/** Writes the files of {@link packFolder} into a folder, durably. @throws BackupUnusable for one that would come to lie elsewhere */
export async function unpackFolder(packed: Readable, folder: string): Promise<number> {
  let count = 0
  for await (const line of createInterface({
    input: packed.pipe(createGunzip()),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    const { path, base64 } = fileSchema.parse(JSON.parse(line))
    const target = normalize(join(folder, path))
    if (!target.startsWith(folder + sep))
      throw new BackupUnusable(`The backup has a file ${JSON.stringify(path)}, which leads elsewhere.`)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    const file = await open(target, 'wx', 0o600)
    try {
      await file.writeFile(Buffer.from(base64, 'base64'))
      await file.sync()
    } finally {
      await file.close()
    }
    count++
  }
  await chmod(folder, 0o700)
  return count
}
