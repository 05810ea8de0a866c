/** Connections as a client's own bytes: an HTTP upgrade on a plain socket, and SPDY on it. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import {
  type Frame,
  type PlainFrame,
  printFrame,
  printHeaderFrame,
  readFrames,
} from '../../../server/kubernetes-api/spdy/frames.ts'
import { createHeaderCodec, type Headers } from '../../../server/kubernetes-api/spdy/header-block.ts'

export interface RawAnswer {
  status: number
  headers: Record<string, string>
  socket: Socket
  /** All until the other side ends; not to be asked of an upgraded connection. */
  body(): Promise<string>
}

/**
 * Sends a request as it stands, and reads the head of the answer.
 * @param behind what is sent together with it
 */
export async function rawRequest(
  t: TestContext,
  port: number,
  line: string,
  headers: Readonly<Record<string, string>>,
  behind: Uint8Array = new Uint8Array(),
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`)
  socket.write(Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), behind]))
  let text = ''
  while (!text.includes('\r\n\r\n')) {
    const [data] = (await once(socket, 'data')) as [Buffer]
    text += data.toString('latin1')
  }
  socket.pause()
  const [head, rest] = text.split(/\r\n\r\n(.*)/s) as [string, string]
  socket.unshift(Buffer.from(rest, 'latin1'))
  const [statusLine, ...headerLines] = head.split('\r\n')
  return {
    status: Number(statusLine!.split(' ')[1]),
    headers: Object.fromEntries(
      headerLines.map((each) => [each.split(': ')[0]!.toLowerCase(), each.slice(each.indexOf(': ') + 2)]),
    ),
    socket,
    async body() {
      const parts: Buffer[] = []
      for await (const part of socket) parts.push(part as Buffer)
      return Buffer.concat(parts).toString()
    },
  }
}

export interface SpdyClient {
  answer: RawAnswer
  socket: Socket
  /** All that has come. */
  frames: readonly Frame[]
  /** Opens the next stream, and gives its id. */
  open(headers: Headers, frame?: Partial<Frame>): Promise<number>
  send(frame: PlainFrame): void
  data(streamId: number, data: string | Uint8Array, isLast?: boolean): void
  /** Kept once a frame has come that is wanted. */
  seen(wanted: (frame: Frame) => boolean): Promise<Frame>
  /** What came on a stream so far. */
  textOf(streamId: number): string
  /** Leaves the connection open, and reads nothing more until what it gives is called. */
  stopReading(): () => void
  /** Kept once the connection is over. */
  over: Promise<void>
}

/** @param protocols of `X-Stream-Protocol-Version` */
export async function spdyClient(
  t: TestContext,
  port: number,
  path: string,
  protocols: string,
  options: { answersPings?: boolean } = {},
): Promise<SpdyClient> {
  const answer = await rawRequest(t, port, `POST ${path}`, {
    Connection: 'Upgrade',
    Upgrade: 'SPDY/3.1',
    'X-Stream-Protocol-Version': protocols,
    'Content-Length': '0',
  })
  const { socket } = answer
  const frames: Frame[] = []
  const waiting = new Set<() => void>()
  const codec = createHeaderCodec(1 << 20)
  let lastId = -1
  let reading: Promise<void> = Promise.resolve()
  const serve = async () => {
    for await (const frame of readFrames(socket, codec, { maxFrameBytes: 1 << 24, maxHeaderBytes: 1 << 20 })) {
      frames.push(frame)
      if (frame.type === 'ping' && frame.id % 2 === 0 && options.answersPings !== false) socket.write(printFrame(frame))
      for (const look of waiting) look()
      await reading
    }
  }
  const over = serve()
    .catch(() => undefined)
    .then(() => {
      socket.destroy()
      for (const look of waiting) look()
    })
  const send = (frame: PlainFrame) => void socket.write(printFrame(frame))
  return {
    answer,
    socket,
    frames,
    async open(headers, frame = {}) {
      lastId += 2
      const streamId = lastId
      const all = { type: 'syn-stream' as const, streamId, isLast: false, isUnidirectional: false, headers, ...frame }
      socket.write(await printHeaderFrame(all as typeof all & { type: 'syn-stream' }, codec))
      return all.streamId
    },
    send,
    data: (streamId, data, isLast = false) => send({ type: 'data', streamId, isLast, data: Buffer.from(data) }),
    seen: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const frame = frames.find(wanted)
          if (frame) resolve(frame)
          else if (socket.destroyed) reject(new Error(`the connection is over: ${JSON.stringify(frames)}`))
          else return
          waiting.delete(look)
        }
        waiting.add(look)
        look()
      }),
    textOf: (streamId) =>
      Buffer.concat(
        frames.flatMap((frame) => (frame.type === 'data' && frame.streamId === streamId ? [frame.data] : [])),
      ).toString(),
    stopReading() {
      let readAgain = () => {}
      reading = new Promise((resolve) => {
        readAgain = resolve
      })
      return readAgain
    },
    over,
  }
}
