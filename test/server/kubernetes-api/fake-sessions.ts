/** Sessions for the transports to carry: processes of this machine, connections of this machine, and one that only notes what it is told. */
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import type { ExecInput, ExecSession, ExecSink, PortForwardSession } from '../../../server/labs/sandboxes/sessions.ts'

const streams = { stdin: true, stdout: true, stderr: true, tty: false }
type Streams = typeof streams

export const success = { metadata: {}, status: 'Success' }
export const exited = (code: number) => ({
  metadata: {},
  status: 'Failure',
  reason: 'NonZeroExitCode',
  message: `command terminated with non-zero exit code: exit status ${code}`,
  details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
})

/** Runs a command, which waits when the client does not read, and lets the client wait when it does not. */
export function processSession(command: readonly string[], wanted: Partial<Streams> = {}): ExecSession {
  return {
    kind: 'exec',
    ...streams,
    ...wanted,
    open(sink) {
      const child = spawn(command[0]!, command.slice(1), { stdio: 'pipe' })
      for (const name of ['stdout', 'stderr'] as const)
        child[name].on('data', (data: Buffer) => {
          const taken = sink[name](data)
          if (!taken) return
          child[name].pause()
          void taken.then(() => child[name].resume())
        })
      child.stdin.on('error', () => undefined)
      child.on('close', (code) => sink.end(code === 0 ? success : exited(code ?? 137)))
      return {
        write: (data) => new Promise((resolve) => child.stdin.write(data, () => resolve())),
        end: () => child.stdin.end(),
        resize: () => undefined,
        close: () => void child.kill('SIGKILL'),
      }
    },
  }
}

/** Notes what reaches it, and does what the test wants. */
export function notedSession(
  wanted: Partial<Streams> = {},
  opened: (sink: ExecSink) => Partial<ExecInput> = () => ({}),
) {
  const notes: string[] = []
  let waiting: { count: number; resolve: () => void } | undefined
  const note = (text: string) => {
    notes.push(text)
    if (waiting && notes.length >= waiting.count) waiting.resolve()
  }
  let sink: ExecSink | undefined
  const session: ExecSession = {
    kind: 'exec',
    ...streams,
    ...wanted,
    open(given) {
      sink = given
      note('open')
      const own = opened(given)
      return {
        write(data) {
          note(`write ${Buffer.from(data)}`)
          return own.write?.(data)
        },
        end() {
          note('end')
          own.end?.()
        },
        resize(columns, rows) {
          note(`resize ${columns}x${rows}`)
        },
        close() {
          note('close')
          own.close?.()
        },
      }
    },
  }
  return {
    session,
    notes,
    sink: () => sink!,
    /** Kept once so many notes are there; a note that never comes must not hold up the tests. */
    noted: (count: number) =>
      new Promise<void>((resolve, reject) => {
        if (notes.length >= count) return resolve()
        const late = setTimeout(() => reject(new Error(`no ${count} notes: ${notes.join(', ')}`)), 30_000)
        waiting = {
          count,
          resolve() {
            clearTimeout(late)
            resolve()
          },
        }
      }),
  }
}

/** A session that writes as much as its client takes, and how much that is once it stops. */
export function pouringSession() {
  let written = 0
  let isOpen = true
  const noted = notedSession({}, (sink) => {
    const pour = async () => {
      while (isOpen) {
        written += 1 << 20
        await sink.stdout(Buffer.alloc(1 << 20))
      }
    }
    void pour()
    return {
      close() {
        isOpen = false
      },
    }
  })
  return {
    ...noted,
    async writtenWhenStopped(limit: number) {
      for (let before = -1; before !== written && written < limit; ) {
        before = written
        await new Promise((done) => setTimeout(done, 200))
      }
      return written
    },
  }
}

/** Forwards to ports of this machine; what is not in the map is refused. */
export function localPorts(ports: Readonly<Record<number, number>>, notes: string[] = []): PortForwardSession {
  const sockets = new Set<ReturnType<typeof connect>>()
  return {
    kind: 'port-forward',
    connect(port, sink) {
      notes.push(`connect ${port}`)
      const target = ports[port]
      if (target === undefined) {
        queueMicrotask(() => sink.error(`error forwarding port ${port} to pod web: connection refused`))
        return { write: () => undefined, end: () => undefined, close: () => undefined }
      }
      const socket = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
      sockets.add(socket)
      socket.on('error', (error) => sink.error(error.message))
      socket.on('data', (data) => {
        const taken = sink.data(data)
        if (!taken) return
        socket.pause()
        void taken.then(() => socket.resume())
      })
      socket.on('end', () => sink.end())
      return {
        write: (data) => new Promise((resolve) => socket.write(data, () => resolve())),
        end: () => socket.end(),
        close: () => void socket.destroy(),
      }
    },
    close() {
      notes.push('close')
      for (const socket of sockets) socket.destroy()
    },
  }
}
