/** How much a client may ask of one upgraded connection, and for how long it may be silent. */

export interface StreamLimits {
  /** The largest WebSocket message, and the largest SPDY frame. */
  maxFrameBytes: number
  /** The largest header block of a SPDY stream, compressed or not. */
  maxHeaderBytes: number
  /** Streams of a SPDY connection that are open at the same time, and channels of a WebSocket. */
  maxStreams: number
  /** Output that waits for a client to read it. One more byte ends the connection. */
  maxUnsentBytes: number
  /** How long the streams of a session may be under way. */
  streamCreationMs: number
  /** How often a client is asked whether it is there; two questions may stay without an answer. */
  pingMs: number
  /** How long a connection may carry no data. */
  idleMs: number
  /** How long a client may go on reading what was sent before the end. */
  lingerMs: number
}

/**
 * The times are the kubelet's and the API server's: 30 seconds for the streams, four hours of silence, 15 minutes to read the rest.
 * Source: pkg/kubelet/apis/config/v1beta1/defaults.go, k8s.io/kubelet/pkg/cri/streaming/remotecommand/constants.go,
 * k8s.io/apiserver/pkg/util/proxy/websocket.go
 */
export const defaultStreamLimits: StreamLimits = {
  maxFrameBytes: 4 << 20,
  maxHeaderBytes: 16 << 10,
  maxStreams: 512,
  maxUnsentBytes: 32 << 20,
  streamCreationMs: 30_000,
  pingMs: 30_000,
  idleMs: 4 * 60 * 60_000,
  lingerMs: 15 * 60_000,
}
