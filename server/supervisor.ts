/**
 * Starts the server as a process of its own, and again when it has ended by accident. `npm start` runs this; whoever has a supervisor of
 * their own (systemd, Kubernetes) runs `index.js` itself.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const firstWaitMs = 250
const longestWaitMs = 30_000
/** One that has run for so long is not about to end again. */
const steadyMs = 60_000
const impatienceMs = 1000

export interface SupervisorOptions {
  /** What is started. */
  entry: string
  args: readonly string[]
  /** Told what happens to it, for the operator. */
  say(text: string): void
  waits?: { firstMs: number; longestMs: number; steadyMs: number }
}

/**
 * Keeps the process running until it ends by itself with code 0, is stopped by a signal to this one, or cannot even begin to listen the
 * first time: then another try would change nothing.
 * @returns the code to end with
 */
export function supervise({ entry, args, say, waits }: SupervisorOptions): Promise<number> {
  const {
    firstMs,
    longestMs,
    steadyMs: steady,
  } = waits ?? {
    firstMs: firstWaitMs,
    longestMs: longestWaitMs,
    steadyMs,
  }
  return new Promise((done) => {
    let child: ChildProcess | undefined
    let waiting: NodeJS.Timeout | undefined
    let hasListened = false
    let isStopping = false
    let waitMs = firstMs

    const start = (): void => {
      const startedMs = performance.now()
      // A group of its own: Ctrl-C in a terminal reaches this process alone, which passes it on once.
      child = fork(entry, { execArgv: [...args], stdio: 'inherit', detached: true })
      child.on('message', (message) => {
        if (message === 'listening') hasListened = true
      })
      child.on('error', (error) => say(`the server could not be started: ${error.message}`))
      child.once('exit', (code, signal) => {
        child = undefined
        if (isStopping || code === 0 || !hasListened) {
          finish(code ?? 1)
          return
        }
        if (performance.now() - startedMs > steady) waitMs = firstMs
        say(`the server ended (${signal ?? `code ${code}`}); it starts again in ${waitMs / 1000} s`)
        waiting = setTimeout(start, waitMs)
        waitMs = Math.min(waitMs * 2, longestMs)
      })
    }
    let stoppedMs = Number.POSITIVE_INFINITY
    const stop = (): void => {
      clearTimeout(waiting)
      if (!child) {
        finish(0)
        return
      }
      // A terminal and npm may both tell of one Ctrl-C; only a later one is out of patience.
      if (isStopping) {
        if (performance.now() - stoppedMs > impatienceMs) child.kill('SIGKILL')
        return
      }
      isStopping = true
      stoppedMs = performance.now()
      child.kill('SIGTERM')
    }
    const finish = (code: number): void => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, stop)
      done(code)
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop)
    start()
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exit(
    await supervise({
      entry: fileURLToPath(new URL('./index.js', import.meta.url)),
      args: ['--enable-source-maps'],
      say: (text) => console.error(text),
    }),
  )
