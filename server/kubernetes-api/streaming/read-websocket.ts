/**
 * What is only read, logs and watches, over WebSocket: each piece is a message.
 * Source: k8s.io/streaming/pkg/httpstream/wsstream/stream.go, k8s.io/apiserver/pkg/endpoints/handlers/{watch,responsewriters/writers}.go
 */
import type { WebSocket } from 'ws'
import type { HttpAnswer, HttpStream } from '../../labs/sandboxes/sessions.ts'
import type { StreamLimits } from './limits.ts'

/** By subprotocol, of which a client may name none: whether messages are text, in base64. */
export const readWebSocketProtocols: Readonly<Record<string, { isBase64: boolean }>> = {
  '': { isBase64: false },
  'binary.k8s.io': { isBase64: false },
  'base64.binary.k8s.io': { isBase64: true },
}

/** More than this Node takes for nothing. */
const longestTimerMs = 2 ** 31 - 1

const pathOf = (url: string): string => url.split('?', 1)[0]!

/** A log that is there already, as one that comes; undefined for what is no log: it is answered by HTTP, also to whom asks for a WebSocket. */
export function logStream(url: string, answer: HttpAnswer): HttpStream | undefined {
  if (answer.status !== 200 || !pathOf(url).endsWith('/log')) return undefined
  const { status, headers, body } = answer
  return {
    kind: 'stream',
    status,
    headers,
    isBinary: typeof body !== 'string',
    open(sink) {
      sink.write(typeof body === 'string' ? body : Buffer.from(body).toString('latin1'))
      sink.end()
      return { close: () => undefined }
    },
  }
}

/** Ends when the stream does, when its time is over, or when nobody reads it. */
export function serveReadWebSocket(
  socket: WebSocket,
  subprotocol: string,
  url: string,
  stream: HttpStream,
  limits: StreamLimits,
): void {
  const { isBase64 } = readWebSocketProtocols[subprotocol]!
  const isLog = pathOf(url).endsWith('/log')
  let isOver = false
  let timer: NodeJS.Timeout | undefined
  const over = (): void => {
    isOver = true
    clearTimeout(timer)
    clearInterval(presence)
  }
  const send = (bytes: Buffer): void => {
    if (isOver) return
    if (socket.bufferedAmount + bytes.length > limits.maxUnsentBytes) {
      opened?.close()
      over()
      socket.terminate()
      return
    }
    socket.send(isBase64 ? bytes.toString('base64') : bytes, { binary: isLog && !isBase64 })
  }
  let answers = 0
  const presence = setInterval(() => {
    if (++answers > 2) return socket.terminate()
    socket.ping()
  }, limits.pingMs)
  presence.unref()
  socket.on('pong', () => {
    answers = 0
  })
  let opened: ReturnType<HttpStream['open']> | undefined
  socket.on('error', () => undefined)
  socket.on('close', () => {
    if (!isOver) opened?.close()
    over()
  })
  // Nothing is expected of who reads.
  socket.on('message', () => undefined)
  // A log begins with an empty message, which tells that the connection stands.
  if (isLog) send(Buffer.alloc(0))
  opened = stream.open({
    write(text) {
      const bytes = Buffer.from(text, stream.isBinary ? 'latin1' : 'utf8')
      if (isLog) return send(bytes)
      for (const line of text.split('\n')) if (line !== '') send(Buffer.from(`${line}\n`))
    },
    end() {
      if (isOver) return
      over()
      socket.close(1000)
    },
  })
  if (!isOver && stream.timeoutSeconds)
    timer = setTimeout(() => opened?.close('timeout'), Math.min(stream.timeoutSeconds * 1000, longestTimerMs))
}
