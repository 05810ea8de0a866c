/**
 * Worker threads of the server: the one place where they are started and listened to. Whatever a thread says or does, and however it
 * ends, the thread that answers requests goes on.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

export interface ThreadOptions<From> {
  /** Of `threadEntry`. */
  entry: string
  /** Handed to the thread as `workerData`. */
  data?: unknown
  memoryMb: number
  message(message: From): void
  /** A message that could not be read or handled; the thread goes on. */
  problem(error: unknown): void
  /** Called once, unless it was ended from here: what ended it. */
  lost(why: ThreadEnd): void
}

export interface ThreadEnd {
  text: string
  isOutOfMemory: boolean
}

export interface Thread<To> {
  /** Does nothing once the thread has ended. */
  post(message: To): void
  /** Whether the process stays for it; it does unless told. */
  keepAlive(isSo: boolean): void
  /** Nothing more is heard of it. */
  end(): Promise<void>
}

/**
 * The file that a thread or a child process begins with: beside the caller's built file the built one, beside its source the `.mjs` that loads TypeScript.
 * @param from the caller's `import.meta.url`
 * @param name without ending, such as `./reader-thread`
 */
export function threadEntry(from: string, name: string): string {
  const built = fileURLToPath(new URL(`${name}.js`, from))
  return existsSync(built) ? built : fileURLToPath(new URL(`${name}-from-source.mjs`, from))
}

export function startThread<To, From>(options: ThreadOptions<From>): Thread<To> {
  const { entry, data, memoryMb, message, problem, lost } = options
  const worker = new Worker(entry, {
    execArgv: [],
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  })
  let isOver = false
  const over = (why: ThreadEnd): void => {
    if (isOver) return
    isOver = true
    guard(() => lost(why), problem)
  }
  worker.on('message', (said: From) => {
    if (!isOver) guard(() => message(said), problem)
  })
  worker.on('messageerror', problem)
  // It stays: a thread that is ended may still tell of an error, and nobody else listens.
  worker.on('error', (error: NodeJS.ErrnoException) =>
    over({ text: error.message, isOutOfMemory: error.code === 'ERR_WORKER_OUT_OF_MEMORY' }),
  )
  worker.on('exit', (code) => over({ text: `it ended with code ${code}`, isOutOfMemory: false }))
  return {
    post: (said) => {
      if (!isOver) worker.postMessage(said)
    },
    keepAlive: (isSo) => (isSo ? worker.ref() : worker.unref()),
    async end() {
      isOver = true
      await worker.terminate()
    },
  }
}

export function guard(act: () => void, problem: (error: unknown) => void): void {
  try {
    act()
  } catch (error) {
    problem(error)
  }
}
