/**
 * `portforward` over SPDY: for each connection the client opens two streams with the same request id, one for data and one for an error.
 * Source: k8s.io/kubelet/pkg/cri/streaming/portforward/httpstream.go
 */
import type { Duplex } from 'node:stream'
import type { ConnectionInput, PortForwardSession } from '../../labs/sandboxes/sessions.ts'
import { type SpdyStream, type StreamReceiver, serveSpdy } from '../spdy/connection.ts'
import type { Headers } from '../spdy/header-block.ts'
import type { StreamLimits } from './limits.ts'
import { parsePort } from './ports.ts'

interface Pair {
  data?: SpdyStream
  error?: SpdyStream
  input?: ConnectionInput
  expired: NodeJS.Timeout
  /** What the client sent on the data stream before there was a stream for errors. */
  early: Uint8Array[]
  earlyBytes: number
  isClientDone: boolean
}

export function servePortForwardSpdy(
  duplex: Duplex,
  session: PortForwardSession,
  limits: StreamLimits,
  failed: (error: unknown) => void,
): void {
  const pairs = new Map<string, Pair>()
  const connection = serveSpdy(
    duplex,
    limits,
    {
      admit(headers, id) {
        if (parsePort(headers.port ?? '') === undefined) return false
        const { streamtype } = headers
        return (streamtype === 'data' || streamtype === 'error') && !pairs.get(requestIdOf(headers, id))?.[streamtype]
      },
      opened(stream) {
        const requestId = requestIdOf(stream.headers, stream.id)
        const pair = pairs.get(requestId) ?? newPair(requestId)
        pairs.set(requestId, pair)
        const isData = stream.headers.streamtype === 'data'
        if (isData) pair.data = stream
        else pair.error = stream
        if (pair.data && pair.error) connect(requestId, pair, pair.data, pair.error)
        return isData ? dataReceiver(requestId, pair) : silent
      },
      closed() {
        for (const pair of pairs.values()) clearTimeout(pair.expired)
        pairs.clear()
        session.close()
      },
    },
    failed,
  )
  session.whenLost?.(() => connection.close())

  const newPair = (requestId: string): Pair => ({
    expired: setTimeout(() => {
      const pair = pairs.get(requestId)
      void pair?.error?.write(Buffer.from(`(request=${requestId}) timed out waiting for streams`))
      finish(requestId)
    }, limits.streamCreationMs).unref(),
    early: [],
    earlyBytes: 0,
    isClientDone: false,
  })

  const finish = (requestId: string) => {
    const pair = pairs.get(requestId)
    pairs.delete(requestId)
    clearTimeout(pair?.expired)
    pair?.data?.end()
    pair?.error?.end()
  }

  const connect = (requestId: string, pair: Pair, data: SpdyStream, error: SpdyStream) => {
    clearTimeout(pair.expired)
    pair.input = session.connect(Number(data.headers.port), {
      data: (bytes) => data.write(bytes),
      error(text) {
        void error.write(Buffer.from(text))
        finish(requestId)
      },
      end() {
        finish(requestId)
        // Who forwards ends its side as soon as the Pod has, whatever the client still had to say.
        pair.input?.close()
      },
    })
    if (pairs.get(requestId) !== pair) return pair.input.close()
    for (const bytes of pair.early) Promise.resolve(pair.input.write(bytes)).catch(failed)
    if (pair.isClientDone) pair.input.end()
    pair.early = []
  }

  const dataReceiver = (requestId: string, pair: Pair): StreamReceiver => ({
    data(bytes) {
      if (pair.input) return pairs.get(requestId) === pair ? pair.input.write(bytes) : undefined
      pair.earlyBytes += bytes.length
      if (pair.earlyBytes > limits.maxFrameBytes) connection.close()
      else pair.early.push(bytes)
      return undefined
    },
    end() {
      pair.isClientDone = true
      if (pairs.get(requestId) === pair) pair.input?.end()
    },
    reset() {
      if (pairs.get(requestId) !== pair) return
      pair.input?.close()
      finish(requestId)
    },
  })
}

const silent: StreamReceiver = { data: () => undefined, end: () => undefined, reset: () => undefined }

/** Clients of old send none: their error stream comes first, and their data stream has the next odd number. */
function requestIdOf(headers: Headers, streamId: number): string {
  return headers.requestid || String(headers.streamtype === 'data' ? streamId - 2 : streamId)
}
