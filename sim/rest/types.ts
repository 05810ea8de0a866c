/**
 * The Kubernetes HTTP API as data: what a request is, and what may come of it. Sockets, and the bytes on them, are the caller's.
 * What runs on gives its output as virtual time passes; who looks at it drives the clock.
 */

export interface HttpRequest {
  /** `GET`, `POST`… */
  method: string
  /** As sent, with the query: `/api/v1/namespaces/default/pods?limit=500`. What stands before `/api` is cut off by the caller. */
  url: string
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  /**
   * With what its sender came over TLS: the first certificate that he showed, in PEM, or none. Left out where the connection tells nothing, and
   * whoever knows the address is the administrator.
   */
  tls?: { readonly certificate?: string }
}

/** What a request leads to; `kind` tells them apart. */
export type HttpOutcome = HttpAnswer | HttpStream | ExecSession | PortForwardSession | NoAnswer

/** Nobody listens: the API server is down. The caller ends the connection without an answer. */
export interface NoAnswer {
  kind: 'no-answer'
  /** `dial tcp 172.18.0.2:6443: connect: connection refused` */
  why: string
}

/** Everything at once. */
export interface HttpAnswer {
  kind: 'answer'
  status: number
  headers: Record<string, string>
  body: string | Uint8Array
  /** Virtual milliseconds that it comes later, because the server had to ask others: webhooks. */
  afterMs?: number
}

/** A body that comes over time: a watch, a log that is followed. */
export interface HttpStream {
  kind: 'stream'
  status: number
  headers: Record<string, string>
  /** Each character of what is written is a byte. */
  isBinary?: boolean
  /** Of the wall clock: the caller ends the stream after them, by `close` with the reason that time is over. */
  timeoutSeconds?: number
  /** What there is already is written before this returns. */
  open(sink: StreamSink): OpenStream
}

export interface OpenStream {
  /** @param reason `timeout` writes what a client is told last (a bookmark, if it asked for some), and then ends */
  close(reason?: 'timeout'): void
}

export interface StreamSink {
  write(text: string): void
  /** Nothing more comes. */
  end(): void
}

/** `exec` and `attach`: a process with its streams. The caller has to upgrade the connection first. */
export interface ExecSession {
  kind: 'exec'
  stdin: boolean
  stdout: boolean
  stderr: boolean
  tty: boolean
  open(sink: ExecSink): ExecInput
}

export interface ExecSink {
  stdout(data: Uint8Array): void
  stderr(data: Uint8Array): void
  /** The end, as a `Status`: Success, or Failure with reason NonZeroExitCode and the code among its causes. */
  end(status: Record<string, unknown>): void
}

export interface ExecInput {
  write(data: Uint8Array): void
  /** No more input comes. */
  end(): void
  resize(columns: number, rows: number): void
  /** The caller is gone. */
  close(): void
}

/** `portforward`: any number of connections to ports of a Pod. The caller has to upgrade the connection first. */
export interface PortForwardSession {
  kind: 'port-forward'
  connect(port: number, sink: ConnectionSink): ConnectionInput
  /** The caller is gone: every connection ends. */
  close(): void
}

export interface ConnectionSink {
  data(data: Uint8Array): void
  /** Why there is no connection, in the kubelet's words; nothing follows. */
  error(text: string): void
  /** The other side sends no more. */
  end(): void
}

export interface ConnectionInput {
  write(data: Uint8Array): void
  end(): void
  close(): void
}
