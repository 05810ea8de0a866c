/**
 * `exec` and `attach` over WebSocket: channels 0 to 4 for stdin, stdout, stderr, the end and the terminal's size.
 * Source: k8s.io/apiserver/pkg/util/proxy/websocket.go, k8s.io/kubelet/pkg/cri/streaming/remotecommand/websocket.go
 */
import type { WebSocket } from 'ws'
import type { ExecInput, ExecSession, Taken } from '../../labs/sandboxes/sessions.ts'
import { serveChannels } from './channels.ts'
import { type ExecProtocol, execProtocols, printEnd } from './exec-protocols.ts'
import type { StreamLimits } from './limits.ts'
import { createSizeReader } from './terminal-size.ts'

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 }

/** By subprotocol, of which a client may name none. */
export const execWebSocketProtocols: Readonly<Record<string, { protocol: ExecProtocol; isBase64: boolean }>> = {
  ...Object.fromEntries(
    Object.entries(execProtocols).map(([name, protocol]) => [name, { protocol, isBase64: false }] as const),
  ),
  'v4.base64.channel.k8s.io': { protocol: execProtocols['v4.channel.k8s.io']!, isBase64: true },
  'base64.channel.k8s.io': { protocol: execProtocols['channel.k8s.io']!, isBase64: true },
  '': { protocol: execProtocols['channel.k8s.io']!, isBase64: false },
}

export function serveExecWebSocket(
  socket: WebSocket,
  subprotocol: string,
  session: ExecSession,
  limits: StreamLimits,
  failed: (error: unknown) => void,
): void {
  const { protocol, isBase64 } = execWebSocketProtocols[subprotocol]!
  let input: ExecInput | undefined
  let isOver = false
  const readSize = createSizeReader((columns, rows) => input?.resize(columns, rows))

  const channels = serveChannels(
    socket,
    { isBase64, hasClose: protocol.hasClose },
    5,
    limits,
    {
      message(from, data, isClose): Taken {
        if (isOver) return undefined
        if (from === channel.resize && !isClose) return readSize(data)
        if (from !== channel.stdin || !session.stdin) return undefined
        return isClose ? input?.end() : input?.write(data)
      },
      closed() {
        if (!isOver) input?.close()
        isOver = true
      },
    },
    failed,
  )
  // Tells the client that the connection stands.
  const first = session.stdout ? channel.stdout : session.stderr ? channel.stderr : channel.error
  channels.send(first, new Uint8Array())
  input = session.open({
    stdout: (data) => (session.stdout ? channels.send(channel.stdout, data) : undefined),
    stderr: (data) => (session.stderr ? channels.send(channel.stderr, data) : undefined),
    end(status) {
      if (isOver) return
      isOver = true
      const text = printEnd(status, protocol)
      if (text.length > 0) channels.send(channel.error, text)
      channels.close()
    },
  })
}
