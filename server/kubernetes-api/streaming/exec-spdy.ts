/**
 * `exec` and `attach` over SPDY: a stream for each of error, stdin, stdout, stderr and the terminal's size, opened by the client.
 * Source: k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go
 */
import type { Duplex } from 'node:stream'
import type { ExecInput, ExecSession } from '../../labs/sandboxes/sessions.ts'
import { type SpdyStream, serveSpdy } from '../spdy/connection.ts'
import { type ExecProtocol, printEnd } from './exec-protocols.ts'
import type { StreamLimits } from './limits.ts'
import { createSizeReader } from './terminal-size.ts'

const kinds = ['error', 'stdin', 'stdout', 'stderr', 'resize'] as const
type Kind = (typeof kinds)[number]
const isKind = (name: string | undefined): name is Kind => kinds.includes(name as Kind)

export function serveExecSpdy(
  duplex: Duplex,
  protocol: ExecProtocol,
  session: ExecSession,
  limits: StreamLimits,
  failed: (error: unknown) => void,
): void {
  const streams: Partial<Record<Kind, SpdyStream>> = {}
  const expected = kinds.filter(
    (kind) => kind === 'error' || (kind === 'resize' ? session.tty && protocol.hasResize : session[kind]),
  )
  let input: ExecInput | undefined
  let isOver = false
  // Of streams that the client uses before it has opened all.
  const early: (() => unknown)[] = []
  let earlyBytes = 0

  const connection = serveSpdy(
    duplex,
    limits,
    {
      admit: ({ streamtype }) => isKind(streamtype) && !streams[streamtype],
      opened(stream) {
        const kind = stream.headers.streamtype as Kind
        streams[kind] = stream
        if (!input && expected.every((each) => streams[each])) start()
        return receiverOf(kind)
      },
      closed() {
        clearTimeout(expired)
        if (!isOver) input?.close()
        isOver = true
      },
    },
    failed,
  )
  const expired = setTimeout(() => connection.close(), limits.streamCreationMs).unref()

  const start = () => {
    clearTimeout(expired)
    input = session.open({
      stdout: (data) => streams.stdout?.write(data),
      stderr: (data) => streams.stderr?.write(data),
      end(status) {
        if (isOver) return
        isOver = true
        streams.error?.write(printEnd(status, protocol))
        for (const stream of Object.values(streams)) stream.end()
        connection.close()
      },
    })
    for (const step of early) step()
  }

  const receiverOf = (kind: Kind) => {
    const readSize = createSizeReader((columns, rows) => input?.resize(columns, rows))
    const take = (data: Uint8Array) => {
      if (isOver) return undefined
      if (kind === 'stdin' && session.stdin) return input?.write(data)
      if (kind === 'resize') readSize(data)
      return undefined
    }
    const end = () => {
      if (kind === 'stdin' && session.stdin && !isOver) input?.end()
    }
    return {
      data(data: Uint8Array) {
        if (input) return take(data)
        earlyBytes += data.length
        if (earlyBytes > limits.maxFrameBytes) connection.close()
        else early.push(() => Promise.resolve(take(data)).catch(failed))
        return undefined
      },
      end: () => (input ? end() : void early.push(end)),
      reset: () => (input ? end() : void early.push(end)),
    }
  }
}
