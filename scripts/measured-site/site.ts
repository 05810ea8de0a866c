/** The real server as a process of its own, whose use of the machine can be asked for; it listens on 127.0.0.1 only. */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Of the server's process, threads and child processes included. Delays of its event loop since the last question. */
export interface Usage {
  cpuMs: number
  rssMb: number
  /** What its main thread holds: heap and buffers. */
  heapMb: number
  descriptors: number
  threads: number
  loopDelayP50Ms: number
  loopDelayP99Ms: number
}

export interface MeasuredSite {
  url: string
  pid: number
  /** @param collect after a garbage collection @throws NoAnswer when the main thread hangs, another Error when the server is gone */
  usage(collect?: boolean): Promise<Usage>
  isOver(): boolean
  /** Asks it to stop, and ends it when it does not. @returns its exit code; null when a signal ended it */
  stop(): Promise<number | null>
}

/** A line of the server's log. */
export interface LogLine {
  level: number
  msg?: string
  err?: { type?: string; message?: string; stack?: string }
  port?: number
}

export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

export interface SiteSettings {
  dataDir: string
  env?: Record<string, string>
  onLog?: (line: LogLine) => void
  /** Told when the process ends without having been asked to. */
  onEnd?: (how: string) => void
  /** Another one than the built server: that of a test. */
  program?: string
}

const startMs = 180_000
const answerMs = 90_000
const stopMs = 20_000

/** What `npm run build` makes, and `npm start` runs: from its sources, each process that is started would load for a second of its own. */
const built = fileURLToPath(new URL('../../dist/server/index.js', import.meta.url))

/** @throws when it ends before it listens, with what it printed last */
export async function startSite(settings: SiteSettings): Promise<MeasuredSite> {
  const { program = built } = settings
  if (!existsSync(program)) throw new Error(`${program} is not there: npm run build makes it`)
  const child = fork(program, [], {
    execArgv: [
      '--expose-gc',
      '--enable-source-maps',
      ...(program.endsWith('.ts') ? ['--import', 'tsx'] : []),
      '--import',
      new URL('./gauge.mjs', import.meta.url).href,
    ],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: settings.dataDir,
      LOG_LEVEL: 'info',
      SESSION_SECRET: 'a secret of at least thirty-two characters',
      ...settings.env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let wasAsked = false
  let lastErrors = ''
  let ended: { code: number | null } | undefined
  const over = new Promise<number | null>((done) => {
    child.once('exit', (code, signal) => {
      ended = { code }
      if (!wasAsked) settings.onEnd?.(`exit ${code ?? signal}; ${lastErrors.slice(-600)}`)
      done(code)
    })
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    lastErrors = (lastErrors + text).slice(-4000)
  })
  const port = new Promise<number>((found) => {
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const line = parsed(text)
      if (!line) return
      if (line.port !== undefined) found(line.port)
      settings.onLog?.(line)
    })
  })
  const usage = usageOf(child)
  const stop = async (): Promise<number | null> => {
    if (ended) return ended.code
    // One that has let go of this process is ending by itself.
    if (child.connected) wasAsked = true
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
    const code = await over
    clearTimeout(timer)
    return code
  }
  const late = new Promise<'late'>((done) => setTimeout(() => done('late'), startMs).unref())
  const first = await Promise.race([port, over.then(() => 'over' as const), late])
  if (typeof first !== 'number') {
    await stop()
    throw new Error(`the server did not start (${first}): ${lastErrors}`)
  }
  return { url: `http://127.0.0.1:${first}`, pid: child.pid!, usage, isOver: () => ended !== undefined, stop }
}

function usageOf(child: ChildProcess): MeasuredSite['usage'] {
  const waiting = new Map<number, (usage: Usage) => void>()
  let calls = 0
  child.on('message', (message: { call: number; usage: Usage }) => {
    waiting.get(message.call)?.(message.usage)
    waiting.delete(message.call)
  })
  return (collect = false) =>
    new Promise((done, failed) => {
      const call = ++calls
      const timer = setTimeout(() => {
        waiting.delete(call)
        failed(new NoAnswer(`the server's main thread did not answer for ${answerMs / 1000} s`))
      }, answerMs)
      const gone = (): void => {
        clearTimeout(timer)
        failed(new Error('the server is gone'))
      }
      if (!child.connected) return gone()
      child.once('exit', gone)
      waiting.set(call, (usage) => {
        clearTimeout(timer)
        child.off('exit', gone)
        done(usage)
      })
      child.send({ ask: 'usage', call, collect }, () => undefined)
    })
}

function parsed(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return undefined
  }
}
