/**
 * Child processes of the server: the one place where they are started and listened to, for work whose time or memory nothing else bounds.
 * Whatever a child says or does, and however it ends, the server goes on. No threads: one that asks for more memory at once than there is
 * ends the whole process, since V8 gives up, and one that is short of it collects garbage for minutes before V8 lets it be ended.
 *
 * A child gets nothing of the environment that it does not need, no secrets above all.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

/** As much of what a child writes to stderr is kept: how V8 gave up stands in it. */
const keptErrors = 8000

const living = new Map<ChildProcess, string>()
/** What each that lives was begun as, such as `lab-process`. */
export const livingProcesses = (): string[] => [...living.values()]
/** A child that computes hears of nothing. One whose server is killed outright goes on until it looks up: see `endWithParent`. */
process.once('exit', () => {
  for (const child of living.keys()) child.kill('SIGKILL')
})

export interface ProcessOptions<From> {
  /** Of `processEntry`. */
  entry: string
  /** Handed to `connectToParent`. */
  data?: unknown
  /** An open file that the child has as number `sharedFile`. */
  file?: number
  memoryMb: number
  /** How much it gives way to other processes while they want the processor, as of `nice`: 0 (not at all; the default) to 19. */
  niceness?: number
  message(message: From): void
  /** A message that could not be handled; the child goes on. */
  problem(error: unknown): void
  /** Called once, unless it was ended from here: what ended it. */
  lost(why: { text: string; isOutOfMemory: boolean }): void
}

export interface Process<To> {
  /** 0 when it could not be started. */
  readonly pid: number
  /** Does nothing once the child has ended. */
  post(message: To): void
  /** Whether the server stays for it; it does unless told. */
  keepAlive(isSo: boolean): void
  /** Nothing more is heard of it. */
  end(): Promise<void>
}

/** The number of a child's file that it shares with the server: after stdin, stdout, stderr and the channel. */
export const sharedFile = 4

/**
 * The file that a child process begins with: beside the caller's built file the built one, beside its source the `.mjs` that loads TypeScript.
 * @param from the caller's `import.meta.url`
 * @param name without ending, such as `./reader-process`
 */
export function processEntry(from: string, name: string): string {
  const built = fileURLToPath(new URL(`${name}.js`, from))
  return existsSync(built) ? built : fileURLToPath(new URL(`${name}-from-source.mjs`, from))
}

/** From the start, so that the threads with which V8 collects garbage and compiles give way as well. Where there is no `nice`, nobody gives way. */
const nice = ['/usr/bin/nice', '/bin/nice'].find((path) => existsSync(path))

const nodeCommand = (execArgv: string[], niceness: number): { execPath?: string; execArgv: string[] } =>
  niceness === 0 || nice === undefined
    ? { execArgv }
    : { execPath: nice, execArgv: ['-n', String(niceness), process.execPath, ...execArgv] }

/** Starts a child whose entry calls `connectToParent`. */
export function startProcess<To, From>(options: ProcessOptions<From>): Process<To> {
  const { entry, data, file, memoryMb, niceness = 0, message, problem, lost } = options
  const { NODE_ENV, PATH, TZ } = process.env
  const child = fork(entry, [], {
    ...nodeCommand([`--max-old-space-size=${memoryMb}`], niceness),
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc', ...(file === undefined ? [] : [file])],
    env: { NODE_ENV, PATH, TZ },
  })
  living.set(child, basename(entry).replace(/(?:-from-source)?\.m?js$/, ''))
  let isOver = false
  let errors = ''
  const over = (why: { text: string; isOutOfMemory: boolean }): void => {
    if (isOver) return
    isOver = true
    guard(() => lost(why), problem)
  }
  // Without as many open files as it takes there is neither this nor a channel, and an error follows.
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-keptErrors)
  })
  child.on('message', (said) => {
    if (!isOver) guard(() => message(said as From), problem)
  })
  // It could not be started, or not be told something.
  child.on('error', (error) => {
    if (child.pid === undefined) living.delete(child)
    over({ text: error.message, isOutOfMemory: false })
  })
  // After its last words: those of its channel, and those of stderr.
  const lastMessage = new Promise((done) => child.once('disconnect', done))
  child.on('close', async (code, signal) => {
    living.delete(child)
    await lastMessage
    const isOutOfMemory = /heap out of memory|Allocation failed/.test(errors) || signal === 'SIGKILL'
    over({ text: textOf(errors) ?? `it ended with ${signal ?? `code ${code}`}`, isOutOfMemory })
  })
  if (child.connected) child.send({ data, parent: process.pid })
  const stderr = child.stderr as (typeof child.stderr & { ref(): void; unref(): void }) | undefined
  return {
    pid: child.pid ?? 0,
    post: (said) => {
      if (!isOver && child.connected) child.send(said as object, () => undefined)
    },
    keepAlive(isSo) {
      for (const handle of [child, child.channel, stderr]) isSo ? handle?.ref() : handle?.unref()
    },
    async end() {
      isOver = true
      if (!living.has(child)) return
      const closed = new Promise((done) => child.once('close', done))
      child.kill('SIGKILL')
      await closed
    },
  }
}

/** What an error that nobody caught said, or V8 when it gave up. */
const textOf = (errors: string): string | undefined => /^(?:\w*Error\b.*|FATAL ERROR: .*)$/m.exec(errors)?.[0]

function guard(act: () => void, problem: (error: unknown) => void): void {
  try {
    act()
  } catch (error) {
    problem(error)
  }
}

/**
 * For the entry of a child process.
 * @param begin is given its data and how to answer, and gives what is told of each message of the server
 * @param mayComputeForever it may never look up, so it is ended as soon as its server is gone; costs a thread
 */
export function connectToParent<Data, To, From>(
  begin: (data: Data, say: (message: From) => void) => (message: To) => void,
  { mayComputeForever = false } = {},
): void {
  const say = (message: From): void => {
    process.send?.(message)
  }
  process.once('message', (first: { data: Data; parent: number }) => {
    if (mayComputeForever) endWithParent(first.parent)
    const receive = begin(first.data, say)
    process.on('message', (message) => receive(message as To))
  })
  // A terminal or a service manager signals all processes of a group. When to end is the server's to say.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  process.once('disconnect', () => process.exit(0))
}

/** Whoever is orphaned belongs to another process. Only a thread of its own sees that while the child computes. */
function endWithParent(parent: number): void {
  const watch = `setInterval(() => { if (process.ppid !== ${parent}) process.kill(process.pid, 'SIGKILL') }, 1000)`
  new Worker(watch, { eval: true, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 8 } }).unref()
}
