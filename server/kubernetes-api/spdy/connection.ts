/**
 * The server's side of a SPDY/3.1 connection: streams that the client opens, with data both ways. Over any duplex: a socket, or a tunnel.
 * Source: https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */
import type { Duplex } from 'node:stream'
import type { Taken } from '../../labs/sandboxes/sessions.ts'
import type { StreamLimits } from '../streaming/limits.ts'
import { piecesOf } from '../streaming/pieces.ts'
import { watchPresence } from '../streaming/presence.ts'
import {
  type Frame,
  goAwayStatus,
  initialWindowSizeSetting,
  type PlainFrame,
  printFrame,
  printHeaderFrame,
  readFrames,
  resetStatus,
} from './frames.ts'
import { createHeaderCodec, type Headers } from './header-block.ts'
import { ProtocolError } from './protocol-error.ts'

export interface SpdyStream {
  readonly id: number
  readonly headers: Headers
  /** A promise when the client has not read what went before. */
  write(data: Uint8Array): Taken
  /** This side sends no more. */
  end(): void
}

export interface StreamReceiver {
  data(data: Uint8Array): Taken
  /** The client sends no more. */
  end(): void
  /** The client has given up the stream. */
  reset(): void
}

export interface SpdyHandler {
  /** Whether a stream with these headers is wanted. */
  admit(headers: Headers, id: number): boolean
  opened(stream: SpdyStream): StreamReceiver
  /** The connection is over, whoever ended it. */
  closed(): void
}

export interface SpdyConnection {
  /** Sends what is written, says good-bye, and ends. */
  close(): void
}

const initialWindowBytes = 64 << 10
const largestWindow = 0x7fff_ffff
/** For who broke the rules: long enough to read why. */
const refusedLingerMs = 1000

interface OpenStream {
  receiver: StreamReceiver
  /** The client has ended its half, this side has. */
  isClientDone: boolean
  isServerDone: boolean
  /** What the client lets this side send, and what it has sent that it is not yet given back. */
  sendWindow: number
  taken: number
  waiting: { data: Uint8Array; sent: () => void }[]
}

/** @param failed is told of errors that are neither the client's nor the connection's */
export function serveSpdy(
  duplex: Duplex,
  limits: StreamLimits,
  handler: SpdyHandler,
  failed: (error: unknown) => void,
): SpdyConnection {
  const codec = createHeaderCodec(limits.maxHeaderBytes)
  const streams = new Map<number, OpenStream>()
  let lastStreamId = 0
  let pingId = 0
  // Clients of Kubernetes know no windows: they neither send updates nor settings. Who sends one is held to it from then on.
  let hasWindows = false
  let initialSendWindow = initialWindowBytes
  let sendWindow = initialWindowBytes
  let taken = 0
  let waitingBytes = 0
  let isCloseWanted = false
  let isClosing = false
  let isClosed = false
  let lingering: NodeJS.Timeout | undefined

  const presence = watchPresence(
    limits,
    () => {
      pingId = (pingId + 2) & largestWindow
      transmit(printFrame({ type: 'ping', id: pingId }))
    },
    () => cut(),
  )

  /** Ends it at once. Sessions hear of the end before anything that they wait for, or they would go on. */
  const cut = () => {
    duplex.destroy()
    over()
  }
  /** A promise when the client reads slower than this side writes. */
  const transmit = (bytes: Uint8Array): Promise<void> | undefined => {
    if (isClosed || isClosing) return undefined
    if (duplex.destroyed || duplex.writableLength + waitingBytes + bytes.length > limits.maxUnsentBytes) {
      cut()
      return undefined
    }
    if (!duplex.writableNeedDrain) {
      duplex.write(bytes)
      return undefined
    }
    return new Promise((resolve) =>
      duplex.write(bytes, (error) => {
        if (error) cut()
        resolve()
      }),
    )
  }
  const send = (frame: PlainFrame) => transmit(printFrame(frame))

  const release = (id: number, stream: OpenStream) => {
    if (stream.isClientDone && stream.isServerDone && stream.waiting.length === 0) streams.delete(id)
  }
  /** Sends as much as the windows allow, in order, and the end after it. */
  const flush = (id: number, stream: OpenStream): Promise<void> | undefined => {
    let last: Promise<void> | undefined
    for (let next = stream.waiting[0]; next; next = stream.waiting[0]) {
      const room = hasWindows ? Math.min(stream.sendWindow, sendWindow, next.data.length) : next.data.length
      if (room <= 0) return undefined
      const data = next.data.subarray(0, room)
      next.data = next.data.subarray(room)
      stream.sendWindow -= room
      sendWindow -= room
      waitingBytes -= room
      presence.moved()
      last = send({ type: 'data', streamId: id, isLast: false, data })
      if (next.data.length > 0) return undefined
      stream.waiting.shift()
      next.sent()
    }
    if (stream.isServerDone) {
      void send({ type: 'data', streamId: id, isLast: true, data: new Uint8Array() })
      release(id, stream)
    }
    if (isCloseWanted && waitingBytes === 0) close(goAwayStatus.ok, limits.lingerMs)
    return last
  }
  const write = (id: number, stream: OpenStream, data: Uint8Array): Taken => {
    if (stream.isServerDone || isClosed || isClosing) return undefined
    waitingBytes += data.length
    if (duplex.writableLength + waitingBytes > limits.maxUnsentBytes) {
      cut()
      return undefined
    }
    let isSent = data.length === 0
    const whenSent = new Promise<void>((resolve) => {
      const sent = () => {
        isSent = true
        resolve()
      }
      const pieces = [...piecesOf(data)]
      for (const [index, piece] of pieces.entries())
        stream.waiting.push({ data: piece, sent: index === pieces.length - 1 ? sent : () => undefined })
    })
    const last = flush(id, stream)
    return isSent ? last : whenSent
  }
  const end = (id: number, stream: OpenStream) => {
    if (stream.isServerDone) return
    stream.isServerDone = true
    if (stream.waiting.length === 0) flush(id, stream)
  }
  const drop = (id: number, stream: OpenStream) => {
    streams.delete(id)
    for (const { data, sent } of stream.waiting) {
      waitingBytes -= data.length
      sent()
    }
    stream.waiting = []
    stream.isServerDone = true
  }

  const open = async (id: number, headers: Headers, isClientDone: boolean, isUnidirectional: boolean) => {
    if (id % 2 === 0 || id <= lastStreamId)
      throw new ProtocolError(`stream ${id} cannot be opened after ${lastStreamId}`)
    lastStreamId = id
    if (streams.size >= limits.maxStreams || !handler.admit(headers, id))
      return send({ type: 'rst-stream', streamId: id, status: resetStatus.refusedStream })
    const nothing: StreamReceiver = { data: () => undefined, end: () => undefined, reset: () => undefined }
    const stream: OpenStream = {
      receiver: nothing,
      isClientDone,
      isServerDone: isUnidirectional,
      sendWindow: initialSendWindow,
      taken: 0,
      waiting: [],
    }
    streams.set(id, stream)
    // Clients drop data that comes before the reply.
    await transmit(await printHeaderFrame({ type: 'syn-reply', streamId: id, isLast: false, headers: {} }, codec))
    if (isClosed) return
    stream.receiver = handler.opened({
      id,
      headers,
      write: (data) => write(id, stream, data),
      end: () => end(id, stream),
    })
    if (isClientDone) stream.receiver.end()
    release(id, stream)
  }

  const receive = async (id: number, data: Uint8Array, isLast: boolean) => {
    const stream = streams.get(id)
    if (!stream || stream.isClientDone) {
      if (id > lastStreamId || id % 2 === 0) throw new ProtocolError(`there is no stream ${id}`)
      // Data of a stream that this side has just given up may be under way.
      if (data.length > 0) await credit(undefined, data.length)
      return
    }
    if (data.length > 0) {
      presence.moved()
      await stream.receiver.data(data)
      await credit(isLast ? undefined : { id, stream }, data.length)
    }
    if (!isLast) return
    stream.isClientDone = true
    stream.receiver.end()
    release(id, stream)
  }

  /** Lets the client send as much again as was taken, half a window at a time. */
  const credit = async (of: { id: number; stream: OpenStream } | undefined, length: number) => {
    taken += length
    if (taken >= initialWindowBytes / 2) {
      await send({ type: 'window-update', streamId: 0, delta: taken })
      taken = 0
    }
    if (!of) return
    of.stream.taken += length
    if (of.stream.taken < initialWindowBytes / 2) return
    await send({ type: 'window-update', streamId: of.id, delta: of.stream.taken })
    of.stream.taken = 0
  }

  const widen = (id: number, delta: number) => {
    hasWindows = true
    const stream = streams.get(id)
    if (id === 0) sendWindow += delta
    else if (stream) stream.sendWindow += delta
    if (sendWindow > largestWindow) throw new ProtocolError('the window of the connection is too large')
    if (stream && stream.sendWindow > largestWindow) throw new ProtocolError(`the window of stream ${id} is too large`)
    for (const [each, waiting] of [...streams]) if (waiting.waiting.length > 0) flush(each, waiting)
  }

  const handle = async (frame: Frame): Promise<void> => {
    switch (frame.type) {
      case 'syn-stream':
        await open(frame.streamId, frame.headers, frame.isLast, frame.isUnidirectional)
        return
      case 'data':
        return receive(frame.streamId, frame.data, frame.isLast)
      case 'headers':
        return receive(frame.streamId, new Uint8Array(), frame.isLast)
      case 'rst-stream': {
        const stream = streams.get(frame.streamId)
        if (!stream) return
        drop(frame.streamId, stream)
        stream.receiver.reset()
        return
      }
      case 'ping':
        // Those with an even number are the answers to this side's.
        if (frame.id % 2 === 1) await send({ type: 'ping', id: frame.id })
        return
      case 'settings':
        for (const { id, value } of frame.settings)
          if (id === initialWindowSizeSetting) {
            if (value > largestWindow) throw new ProtocolError('the initial window is too large')
            for (const stream of streams.values()) stream.sendWindow += value - initialSendWindow
            initialSendWindow = value
            widen(0, 0)
          }
        return
      case 'window-update':
        return widen(frame.streamId, frame.delta)
      case 'syn-reply':
        throw new ProtocolError(`this side has not opened stream ${frame.streamId}`)
      case 'goaway':
        // Streams that are open go on; the client ends the connection when it is through.
        return
    }
  }

  const close = (status: number, lingerMs: number) => {
    if (isClosing || isClosed) return
    void send({ type: 'goaway', lastStreamId, status })
    isClosing = true
    presence.stop()
    lingering = setTimeout(() => duplex.destroy(), lingerMs).unref()
    duplex.end()
    // What the client still sends is of no use, but its good-bye is.
    duplex.resume()
  }

  const over = () => {
    if (isClosed) return
    isClosed = true
    presence.stop()
    clearInterval(patience)
    clearTimeout(lingering)
    try {
      handler.closed()
    } catch (error) {
      failed(error)
    }
    for (const [id, stream] of [...streams]) drop(id, stream)
    codec.close()
  }

  /** All that comes is told as bytes, so that a client that only answers pings is heard. */
  async function* arriving(): AsyncGenerator<Uint8Array> {
    for await (const chunk of duplex.iterator({ destroyOnReturn: false })) {
      presence.heard()
      yield chunk
    }
  }
  let isHandling = false
  // While a session does not take what it was given, nobody listens for the client's answers.
  const patience = setInterval(() => isHandling && presence.heard(), limits.pingMs / 2).unref()
  const serve = async () => {
    for await (const frame of readFrames(arriving(), codec, limits)) {
      isHandling = true
      if (!isClosing) await handle(frame)
      isHandling = false
    }
  }
  duplex.on('error', () => undefined)
  duplex.once('close', over)
  serve().then(cut, (error: unknown) => {
    if (duplex.destroyed) return
    if (!(error instanceof ProtocolError)) failed(error)
    close(goAwayStatus.protocolError, Math.min(limits.lingerMs, refusedLingerMs))
  })
  return {
    close: () => {
      isCloseWanted = true
      if (waitingBytes === 0) close(goAwayStatus.ok, limits.lingerMs)
    },
  }
}
