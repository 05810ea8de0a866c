/**
 * Forms with files, as a browser sends them without script: their texts go where those of any form go, their files beside them. A form is taken
 * apart as it arrives, so a large one holds up nobody.
 */
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import busboy from 'busboy'
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../i18n/translate.ts'
import type { FormFile, SpooledFile } from '../pages/form.ts'
import { HttpProblem } from '../render/problem.ts'

const type = 'multipart/form-data'
/** Of one form. */
const most = { fields: 200, files: 8 }

type FormBody = Record<string, string | FormFile | SpooledFile>

/** @param limit of the whole form, in bytes */
export const formFiles = (limit: number): RequestHandler =>
  formReader(limit, async (file) => ({ bytes: await inMemory(file) }))

/** The same for files that are too large for the memory of the process: each is on disk until the request has been answered. */
export const spooledFormFiles = (limit: number): RequestHandler =>
  formReader(limit, async (file, res) => {
    const handle = await nameless()
    const close = () => void handle.close()
    // Whoever left meanwhile leaves no file behind.
    if (res.closed) close()
    else res.once('close', close)
    return { handle, length: await onDisk(file, handle) }
  })

type KeepFile = (file: Readable, res: Response) => Promise<Omit<FormFile, 'fileName'> | Omit<SpooledFile, 'fileName'>>

function formReader(limit: number, keep: KeepFile): RequestHandler {
  return async (req, res, next) => {
    // Somebody before may have read it, or found that there is nothing to read.
    if (!req.is(type) || req.readableDidRead) return next()
    if (Number(req.headers['content-length']) > limit) {
      await readToTheEnd(req)
      throw refusal('request entity too large', 'entity.too.large')
    }
    req.body = await readForm(req, res, keep)
    next()
  }
}

async function readForm(req: Request, res: Response, keep: KeepFile): Promise<FormBody> {
  const body: FormBody = Object.create(null)
  const streams: Readable[] = []
  const files: Promise<unknown>[] = []
  try {
    const parser = busboy({
      headers: req.headers,
      defParamCharset: 'utf8',
      limits: { ...most, fieldSize: Number.POSITIVE_INFINITY },
    })
    parser.on('fieldsLimit', () => parser.destroy(refusal('too many fields', 'parameters.too.many')))
    parser.on('filesLimit', () => parser.destroy(new Error('too many files')))
    parser.on('field', (name, value) => {
      body[name] = value
    })
    parser.on('file', (name, file, { filename }) => {
      // It may say so before anybody reads it; the parser says it, too.
      file.on('error', () => undefined)
      const kept = keep(file, res).then((content) => {
        body[name] = { fileName: filename ?? '', ...content }
      })
      // With nobody to take it, the form would never end.
      kept.catch((error) => parser.destroy(error))
      streams.push(file)
      files.push(kept)
    })
    await pipeline(req, parser)
    await Promise.all(files)
  } catch (error) {
    for (const stream of streams) stream.destroy()
    await Promise.allSettled(files)
    if (isOfDisk(error)) throw error
    await readToTheEnd(req)
    if (isRefusal(error)) throw error
    throw new HttpProblem(400, t('This form could not be read. Go back and send it again.'))
  }
  return body
}

async function inMemory(file: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of file) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function onDisk(file: Readable, handle: FileHandle): Promise<number> {
  let length = 0
  for await (const chunk of file) {
    await handle.write(chunk, 0, chunk.length, length)
    length += chunk.length
  }
  return length
}

/** A file without a name: it is gone with the last who holds it open, however that process ends. */
async function nameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `podium-form-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  await unlink(path)
  return handle
}

/** As the parsers of other forms refuse, by a type that `errors.ts` has words for. */
const refusal = (message: string, type: string): Error => Object.assign(new Error(message), { status: 413, type })

const isRefusal = (error: unknown): boolean => (error as { type?: unknown }).type !== undefined

const isOfDisk = (error: unknown): boolean => (error as { syscall?: unknown }).syscall !== undefined

/** Clients send all before they listen to the answer. */
const readToTheEnd = (req: Request): Promise<void> =>
  new Promise((done) => {
    finished(req, { writable: false }, () => done())
    req.resume()
  })
