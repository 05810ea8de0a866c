/** The connections of one session of port-forward. */
import type { ObjectKey } from '../../api/meta/object.ts'
import { internalError } from '../../api/meta/status-error.ts'
import type { ReachedSandbox } from '../../kubelet/container-access.ts'
import type { Kubelet } from '../../kubelet/kubelet.ts'
import type { ConnectFailure } from '../../network/types.ts'
import { decodeContent } from '../../runtime/file-content.ts'
import type { SessionInput } from '../../scenario/types.ts'
import type { ConnectionSink } from '../types.ts'
import { type Connection, connect } from './connection.ts'

const nobody: ConnectionSink = { data: () => undefined, error: () => undefined, end: () => undefined }

/** Source of the words: containerd, internal/cri/server/sandbox_portforward_linux.go */
export class Forwarding {
  private readonly connections = new Map<number, Connection>()
  private count = 0
  private readonly key: ObjectKey
  private readonly kubelet: Kubelet
  private readonly epochMs: () => number
  private readonly reached: ReachedSandbox

  /** @throws StatusError for a Pod without a sandbox */
  constructor(key: ObjectKey, kubelet: Kubelet, epochMs: () => number) {
    const sandbox = kubelet.findSandbox(key)
    if ('error' in sandbox) throw internalError(sandbox.error)
    this.reached = sandbox
    this.key = key
    this.kubelet = kubelet
    this.epochMs = epochMs
  }

  take(input: SessionInput, sink: ConnectionSink = nobody): void {
    if (input.act === 'connect') this.open(input.port, sink)
    else if (input.act === 'close' && input.connection === undefined) this.closeAll()
    else if (input.act !== 'resize') {
      const connection = this.connections.get(input.connection ?? -1)
      if (input.act === 'write') connection?.write(decodeContent(input.data))
      else if (input.act === 'end') connection?.end()
      else connection?.close()
    }
  }

  private open(port: number, sink: ConnectionSink): void {
    const number = this.count++
    const sandbox = this.kubelet.findSandbox(this.key)
    const { reached } = this
    const fail = (failure: ConnectFailure | undefined): void =>
      sink.error(forwardingFailure(reached, port, failure, number))
    if ('error' in sandbox || sandbox.id !== reached.id) {
      fail(undefined)
      return
    }
    const connection = connect(
      { network: sandbox.network, port, epochMs: this.epochMs },
      {
        data: (bytes) => sink.data(bytes),
        end: () => sink.end(),
        failed: fail,
        reset: () => fail({ error: 'reset' }),
      },
    )
    this.connections.set(number, connection)
  }

  private closeAll(): void {
    for (const connection of this.connections.values()) connection.close()
  }
}

/**
 * Why a connection to a port of the Pod came to nothing, as the kubelet tells it.
 * @param failure undefined when the Pod's sandbox is gone
 * @param number of the connection
 */
export function forwardingFailure(
  { id, namespacePath }: ReachedSandbox,
  port: number,
  failure: ConnectFailure | undefined,
  number: number,
): string {
  const prefix = `error forwarding port ${port} to pod ${id}, uid : `
  if (!failure) return `${prefix}failed to find sandbox "${id}" in store: not found`
  const why =
    failure.error === 'reset'
      ? `read tcp4 127.0.0.1:${32768 + number}->127.0.0.1:${port}: read: connection reset by peer`
      : dialFailure(port, id, failure)
  return `${prefix}failed to execute portforward in network namespace "${namespacePath}": ${why}`
}

function dialFailure(port: number, id: string, { error }: ConnectFailure): string {
  const why = error === 'refused' ? 'connect: connection refused' : 'i/o timeout'
  return `failed to connect to localhost:${port} inside namespace "${id}", IPv4: dial tcp4 127.0.0.1:${port}: ${why} IPv6 dial tcp6 [::1]:${port}: ${why} `
}
