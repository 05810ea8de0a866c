/** A terminal over WebSocket: JSON messages both ways. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { mostEditedLength } from './editing.ts'
import type { TerminalConnection, Terminals } from './terminals.ts'

/** What a page may say. */
const fromPage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input'), data: z.string().max(100_000) }),
  z.strictObject({ type: z.literal('resize'), columns: z.int().min(1).max(1000), rows: z.int().min(1).max(1000) }),
  z.strictObject({
    type: z.literal('edited'),
    id: z.int(),
    text: z.string().max(mostEditedLength).optional(),
    isOpen: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('close') }),
])

const mostBytes = 4 * 1024 * 1024
/** Output is gathered for so long, so that a screenful is one message. */
const gatherMs = 8
/** A page that does not answer is gone. */
const heartbeatMs = 30_000
/** A page that reads nothing is let go when this much waits for it. */
const mostWaitingBytes = 4 * 1024 * 1024

const server = new WebSocketServer({ noServer: true, maxPayload: mostBytes, perMessageDeflate: false })

/** Whether the page that asks is of this site: a WebSocket carries the cookies whoever opens it. */
export function isSameSite(req: IncomingMessage): boolean {
  const { origin, host } = req.headers
  if (origin === undefined || host === undefined) return false
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}

export interface SocketEvents {
  begun(webSocket: WebSocket): void
  /** What was refused in words; undefined for an error that nobody meant to be told. */
  readRefused(error: unknown): { status: number; message: string } | undefined
  onError(error: unknown): void
}

/** Whether to ask again helps. */
const isForLater = (status: number): boolean => status === 429 || status >= 500

/** Completes the upgrade, and shows the terminal of that key until the page leaves. */
export function serveTerminal(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  terminals: Terminals,
  key: string,
  { readRefused, onError, begun }: SocketEvents,
): void {
  server.handleUpgrade(req, socket, head, (webSocket) => {
    begun(webSocket)
    show(webSocket, terminals, key).catch((error: unknown) => {
      const refused = readRefused(error)
      if (!refused) onError(error)
      if (refused && !isForLater(refused.status)) {
        webSocket.send(JSON.stringify({ type: 'refused', why: refused.message }))
        webSocket.close(1008, 'refused')
      } else webSocket.close(1013, 'the terminal could not be opened now')
    })
  })
}

/** Refuses before there is a WebSocket. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

async function show(webSocket: WebSocket, terminals: Terminals, key: string): Promise<void> {
  let gathered = ''
  let timer: NodeJS.Timeout | undefined
  let isAlive = true
  const early: string[] = []
  let connection: TerminalConnection | undefined
  const send = (message: unknown): void => {
    if (webSocket.readyState !== webSocket.OPEN) return
    webSocket.send(JSON.stringify(message))
    if (webSocket.bufferedAmount > mostWaitingBytes) webSocket.close(1013, 'what was printed was not read')
  }
  const flush = (): void => {
    timer = undefined
    if (gathered) send({ type: 'output', data: gathered })
    gathered = ''
  }
  const receive = (text: string): void => {
    const read = fromPage.safeParse(parsed(text))
    if (!read.success) {
      webSocket.close(1003, 'that message is not known')
      return
    }
    const message = read.data
    if (message.type === 'input') connection?.input(message.data)
    else if (message.type === 'resize') connection?.resize(message.columns, message.rows)
    else if (message.type === 'close') connection?.end()
    else connection?.edited(message.id, message.text, message.isOpen)
  }
  webSocket.on('error', () => webSocket.terminate())
  webSocket.on('pong', () => {
    isAlive = true
  })
  webSocket.on('message', (data, isBinary) => {
    if (isBinary) return webSocket.close(1003, 'messages are text')
    const text = data.toString()
    if (connection) receive(text)
    else if (early.length < 100) early.push(text)
  })
  const heartbeat = setInterval(() => {
    if (!isAlive) return webSocket.terminate()
    isAlive = false
    webSocket.ping()
  }, heartbeatMs)
  heartbeat.unref()
  webSocket.on('close', () => {
    clearInterval(heartbeat)
    clearTimeout(timer)
    connection?.close()
  })
  connection = await terminals.connect(key, {
    write(text) {
      gathered += text
      timer ??= setTimeout(flush, gatherMs)
    },
    edit: (request) => send({ type: 'edit', ...request }),
    editNews: (news) => send({ type: 'editNews', ...news }),
    announce: (exitCode) => send({ type: 'announce', exitCode }),
    close: () => webSocket.close(1000, 'the shell was ended'),
  })
  if (webSocket.readyState !== webSocket.OPEN) return connection.close()
  for (const text of early) receive(text)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
