/**
 * Frames of SPDY/3.1: bytes to frames and back, without a word about what they lead to.
 * Source: https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/ section 2.2 and 2.6
 */
import type { HeaderCodec, Headers } from './header-block.ts'
import { ProtocolError } from './protocol-error.ts'

export type Frame = HeaderFrame | PlainFrame

/** Frames whose headers go through the connection's compression. */
export type HeaderFrame =
  | { type: 'syn-stream'; streamId: number; isLast: boolean; isUnidirectional: boolean; headers: Headers }
  | { type: 'syn-reply'; streamId: number; isLast: boolean; headers: Headers }
  | { type: 'headers'; streamId: number; isLast: boolean; headers: Headers }

export type PlainFrame =
  | { type: 'data'; streamId: number; isLast: boolean; data: Uint8Array }
  | { type: 'rst-stream'; streamId: number; status: number }
  | { type: 'settings'; settings: readonly { id: number; value: number }[] }
  | { type: 'ping'; id: number }
  | { type: 'goaway'; lastStreamId: number; status: number }
  | { type: 'window-update'; streamId: number; delta: number }

export const resetStatus = { protocolError: 1, invalidStream: 2, refusedStream: 3, cancel: 5, flowControlError: 7 }
export const goAwayStatus = { ok: 0, protocolError: 1 }
export const initialWindowSizeSetting = 7

const version = 3
const controlTypes: Readonly<Record<number, Exclude<Frame['type'], 'data'>>> = {
  1: 'syn-stream',
  2: 'syn-reply',
  3: 'rst-stream',
  4: 'settings',
  6: 'ping',
  7: 'goaway',
  8: 'headers',
  9: 'window-update',
}
const typeNumbers = Object.fromEntries(Object.entries(controlTypes).map(([number, type]) => [type, Number(number)]))
const lastFlag = 1
const unidirectionalFlag = 2
/** Of frames whose length is a fact. */
const fixedLengths: Partial<Record<Frame['type'], number>> = { 'rst-stream': 8, ping: 4, goaway: 8, 'window-update': 8 }

export interface FrameLimits {
  /** Of a frame without its 8 bytes of head. */
  maxFrameBytes: number
  /** Of a compressed header block. */
  maxHeaderBytes: number
}

/**
 * The frames of a connection, whatever the pieces their bytes come in. A type that SPDY/3.1 does not know is skipped, as it says.
 * @throws ProtocolError at the first frame that is none
 */
export async function* readFrames(
  chunks: AsyncIterable<Uint8Array>,
  codec: HeaderCodec,
  limits: FrameLimits,
): AsyncGenerator<Frame> {
  const held = byteQueue()
  let head: FrameHead | undefined
  for await (const chunk of chunks) {
    held.add(chunk)
    for (;;) {
      if (!head) {
        const bytes = held.take(8)
        if (!bytes) break
        head = parseHead(bytes, limits)
      }
      const body = held.take(head.length)
      if (!body) break
      const frame = await parseFrame(head, body, codec)
      head = undefined
      if (frame) yield frame
    }
  }
}

/** Bytes that came in pieces, and go in others. None is copied for every piece, however small they are. */
function byteQueue() {
  let chunks: Uint8Array[] = []
  let size = 0
  return {
    add(chunk: Uint8Array): void {
      chunks.push(chunk)
      size += chunk.length
    },
    /** Nothing while there are fewer. */
    take(length: number): Buffer | undefined {
      if (size < length) return undefined
      const first = chunks[0]
      if (!first || first.length < length) chunks = [Buffer.concat(chunks)]
      const all = chunks[0] ?? new Uint8Array()
      chunks[0] = all.subarray(length)
      size -= length
      return Buffer.from(all.buffer, all.byteOffset, length)
    },
  }
}

interface FrameHead {
  type: Frame['type'] | 'unknown'
  /** Of the stream whose data it is. */
  streamId: number
  flags: number
  length: number
}

function parseHead(bytes: Buffer, limits: FrameLimits): FrameHead {
  const first = bytes.readUInt32BE(0)
  const flags = bytes[4]!
  const length = bytes.readUIntBE(5, 3)
  const isControl = first >= 0x8000_0000
  if (isControl && bytes.readUInt16BE(0) !== 0x8000 + version) throw new ProtocolError('not a frame of SPDY/3.1')
  const type = isControl ? (controlTypes[bytes.readUInt16BE(2)] ?? 'unknown') : 'data'
  const most =
    type === 'syn-stream' || type === 'syn-reply' || type === 'headers'
      ? limits.maxHeaderBytes + 10
      : limits.maxFrameBytes
  if (length > most) throw new ProtocolError(`a frame of ${length} bytes is too large: ${type} may have ${most}`)
  const expected = fixedLengths[type as Frame['type']]
  if (expected !== undefined && length !== expected)
    throw new ProtocolError(`a ${type} frame has ${length} bytes instead of ${expected}`)
  return { type, streamId: isControl ? 0 : first, flags, length }
}

async function parseFrame(head: FrameHead, body: Buffer, codec: HeaderCodec): Promise<Frame | undefined> {
  const isLast = (head.flags & lastFlag) !== 0
  const streamIdAt = (at: number) => {
    if (body.length < at + 4) throw new ProtocolError(`a ${head.type} frame is cut short`)
    return body.readUInt32BE(at) & 0x7fff_ffff
  }
  switch (head.type) {
    case 'data':
      return { type: 'data', streamId: head.streamId, isLast, data: body }
    case 'syn-stream': {
      const isUnidirectional = (head.flags & unidirectionalFlag) !== 0
      // After the stream's id come that of an associated stream, a priority and a slot.
      const streamId = streamIdAt(0)
      return {
        type: 'syn-stream',
        streamId,
        isLast,
        isUnidirectional,
        headers: await codec.decompress(body.subarray(10)),
      }
    }
    case 'syn-reply':
    case 'headers': {
      const streamId = streamIdAt(0)
      return { type: head.type, streamId, isLast, headers: await codec.decompress(body.subarray(4)) }
    }
    case 'rst-stream':
      return { type: 'rst-stream', streamId: streamIdAt(0), status: body.readUInt32BE(4) }
    case 'settings':
      return { type: 'settings', settings: parseSettings(body) }
    case 'ping':
      return { type: 'ping', id: body.readUInt32BE(0) }
    case 'goaway':
      return { type: 'goaway', lastStreamId: streamIdAt(0), status: body.readUInt32BE(4) }
    case 'window-update':
      return { type: 'window-update', streamId: streamIdAt(0), delta: streamIdAt(4) }
    case 'unknown':
      return undefined
  }
}

function parseSettings(body: Buffer): { id: number; value: number }[] {
  const count = body.length < 4 ? -1 : body.readUInt32BE(0)
  if (body.length !== 4 + count * 8) throw new ProtocolError('a settings frame has another length than its settings')
  return Array.from({ length: count }, (_, index) => ({
    id: body.readUInt32BE(4 + index * 8) & 0xff_ffff,
    value: body.readUInt32BE(8 + index * 8),
  }))
}

/** Frames with headers must be printed in the order in which they are sent. */
export async function printHeaderFrame(frame: HeaderFrame, codec: HeaderCodec): Promise<Buffer> {
  const block = await codec.compress(frame.headers)
  const isOpening = frame.type === 'syn-stream'
  const start = Buffer.alloc(isOpening ? 10 : 4)
  start.writeUInt32BE(frame.streamId)
  const flags = (frame.isLast ? lastFlag : 0) | (isOpening && frame.isUnidirectional ? unidirectionalFlag : 0)
  return printControl(frame.type, flags, Buffer.concat([start, block]))
}

export function printFrame(frame: PlainFrame): Buffer {
  switch (frame.type) {
    case 'data': {
      const head = Buffer.alloc(8)
      head.writeUInt32BE(frame.streamId)
      head[4] = frame.isLast ? lastFlag : 0
      head.writeUIntBE(frame.data.length, 5, 3)
      return Buffer.concat([head, frame.data])
    }
    case 'rst-stream':
      return printControl(frame.type, 0, printNumbers(frame.streamId, frame.status))
    case 'settings': {
      const numbers = frame.settings.flatMap(({ id, value }) => [id, value])
      return printControl(frame.type, 0, printNumbers(frame.settings.length, ...numbers))
    }
    case 'ping':
      return printControl(frame.type, 0, printNumbers(frame.id))
    case 'goaway':
      return printControl(frame.type, 0, printNumbers(frame.lastStreamId, frame.status))
    case 'window-update':
      return printControl(frame.type, 0, printNumbers(frame.streamId, frame.delta))
  }
}

function printControl(type: Exclude<Frame['type'], 'data'>, flags: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16BE(0x8000 + version)
  head.writeUInt16BE(typeNumbers[type]!, 2)
  head[4] = flags
  head.writeUIntBE(body.length, 5, 3)
  return Buffer.concat([head, body])
}

function printNumbers(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, index * 4)
  return bytes
}
