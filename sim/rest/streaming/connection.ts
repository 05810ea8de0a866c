/**
 * A connection to a port of a Pod, made inside its network: bytes outside, requests of the simulated network inside.
 * Simplified: what is no HTTP reaches a server line by line, and a server says nothing before it is spoken to.
 */
import type { ConnectFailure, HttpResult, NetworkNamespace, TcpResult } from '../../network/types.ts'
import { decodeBytes, encodeBytes, joinBytes } from '../../runtime/text-bytes.ts'
import { continueResponse, looksLikeHttp, type ReadRequest, readRequest, writeResponse } from './http-message.ts'

export interface ConnectionParts {
  network: NetworkNamespace
  port: number
  epochMs(): number
}

export interface ConnectionEvents {
  data(bytes: Uint8Array): void
  /** It was never made. */
  failed(failure: ConnectFailure): void
  /** The server cut it off. */
  reset(): void
  /** The server sends no more. */
  end(): void
}

export interface Connection {
  write(bytes: Uint8Array): void
  /** The client sends no more. */
  end(): void
  /** The client is gone. */
  close(): void
}

/** Nobody waits longer; a program that hangs for good keeps its client so long. */
const patienceMs = 3_600_000
const connectMs = 10_000
const badRequest = { status: 400, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: '400 Bad Request' }
/** Whether it holds bytes that no line of text does. */
const isBinary = (text: string): boolean => text.includes('\0') || /\p{Surrogate}/u.test(text)

export function connect({ network, port, epochMs }: ConnectionParts, events: ConnectionEvents): Connection {
  const target = { host: '127.0.0.1', port }
  let buffer = new Uint8Array(0)
  let isConnected = false
  /** An answer is being waited for. */
  let isBusy = false
  let hasEnded = false
  let isOver = false
  let hasSpoken = false
  let hasContinued = false
  let cancel: (() => void) | undefined

  const finish = (tell: () => void): void => {
    if (isOver) return
    isOver = true
    cancel?.()
    tell()
  }
  const waitFor = (start: () => () => void): void => {
    isBusy = true
    cancel = start()
  }
  /** The end of a wait; false when nobody is there any more. */
  const answered = (result: HttpResult | TcpResult): boolean => {
    isBusy = false
    cancel = undefined
    if (isOver) return false
    if (result.ok) return true
    finish(result.error === 'reset' ? events.reset : events.end)
    return false
  }

  function advance(): void {
    if (!isConnected || isBusy || isOver) return
    const spoken = network.spokenOn(port)
    if (!spoken) finish(events.end)
    else if (buffer.length === 0) {
      if (!hasEnded) return
      // Who says nothing may still be told something.
      if (!hasSpoken && spoken.tcp && !spoken.http) sendText('')
      else finish(events.end)
    } else if (spoken.http && looksLikeHttp(buffer)) advanceHttp()
    else if (spoken.tcp) advanceText()
    else if (spoken.http && !spoken.tls) refuse()
    else finish(events.reset)
  }

  function refuse(): void {
    events.data(writeResponse(badRequest, { method: 'GET', isLast: true, epochMs: epochMs() }))
    finish(events.end)
  }

  function advanceHttp(): void {
    const reading = readRequest(buffer)
    if (reading.kind === 'no-http') refuse()
    else if (reading.kind === 'incomplete') {
      if (reading.expects && !hasContinued) {
        hasContinued = true
        events.data(continueResponse)
      }
      if (hasEnded) finish(events.end)
    } else {
      buffer = reading.rest as Uint8Array<ArrayBuffer>
      hasContinued = false
      sendRequest(reading.request)
    }
  }

  function sendRequest({ method, path, headers, body, isLast }: ReadRequest): void {
    hasSpoken = true
    const { host = `localhost:${port}`, ...others } = headers
    const request = { method, path, host, headers: others, ...(body ? { body } : {}), scheme: 'http' as const }
    waitFor(() =>
      network.http(target, request, patienceMs, (result) => {
        if (!answered(result) || !result.ok) return
        events.data(writeResponse(result.response, { method, isLast, epochMs: epochMs() }))
        if (isLast) finish(events.end)
        else advance()
      }),
    )
  }

  function advanceText(): void {
    const text = decodeBytes(buffer)
    if (!hasEnded && !text.endsWith('\n') && !isBinary(text)) return
    buffer = new Uint8Array(0)
    sendText(text)
  }

  function sendText(text: string): void {
    hasSpoken = true
    waitFor(() =>
      network.tcp(target, text, patienceMs, (result) => {
        if (!answered(result) || !result.ok) return
        if (result.output) events.data(encodeBytes(result.output))
        if (hasEnded && buffer.length === 0) finish(events.end)
        else advance()
      }),
    )
  }

  cancel = network.tcp(target, undefined, connectMs, (result) => {
    cancel = undefined
    if (isOver) return
    isConnected = result.ok
    if (!result.ok) finish(() => events.failed(result))
    else advance()
  })
  return {
    write(bytes) {
      if (isOver || hasEnded) return
      buffer = joinBytes([buffer, bytes]) as Uint8Array<ArrayBuffer>
      advance()
    },
    end() {
      hasEnded = true
      advance()
    },
    close: () => finish(() => undefined),
  }
}
