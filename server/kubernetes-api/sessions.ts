/**
 * What stands behind an upgraded connection, as the transports see it: the sessions of `sim/rest/types.ts`, which may live in another thread.
 * They meet by callbacks only. Whoever cannot take more at once says so by a promise, and is given more when it is kept.
 */

/** A promise of having taken what was given; nothing where it is taken at once. */
export type Taken = Promise<void> | void

/** The API's refusal, or any other answer that comes at once: no connection is upgraded. */
export interface HttpAnswer {
  kind: 'answer'
  status: number
  headers: Readonly<Record<string, string>>
  body: string | Uint8Array
}

/** `exec` and `attach`: a process with its streams. */
export interface ExecSession {
  kind: 'exec'
  stdin: boolean
  stdout: boolean
  stderr: boolean
  tty: boolean
  open(sink: ExecSink): ExecInput
}

export interface ExecSink {
  stdout(data: Uint8Array): Taken
  stderr(data: Uint8Array): Taken
  /** The end, as a `Status`. Nothing follows. */
  end(status: Readonly<Record<string, unknown>>): void
}

export interface ExecInput {
  write(data: Uint8Array): Taken
  /** No more input comes. */
  end(): void
  resize(columns: number, rows: number): void
  /** The caller is gone. */
  close(): void
}

/** `portforward`: any number of connections to ports of a Pod. */
export interface PortForwardSession {
  kind: 'port-forward'
  connect(port: number, sink: ConnectionSink): ConnectionInput
  /** The caller is gone: every connection ends. */
  close(): void
}

export interface ConnectionSink {
  data(data: Uint8Array): Taken
  /** Why there is no connection, in the kubelet's words; nothing follows. */
  error(text: string): void
  /** The other side sends no more. */
  end(): void
}

export interface ConnectionInput {
  write(data: Uint8Array): Taken
  end(): void
  close(): void
}
