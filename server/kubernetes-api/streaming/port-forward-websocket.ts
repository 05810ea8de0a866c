/**
 * `portforward` over WebSocket without SPDY: for each port of the query two channels, one for data and one for an error. The first message
 * on each is the port's number, two bytes with the lower one first. There is one connection a port, and it cannot be half closed.
 * Source: k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go
 */
import type { WebSocket } from 'ws'
import type { ConnectionInput, PortForwardSession } from '../../labs/sandboxes/sessions.ts'
import { serveChannels } from './channels.ts'
import type { StreamLimits } from './limits.ts'

/** By subprotocol, of which a client may name none. */
export const portForwardWebSocketProtocols: Readonly<Record<string, { isBase64: boolean }>> = {
  'v4.channel.k8s.io': { isBase64: false },
  'v4.base64.channel.k8s.io': { isBase64: true },
  '': { isBase64: false },
}

export function servePortForwardWebSocket(
  socket: WebSocket,
  subprotocol: string,
  ports: readonly number[],
  session: PortForwardSession,
  limits: StreamLimits,
  failed: (error: unknown) => void,
): void {
  const { isBase64 } = portForwardWebSocketProtocols[subprotocol]!
  const inputs: ConnectionInput[] = []
  const over = new Set<number>()

  const channels = serveChannels(
    socket,
    { isBase64, hasClose: false },
    ports.length * 2,
    limits,
    {
      message: (channel, data) =>
        channel % 2 === 0 && !over.has(channel / 2) ? inputs[channel / 2]?.write(data) : undefined,
      closed: () => session.close(),
    },
    failed,
  )
  session.whenLost?.(() => channels.close())
  const finish = (index: number) => {
    over.add(index)
    if (over.size === ports.length) channels.close()
  }

  for (const [index, port] of ports.entries()) {
    const number = Uint8Array.of(port & 0xff, port >> 8)
    channels.send(index * 2, number)
    channels.send(index * 2 + 1, number)
  }
  for (const [index, port] of ports.entries())
    inputs[index] = session.connect(port, {
      data: (data) => channels.send(index * 2, data),
      error(text) {
        channels.send(index * 2 + 1, Buffer.from(text))
        finish(index)
      },
      end: () => finish(index),
    })
}
