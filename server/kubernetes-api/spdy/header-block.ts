/**
 * Header blocks of SPDY/3.1: names and values with their lengths, compressed by zlib. Each direction of a connection is one zlib stream,
 * so blocks go through it in the order of their frames, and none may be left out.
 * Source: https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/ section 2.6.10
 */
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib'
import { headerDictionary } from './dictionary.ts'
import { ProtocolError } from './protocol-error.ts'

/** Names in lower case. A name that comes several times has its values behind each other, a NUL between them. */
export type Headers = Readonly<Record<string, string>>

export interface HeaderCodec {
  compress(headers: Headers): Promise<Buffer>
  /** @throws ProtocolError of what is no header block, or one that is too large */
  decompress(block: Uint8Array): Promise<Headers>
  close(): void
}

/** @param maxBytes of a block when it is decompressed */
export function createHeaderCodec(maxBytes: number): HeaderCodec {
  let deflate: Deflate | undefined
  let inflate: Inflate | undefined
  let compressing: Promise<unknown> = Promise.resolve()
  return {
    compress(headers) {
      // A small window: the blocks are a few dozen bytes, and every connection has one.
      deflate ??= createDeflate({ dictionary: headerDictionary, windowBits: 11, memLevel: 1 })
      const stream = deflate
      const block = compressing.then(() => pass(stream, printHeaderBlock(headers), Number.POSITIVE_INFINITY, true))
      compressing = block.catch(() => undefined)
      return block
    },
    async decompress(block) {
      inflate ??= createInflate({ dictionary: headerDictionary })
      return parseHeaderBlock(await pass(inflate, block, maxBytes, false))
    },
    close() {
      deflate?.close()
      inflate?.close()
    },
  }
}

/** What a zlib stream makes of some bytes, all of it. */
function pass(stream: Deflate | Inflate, bytes: Uint8Array, maxBytes: number, isFlushed: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    const settle = (error?: Error) => {
      stream.off('data', take).off('error', fail).off('end', ended).off('close', ended)
      if (!error) return resolve(Buffer.concat(parts))
      // Whatever is still to come of it is of no use, and must not be thrown.
      stream.on('error', () => undefined)
      stream.destroy()
      reject(error)
    }
    const take = (part: Buffer) => {
      size += part.length
      if (size > maxBytes) settle(new ProtocolError(`a header block has more than ${maxBytes} bytes`))
      else parts.push(part)
    }
    const fail = (error: Error) => settle(new ProtocolError(`a header block cannot be read: ${error.message}`))
    const ended = () => settle(new ProtocolError('the header compression has ended'))
    stream.on('data', take).on('error', fail).on('end', ended).on('close', ended)
    const done = (error?: Error | null) => {
      if (error) return fail(error)
      if (size <= maxBytes) settle()
    }
    if (isFlushed) {
      stream.write(bytes)
      stream.flush(constants.Z_SYNC_FLUSH, done)
    } else stream.write(bytes, done)
  })
}

function printHeaderBlock(headers: Headers): Buffer {
  const entries = Object.entries(headers)
  const texts = entries.flat().map((text) => Buffer.from(text))
  const block = Buffer.alloc(4 + texts.reduce((sum, text) => sum + 4 + text.length, 0))
  let at = block.writeUInt32BE(entries.length)
  for (const text of texts) {
    at = block.writeUInt32BE(text.length, at)
    at += text.copy(block, at)
  }
  return block
}

function parseHeaderBlock(block: Buffer): Headers {
  let at = 0
  const number = () => {
    if (at + 4 > block.length) throw new ProtocolError('a header block is cut short')
    at += 4
    return block.readUInt32BE(at - 4)
  }
  const text = () => {
    const length = number()
    if (at + length > block.length) throw new ProtocolError('a header block is cut short')
    at += length
    return block.toString('utf8', at - length, at)
  }
  const headers = new Map<string, string>()
  for (let left = number(); left > 0; left--) {
    const name = text()
    if (name === '' || name !== name.toLowerCase()) throw new ProtocolError('a header has no name in lower case')
    if (headers.has(name)) throw new ProtocolError(`the header ${name} comes twice`)
    headers.set(name, text())
  }
  if (at !== block.length) throw new ProtocolError('a header block is longer than its headers')
  return Object.fromEntries(headers)
}
