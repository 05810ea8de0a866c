/**
 * The file of a backup: a line that says what it is, how long the rest is and which hash it has, then the rest. A file that was cut off, or altered
 * in one place, is known as such before anything of it is used.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { knownVersions } from '../copy.ts'
import { syncFolder } from '../durable-file.ts'

/** The head has room for as much, and is written last. */
const headBytes = 8192
const format = 1

const headSchema = z.object({
  podiumBackup: z.int(),
  of: z.enum(['lowdb', 'postgres']),
  atMs: z.number(),
  /** The version of each kind that the program wrote. */
  kinds: z.record(z.string(), z.number()),
  bytes: z.int(),
  sha256: z.string(),
})
export type BackupHead = z.infer<typeof headSchema>

/** Told without a stack. */
export class BackupUnusable extends Error {
  override readonly name = 'BackupUnusable'
}

/**
 * Writes an archive whole or not at all, for its owner's eyes.
 * @throws BackupUnusable when there is a file of that name
 */
export async function writeArchive(
  path: string,
  of: BackupHead['of'],
  atMs: number,
  rest: Readable,
): Promise<BackupHead> {
  const begun = `${path}.part`
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new BackupUnusable(`There is a file ${path} already. Take another name.`)
    throw new BackupUnusable(`${path} cannot be written: ${error.message}`)
  })
  await file.close()
  let part: FileHandle | undefined
  try {
    part = await open(begun, 'w', 0o600)
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of rest as AsyncIterable<Buffer>) {
      hash.update(chunk)
      await part.write(chunk, 0, chunk.length, headBytes + bytes)
      bytes += chunk.length
    }
    const head: BackupHead = {
      podiumBackup: format,
      of,
      atMs,
      kinds: knownVersions(),
      bytes,
      sha256: hash.digest('hex'),
    }
    const line = Buffer.from(`${JSON.stringify(head).padEnd(headBytes - 1)}\n`)
    if (line.length !== headBytes) throw new Error(`the head of a backup has ${line.length} bytes`)
    await part.write(line, 0, headBytes, 0)
    await part.sync()
    await part.close()
    part = undefined
    await rename(begun, path)
    await syncFolder(dirname(path))
    return head
  } catch (error) {
    await part?.close()
    for (const left of [begun, path]) await rm(left, { force: true })
    throw error
  }
}

/**
 * Reads the head, and proves the rest.
 * @throws BackupUnusable in words
 */
export async function checkArchive(path: string): Promise<BackupHead> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    throw new BackupUnusable(`${path} cannot be read: ${(error as Error).message}`)
  }
  const buffer = Buffer.alloc(headBytes)
  const { bytesRead } = await file.read(buffer, 0, headBytes, 0).finally(() => file.close())
  const read = headSchema.safeParse(parsed(buffer.subarray(0, bytesRead).toString('utf8')))
  if (!read.success) throw new BackupUnusable(`${path} is not a backup of Podium, or its beginning is damaged.`)
  const head = read.data
  if (head.podiumBackup > format) throw new BackupUnusable(newer(path))
  const known = knownVersions()
  const later = Object.entries(head.kinds).filter(([kind, version]) => version > (known[kind] ?? 0))
  if (later.length > 0)
    throw new BackupUnusable(`${newer(path)} It knows a later form of: ${later.map(([kind]) => kind).join(', ')}.`)
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of restOf(path) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  if (bytes !== head.bytes)
    throw new BackupUnusable(
      `${path} is not whole: it should have ${head.bytes} bytes behind its head, and has ${bytes}.`,
    )
  if (hash.digest('hex') !== head.sha256)
    throw new BackupUnusable(`${path} is damaged: its content is not what was written. Use another backup.`)
  return head
}

/** What stands behind the head. */
export const restOf = (path: string): Readable => createReadStream(path, { start: headBytes })

const newer = (path: string): string => `${path} was written by a newer program: restore it with that one.`

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
