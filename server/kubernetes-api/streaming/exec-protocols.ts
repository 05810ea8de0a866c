/**
 * Versions of the protocol of `exec` and `attach`.
 * Source: k8s.io/apimachinery/pkg/util/remotecommand/constants.go, k8s.io/kubelet/pkg/cri/streaming/remotecommand
 */

/** What a version can, and how its error stream tells the end. */
export interface ExecProtocol {
  /** Of a SPDY connection with a terminal, a stream of sizes is expected. */
  hasResize: boolean
  /** The end is a `Status` in JSON; before v4 it is the message of a failure, and silence otherwise. */
  hasStatus: boolean
  /** Over WebSocket, 255 and a channel's number closes the channel. */
  hasClose: boolean
}

const v1: ExecProtocol = { hasResize: false, hasStatus: false, hasClose: false }
const v3: ExecProtocol = { ...v1, hasResize: true }
const v4: ExecProtocol = { ...v3, hasStatus: true }

export const execProtocols: Readonly<Record<string, ExecProtocol>> = {
  'v5.channel.k8s.io': { ...v4, hasClose: true },
  'v4.channel.k8s.io': v4,
  'v3.channel.k8s.io': v3,
  'v2.channel.k8s.io': v1,
  'channel.k8s.io': v1,
}

export function printEnd(status: Readonly<Record<string, unknown>>, protocol: ExecProtocol): Uint8Array {
  if (protocol.hasStatus) return Buffer.from(JSON.stringify(status))
  return Buffer.from(status.status === 'Success' ? '' : String(status.message ?? ''))
}
