/**
 * Requests that want another protocol: `exec`, `attach` and `portforward` by WebSocket or SPDY, logs and watches by WebSocket, once the API has said
 * what comes of them.
 * Source: k8s.io/apimachinery/pkg/util/proxy/upgradeaware.go, k8s.io/streaming/pkg/httpstream
 */
import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import type { ExecSession, HttpAnswer, HttpStream, PortForwardSession } from '../labs/sandboxes/sessions.ts'
import { failureAnswer } from '../labs/sandboxes/status.ts'
import { surviveErrors } from '../live-response.ts'
import { headersOnWire } from './http.ts'
import { execProtocols } from './streaming/exec-protocols.ts'
import { serveExecSpdy } from './streaming/exec-spdy.ts'
import { execWebSocketProtocols, serveExecWebSocket } from './streaming/exec-websocket.ts'
import { defaultStreamLimits, type StreamLimits } from './streaming/limits.ts'
import { servePortForwardSpdy } from './streaming/port-forward-spdy.ts'
import { portForwardWebSocketProtocols, servePortForwardWebSocket } from './streaming/port-forward-websocket.ts'
import { parsePorts } from './streaming/ports.ts'
import { logStream, readWebSocketProtocols, serveReadWebSocket } from './streaming/read-websocket.ts'

export interface UpgradeOptions {
  limits?: Partial<StreamLimits>
  /** Told of errors of a session, which end its connection and nothing else. */
  onError?: (error: unknown) => void
}

const portForwardProtocol = 'portforward.k8s.io'
/** SPDY frames as the messages of a WebSocket. */
const tunnelProtocol = `SPDY/3.1+${portForwardProtocol}`

/**
 * Completes the upgrade of a connection, or refuses it; the connection is this function's from then on.
 * @param request with an `Upgrade` header, as the `upgrade` event of an HTTP server gives it
 * @param outcome what the API made of the request
 */
export function handleUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  outcome: ExecSession | PortForwardSession | HttpStream | HttpAnswer,
  options: UpgradeOptions = {},
): void {
  const limits = { ...defaultStreamLimits, ...options.limits }
  const failed = options.onError ?? (() => undefined)
  surviveErrors(socket)
  // The client may have gone while the API was asked.
  if (socket.destroyed) {
    if (outcome.kind === 'port-forward') outcome.close()
    return
  }
  const refuse = (answer: HttpAnswer) => {
    writeAnswer(request, socket, answer, limits)
    if (outcome.kind === 'port-forward') outcome.close()
  }
  const guarded = (serve: () => void) => {
    try {
      serve()
    } catch (error) {
      failed(error)
      socket.destroy()
    }
  }
  const wanted = (request.headers.upgrade ?? '').toLowerCase()
  const url = request.url ?? ''
  const read = outcome.kind === 'stream' ? outcome : outcome.kind === 'answer' ? logStream(url, outcome) : undefined
  if (read && wanted === 'websocket') {
    const subprotocol = chosenOf(request, Object.keys(readWebSocketProtocols))
    if (typeof subprotocol !== 'string') refuse(subprotocol)
    else
      acceptWebSocket(request, socket, head, subprotocol, limits, refuse, (webSocket) =>
        guarded(() => serveReadWebSocket(webSocket, subprotocol, url, read, limits)),
      )
    return
  }
  if (outcome.kind === 'stream') {
    refuse(failureAnswer(400, 'BadRequest', 'this path is upgraded to websocket alone: leave out the header'))
    return
  }
  if (outcome.kind === 'answer') {
    refuse(outcome)
    return
  }
  if (wanted === 'websocket') {
    const choice = chooseWebSocket(request, outcome, limits)
    if ('kind' in choice) refuse(choice)
    else
      acceptWebSocket(request, socket, head, choice.subprotocol, limits, refuse, (webSocket) =>
        guarded(() => choice.serve(webSocket, failed)),
      )
  } else if (wanted.includes('spdy/3.1')) {
    const choice = chooseSpdy(request, outcome, limits)
    if ('kind' in choice) refuse(choice)
    else
      guarded(() => {
        acceptSpdy(socket, head, choice.protocol)
        choice.serve(socket, failed)
      })
  } else refuse(failureAnswer(400, 'BadRequest', `unable to upgrade: "${wanted}" is neither websocket nor SPDY/3.1`))
}

/** The first of the client's that is known here; the refusal where none is. */
function chosenOf(request: IncomingMessage, supported: readonly string[]): string | HttpAnswer {
  const requested = listed(request.headers['sec-websocket-protocol'])
  return (
    (requested.length > 0 ? requested : ['']).find((each) => supported.includes(each)) ??
    failureAnswer(
      403,
      'Forbidden',
      `requested protocol(s) are not supported: [${requested.join(' ')}]; supports [${supported.filter(Boolean).join(' ')}]`,
    )
  )
}

interface WebSocketChoice {
  subprotocol: string
  serve(socket: WebSocket, failed: (error: unknown) => void): void
}

function chooseWebSocket(
  request: IncomingMessage,
  session: ExecSession | PortForwardSession,
  limits: StreamLimits,
): WebSocketChoice | HttpAnswer {
  const supported =
    session.kind === 'exec'
      ? Object.keys(execWebSocketProtocols)
      : [tunnelProtocol, ...Object.keys(portForwardWebSocketProtocols)]
  const subprotocol = chosenOf(request, supported)
  if (typeof subprotocol !== 'string') return subprotocol
  if (session.kind === 'exec')
    return {
      subprotocol,
      serve: (socket, failed) => serveExecWebSocket(socket, subprotocol, session, limits, failed),
    }
  if (subprotocol === tunnelProtocol)
    return {
      subprotocol,
      serve: (socket, failed) => servePortForwardSpdy(createWebSocketStream(socket), session, limits, failed),
    }
  const ports = parsePorts(request.url ?? '')
  if (typeof ports === 'string') return failureAnswer(400, 'BadRequest', ports)
  if (ports.length * 2 > Math.min(limits.maxStreams, 255))
    return failureAnswer(400, 'BadRequest', `${ports.length} ports are too many for one connection`)
  return {
    subprotocol,
    serve: (socket, failed) => servePortForwardWebSocket(socket, subprotocol, ports, session, limits, failed),
  }
}

function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  subprotocol: string,
  limits: StreamLimits,
  refuse: (answer: HttpAnswer) => void,
  serve: (socket: WebSocket) => void,
): void {
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxFrameBytes,
    closeTimeout: limits.lingerMs,
  }
  const server = new WebSocketServer(options)
  server.on('wsClientError', (error) => refuse(failureAnswer(400, 'BadRequest', `unable to upgrade: ${error.message}`)))
  server.on('headers', (headers) => {
    if (subprotocol) headers.push(`Sec-WebSocket-Protocol: ${subprotocol}`)
  })
  // The library takes no subprotocol with a slash: it is chosen here, and the library does not see it.
  delete request.headers['sec-websocket-protocol']
  server.handleUpgrade(request, socket, head, serve)
}

interface SpdyChoice {
  protocol: string
  serve(socket: Duplex, failed: (error: unknown) => void): void
}

function chooseSpdy(
  request: IncomingMessage,
  session: ExecSession | PortForwardSession,
  limits: StreamLimits,
): SpdyChoice | HttpAnswer {
  const name = 'x-stream-protocol-version'
  const requested = listed([request.headers[name] ?? []].flat().join(','))
  if (requested.length === 0) return plain(400, 'unable to upgrade: X-Stream-Protocol-Version is required')
  const supported = session.kind === 'exec' ? Object.keys(execProtocols) : [portForwardProtocol]
  const protocol = requested.find((each) => supported.includes(each))
  if (protocol === undefined) {
    const answer = plain(
      403,
      `unable to upgrade: unable to negotiate protocol: client supports [${requested.join(' ')}], server accepts [${supported.join(' ')}]`,
    )
    return { ...answer, headers: { ...answer.headers, 'X-Accepted-Stream-Protocol-Versions': supported.join(', ') } }
  }
  return {
    protocol,
    serve: (socket, failed) =>
      session.kind === 'exec'
        ? serveExecSpdy(socket, execProtocols[protocol]!, session, limits, failed)
        : servePortForwardSpdy(socket, session, limits, failed),
  }
}

function acceptSpdy(socket: Duplex, head: Buffer, protocol: string): void {
  const { setNoDelay } = socket as Partial<Socket>
  setNoDelay?.call(socket, true)
  const lines = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${protocol}`]
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
  if (head.length > 0) socket.unshift(head)
}

/** Answers as HTTP does, and ends the connection: what follows on it may not be HTTP. */
function writeAnswer(request: IncomingMessage, socket: Duplex, answer: HttpAnswer, limits: StreamLimits): void {
  if (socket.destroyed) return
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as Socket)
  response.once('finish', () => {
    response.detachSocket(socket as Socket)
    socket.end()
    socket.resume()
    setTimeout(() => socket.destroy(), Math.min(limits.lingerMs, limits.streamCreationMs)).unref()
  })
  response.writeHead(answer.status, {
    ...headersOnWire(answer.headers),
    'Content-Length': Buffer.byteLength(answer.body),
  })
  response.end(answer.body)
}

function plain(code: number, text: string): HttpAnswer {
  return { kind: 'answer', status: code, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${text}\n` }
}

/** The values of a header that is a list. */
const listed = (header: string | undefined): string[] =>
  (header ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
