/**
 * What is only read, logs and watches, over WebSocket: each piece is a message.
 * Source: k8s.io/streaming/pkg/httpstream/wsstream/stream.go, k8s.io/apiserver/pkg/endpoints/handlers/{watch,responsewriters/writers}.go
 */
import type { WebSocket } from 'ws'
import type { HttpAnswer, HttpStream } from '../../labs/sandboxes/sessions.ts'
import { longestTimerMs } from '../http.ts'
import type { StreamLimits } from './limits.ts'
import { watchPresence } from './presence.ts'

/** By subprotocol, of which a client may name none: whether messages are text, in base64. */
export const readWebSocketProtocols: Readonly<Record<string, { isBase64: boolean }>> = {
  '': { isBase64: false },
  'binary.k8s.io': { isBase64: false },
  'base64.binary.k8s.io': { isBase64: true },
}

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
  let isEnded = false
  let timer: NodeJS.Timeout | undefined
  let opened: ReturnType<HttpStream['open']> | undefined
  const presence = watchPresence(
    limits,
    () => socket.ping(),
    () => socket.terminate(),
  )
  const over = (): void => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    presence.stop()
    if (!isEnded) opened?.close()
  }
  const send = (bytes: Buffer): void => {
    if (isOver) return
    if (socket.bufferedAmount + bytes.length > limits.maxUnsentBytes) {
      over()
      socket.terminate()
      return
    }
    presence.moved()
    socket.send(isBase64 ? bytes.toString('base64') : bytes, { binary: isLog && !isBase64 })
  }
  socket.on('pong', () => presence.heard())
  // Nothing else is expected of who reads.
  socket.on('message', () => presence.heard())
  socket.on('error', () => undefined)
  socket.on('close', over)
  // A log begins with an empty message, which tells that the connection stands.
  if (isLog) send(Buffer.alloc(0))
  opened = stream.open({
    write(text) {
      if (isLog) return send(Buffer.from(text, stream.isBinary ? 'latin1' : 'utf8'))
      for (const line of text.split('\n')) if (line !== '') send(Buffer.from(`${line}\n`))
    },
    end() {
      isEnded = true
      over()
      socket.close(1000)
    },
  })
  // It may be too much for its reader at once: only what was opened can be closed.
  if (isOver) {
    if (!isEnded) opened.close()
  } else if (stream.timeoutSeconds)
    timer = setTimeout(() => opened?.close('timeout'), Math.min(stream.timeoutSeconds * 1000, longestTimerMs))
}
