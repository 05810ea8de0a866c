/**
 * WebSocket connections that carry several channels: the first byte of a message is the channel's number, or its digit where the rest is base64.
 * Source: k8s.io/streaming/pkg/httpstream/wsstream/conn.go
 */
import { createWebSocketStream, type WebSocket } from 'ws'
import type { Taken } from '../../labs/sandboxes/sessions.ts'
import type { StreamLimits } from './limits.ts'
import { piecesOf } from './pieces.ts'
import { watchPresence } from './presence.ts'

export interface ChannelHandler {
  /** `isClose` tells of a message that closes the channel; it has no data. */
  message(channel: number, data: Uint8Array, isClose: boolean): Taken
  /** The connection is over, whoever ended it. */
  closed(): void
}

export interface Channels {
  /** A promise when the client has not read what went before. An empty message is sent too. */
  send(channel: number, data: Uint8Array): Taken
  /** Sends what is written, says good-bye, and ends. */
  close(): void
}

export interface ChannelCodec {
  isBase64: boolean
  hasClose: boolean
}

const closeSignal = 255
/** For who broke the rules: long enough to read why. */
const refusedLingerMs = 1000
/** RFC 6455 section 7.4.1 */
const closeCode = { normal: 1000, protocolError: 1002, policy: 1008, internalError: 1011 }

/**
 * Messages reach the handler one after another, the next when the last is taken.
 * @param channels how many there are; what is sent on others is dropped, as the kubelet drops it
 * @param failed is told of errors that are neither the client's nor the connection's
 */
export function serveChannels(
  socket: WebSocket,
  codec: ChannelCodec,
  channels: number,
  limits: StreamLimits,
  handler: ChannelHandler,
  failed: (error: unknown) => void,
): Channels {
  let isClosing = false
  let isClosed = false
  let isHandling = false

  const presence = watchPresence(
    limits,
    () => socket.ping(),
    (reason) => end(closeCode.policy, reason),
  )
  // While a session does not take what it was given, nobody listens for the client's answers.
  const patience = setInterval(() => isHandling && presence.heard(), limits.pingMs / 2).unref()

  const end = (code: number, reason: string) => {
    if (isClosing || isClosed) return
    isClosing = true
    presence.stop()
    socket.close(code, reason)
    if (code !== closeCode.normal) endSoon()
  }
  /** Who broke the rules, or does not answer, is not waited for. */
  const endSoon = () => setTimeout(() => socket.terminate(), refusedLingerMs).unref()

  const over = () => {
    if (isClosed) return
    isClosed = true
    presence.stop()
    clearInterval(patience)
    try {
      handler.closed()
    } catch (error) {
      failed(error)
    }
  }
  /** Ends it at once. Sessions hear of the end before anything that they wait for, or they would go on. */
  const cut = () => {
    socket.terminate()
    over()
  }

  /** Messages that wait until the one before is written, and what they hold. */
  let lastWritten: Promise<void> = Promise.resolve()
  let waitingBytes = 0
  let saysGoodBye = false
  const write = (message: string | Uint8Array): Promise<void> =>
    new Promise((resolve) =>
      socket.send(message, (error) => {
        if (error) cut()
        waitingBytes -= message.length
        resolve()
      }),
    )

  /**
   * Each message in a write of its own, and so in a record of its own over TLS. A client that polls its connection, as the Python client does, does
   * not see what came in one record with what it has read.
   */
  const sendPiece = (channel: number, data: Uint8Array): Promise<void> | undefined => {
    if (saysGoodBye || isClosing || isClosed) return undefined
    if (waitingBytes + data.length > limits.maxUnsentBytes) {
      cut()
      return undefined
    }
    presence.moved()
    const message = codec.isBase64 ? `${channel}${Buffer.from(data).toString('base64')}` : withFirst(channel, data)
    const isFirst = waitingBytes === 0
    waitingBytes += message.length
    lastWritten = isFirst ? write(message) : lastWritten.then(() => write(message))
    return isFirst ? undefined : lastWritten
  }

  const receive = (message: Buffer): Taken => {
    if (message.length === 0) return undefined
    if (codec.hasClose && message[0] === closeSignal) {
      const channel = message[1]
      if (message.length !== 2 || channel === undefined || channel >= channels)
        return end(closeCode.protocolError, 'a close signal names one channel')
      return handler.message(channel, new Uint8Array(), true)
    }
    const channel = message[0]! - (codec.isBase64 ? '0'.charCodeAt(0) : 0)
    if (channel < 0 || channel >= channels) return undefined
    const data = message.subarray(1)
    presence.moved()
    return handler.message(channel, codec.isBase64 ? Buffer.from(data.toString('latin1'), 'base64') : data, false)
  }

  const serve = async () => {
    const messages = createWebSocketStream(socket, { readableObjectMode: true, readableHighWaterMark: 1 })
    messages.on('error', () => undefined)
    for await (const message of messages.iterator({ destroyOnReturn: false })) {
      presence.heard()
      if (isClosing) continue
      isHandling = true
      await receive(typeof message === 'string' ? Buffer.from(message) : message)
      isHandling = false
    }
  }

  socket.on('pong', () => presence.heard())
  socket.on('ping', () => presence.heard())
  // A frame that is none: the library has told the client so.
  socket.on('error', endSoon)
  socket.once('close', over)
  serve().catch((error: unknown) => {
    if (!isHandling) return
    failed(error)
    end(closeCode.internalError, 'the session has failed')
  })
  return {
    send(channel, data) {
      if (data.length === 0) return sendPiece(channel, data)
      let last: Promise<void> | undefined
      for (const piece of piecesOf(data)) last = sendPiece(channel, piece)
      return last
    },
    close() {
      saysGoodBye = true
      void lastWritten.then(() => end(closeCode.normal, ''))
    },
  }
}

const withFirst = (channel: number, data: Uint8Array): Buffer => Buffer.concat([Buffer.of(channel), data])
