/**
 * Open sessions: terminals and ports of containers that somebody outside holds. What comes in is logged with its moment, so that a
 * replay types the same keys; what goes out is only shown. A sink must not answer from within: its answers come later, as input.
 */
import { internalError, StatusError } from '../../api/meta/status-error.ts'
import type { ApiServer } from '../../apiserver/api-server.ts'
import type { Trace } from '../../engine/trace.ts'
import type { DialKubelet } from '../../nodes.ts'
import { decodeContent } from '../../runtime/file-content.ts'
import type { Wait } from '../../runtime/process.ts'
import { createSessionInput } from '../../runtime/session-input.ts'
import { onTerminal } from '../../runtime/terminal.ts'
import { ByteDecoder, encodeBytes } from '../../runtime/text-bytes.ts'
import type { Command, SessionInput, SessionRequest } from '../../scenario/types.ts'
import type { ConnectionSink, ExecSink } from '../types.ts'
import { Forwarding } from './forwarding.ts'
import { chooseContainer, demandNode, demandSessionRight, getPod } from './pod-request.ts'

export interface SessionParts {
  server: ApiServer
  kubeletOf: DialKubelet
  trace: Trace
  /** Puts a command into the log, after everything that is due. */
  note(command: SessionCommand): void
}

export type SessionCommand = Extract<Command, { op: 'openSession' | 'session' }>

/** @param sink for a connection that the input asks for */
export type GiveInput = (input: SessionInput, sink?: ConnectionSink) => void

export interface Sessions {
  /** Opens one and logs it; the function it gives takes and logs its input. */
  open(request: SessionRequest, sink: ExecSink): GiveInput
  /** What was logged happens again, and nobody looks. */
  perform(command: SessionCommand): void
}

export interface StreamingDeps {
  server: ApiServer
  kubeletOf: DialKubelet
  sessions: Sessions
}

type Take = (input: SessionInput, sink: ConnectionSink | undefined) => void

const nobody: ExecSink = { stdout: () => undefined, stderr: () => undefined, end: () => undefined }

/**
 * Connects a keyboard to a program until it ends. Nothing is logged: the command that asked for it is, and what is typed.
 * @param connect given who takes what is typed
 */
export function interact(
  parts: SessionParts,
  request: SessionRequest,
  streams: { stdout(text: string): void; stderr(text: string): void },
  connect: (take: (input: SessionInput) => void) => void,
): Wait<{ exitCode: number } | { error: string }> {
  return {
    start(resume) {
      const decoders = { stdout: new ByteDecoder(), stderr: new ByteDecoder() }
      let isOver = false
      const take = start(parts, request, {
        stdout: (data) => streams.stdout(decoders.stdout.decode(data)),
        stderr: (data) => streams.stderr(decoders.stderr.decode(data)),
        end(status) {
          if (isOver) return
          isOver = true
          resume(outcomeOf(status))
        },
      })
      connect((input) => {
        if (!isOver) take(input, undefined)
      })
      return () => {
        isOver = true
        take({ act: 'close' }, undefined)
      }
    },
  }
}

/** How a program ended, as the `Status` of the stream tells it. */
function outcomeOf(status: Record<string, unknown>): { exitCode: number } | { error: string } {
  if (status.status === 'Success') return { exitCode: 0 }
  const { causes } = (status.details ?? {}) as { causes?: { reason: string; message: string }[] }
  const code = causes?.find(({ reason }) => reason === 'ExitCode')?.message
  return code === undefined ? { error: String(status.message) } : { exitCode: Number(code) }
}

export function createSessions(parts: SessionParts): Sessions {
  const { trace, note } = parts
  const open = new Map<number, { take: Take; record: number }>()
  let count = 0

  function begin(request: SessionRequest, sink: ExecSink): number {
    const number = count++
    trace.current = 0
    const record = trace.record('you', actionOf(request), {
      kind: 'Pod',
      namespace: request.namespace,
      name: request.pod,
    })
    let isOver = false
    const take = start(parts, request, {
      ...sink,
      end(status) {
        if (isOver) return
        isOver = true
        open.delete(number)
        sink.end(status)
      },
    })
    if (!isOver) open.set(number, { take, record })
    return number
  }

  function give(number: number, input: SessionInput, sink?: ConnectionSink): void {
    const session = open.get(number)
    if (!session) return
    trace.under(session.record, () => session.take(input, sink))
    if (input.act === 'close' && input.connection === undefined) open.delete(number)
  }

  return {
    open(request, sink) {
      note({ op: 'openSession', session: request })
      const number = begin(request, sink)
      return (input, connection) => {
        if (!open.has(number)) return
        note({ op: 'session', number, input })
        give(number, input, connection)
      }
    },
    perform(command) {
      if (command.op === 'openSession') begin(command.session, nobody)
      else give(command.number, command.input)
    },
  }
}

const actionOf = (request: SessionRequest): string =>
  request.kind === 'exec' ? `exec ${request.command.join(' ')}` : request.kind

/** What cannot begin ends at once, with the reason. */
function start(parts: SessionParts, request: SessionRequest, sink: ExecSink): Take {
  try {
    if (request.kind === 'exec') return startExec(parts, request, sink)
    if (request.kind === 'attach') return startAttach(parts, request, sink)
    return startForwarding(parts, request)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    // The connection is open by now: the API server hands on what it heard as a fault of its own.
    const status = error.code === 500 && error.reason === '' ? internalError(error.message) : error
    sink.end(status.toStatus())
    return () => undefined
  }
}

type ExecRequest = Extract<SessionRequest, { kind: 'exec' }>
type AttachRequest = Extract<SessionRequest, { kind: 'attach' }>

/** The Pod as it is by now, checked again, and its kubelet. */
export function reach({ server, kubeletOf }: SessionParts, request: SessionRequest) {
  const key = { namespace: request.namespace, name: request.pod }
  demandSessionRight(server, { user: request.user, method: 'POST', key }, request.kind.replace('-', ''))
  const pod = getPod(server, key)
  if (request.kind !== 'port-forward') chooseContainer(pod, request.container)
  demandNode(pod)
  server.admitConnect(
    request.user,
    key,
    request.kind === 'port-forward' ? 'portforward' : request.kind,
    askedOf(request),
  )
  return { key, kubelet: kubeletOf(pod, { kind: 'stream' }) }
}

/** As the options of the subresource say it. */
function askedOf(request: SessionRequest): object {
  if (request.kind === 'port-forward') return {}
  const { stdin, container } = request
  const streams = { stdin, stdout: true, stderr: true, container }
  return request.kind === 'exec' ? { ...streams, tty: request.tty, command: request.command } : streams
}

function startForwarding(parts: SessionParts, request: SessionRequest): Take {
  const { key, kubelet } = reach(parts, request)
  const forwarding = new Forwarding(key, kubelet, () => parts.server.engine.epochMs)
  return (input, sink) => forwarding.take(input, sink)
}

function startExec(parts: SessionParts, request: ExecRequest, sink: ExecSink): Take {
  const { key, kubelet } = reach(parts, request)
  const { container, command, stdin, tty } = request
  const decoder = new ByteDecoder()
  const input = createSessionInput(
    tty
      ? {
          echo: (text) => sink.stdout(encodeBytes(onTerminal(text))),
          signal: (signal) => 'interrupt' in running && running.interrupt(signal),
        }
      : undefined,
  )
  const running = kubelet.exec(key, container, command, {
    stdin: stdin || tty ? input.input : undefined,
    tty,
    onOutput(stream, text) {
      if (tty) sink.stdout(encodeBytes(onTerminal(text)))
      else sink[stream](encodeBytes(text))
    },
    onExit: (exitCode) => sink.end(exitStatus(exitCode)),
  })
  if ('error' in running) throw internalError(running.error)
  return (given) => {
    switch (given.act) {
      case 'write':
        input.type(decoder.decode(decodeContent(given.data)))
        break
      case 'resize':
        input.resize({ columns: given.columns, rows: given.rows })
        break
      case 'end':
      case 'close':
        // The program goes on when its caller is gone: https://github.com/kubernetes/kubernetes/issues/57992. A terminal stays open.
        if (tty) break
        input.type(decoder.end())
        input.end()
    }
  }
}

function startAttach(parts: SessionParts, request: AttachRequest, sink: ExecSink): Take {
  const { key, kubelet } = reach(parts, request)
  const decoder = new ByteDecoder()
  let isTerminal = false
  const attached = kubelet.openAttachment(key, request.container, {
    onOutput(stream, text) {
      if (isTerminal) sink.stdout(encodeBytes(onTerminal(text)))
      else sink[stream](encodeBytes(text))
    },
    onEnd: () => sink.end(success),
  })
  if ('error' in attached) throw internalError(attached.error)
  isTerminal = attached.isTerminal
  return (given) => {
    switch (given.act) {
      case 'write':
        if (request.stdin) attached.type(decoder.decode(decodeContent(given.data)))
        break
      case 'resize':
        attached.resize({ columns: given.columns, rows: given.rows })
        break
      case 'end':
        if (request.stdin) attached.end()
        break
      case 'close':
        if (request.stdin) attached.end()
        attached.close()
    }
  }
}

const success = { metadata: {}, status: 'Success' }

/** How a program's end is told. Source: k8s.io/apiserver/pkg/util/proxy/streamtranslator.go */
function exitStatus(exitCode: number): Record<string, unknown> {
  if (exitCode === 0) return success
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: command terminated with exit code ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  }
}
