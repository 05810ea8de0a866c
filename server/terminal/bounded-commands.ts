/**
 * Commands of the library that can compute or grow without an end: for all shells they run in a process of their own, one call at a time, so
 * that such a call ends, and no shell.
 */
import { posix } from 'node:path'
import type { ExecResult, IFileSystem } from 'just-bash'
import { type Process, processEntry, startProcess } from '../child-processes.ts'
import { watchProcessTime } from '../process-time.ts'

/** A call; what it may read comes with it. */
export interface BoundedTask {
  name: string
  args: string[]
  cwd: string
  /** Bytes, a character each. */
  stdin: string
  files: Record<string, Uint8Array>
}

/** What the process says of a call. */
export type BoundedSaid = 'begun' | BoundedDone

interface BoundedDone {
  stdout: string
  stderr: string
  exitCode: number
  /** Files that are new, or other than before. */
  written: Record<string, Uint8Array>
}

interface Context {
  fs: IFileSystem
  cwd: string
  stdin: unknown
  signal?: AbortSignal
}

const memoryMb = 128
/** Of computing: what a busy machine does with others is none of the call's. */
const callLimits = { cpuMs: 1000, wallMs: 20_000 }
/** Until the process has loaded what it needs. */
const startLimits = { cpuMs: 20_000, wallMs: 60_000 }

let worker: Process<BoundedTask> | undefined
/** Who waits for it. */
let hear: (said: BoundedSaid | { problem: string }) => void = () => undefined
let last: Promise<unknown> = Promise.resolve()

/** Of each command, the exit code that GNU's has for trouble. */
const trouble = { sed: 4, diff: 2 }

export const boundedCommands = Object.entries(trouble).map(([name, exitCode]) => ({
  name,
  run: (args: string[], context: Context) => runBounded(name, args, exitCode, context),
}))

/** What the command of the library does. @param trouble its exit code when it needs too much memory or time */
async function runBounded(
  name: string,
  args: string[],
  trouble: number,
  { fs, cwd, stdin, signal }: Context,
): Promise<ExecResult> {
  const task: BoundedTask = { name, args, cwd, stdin: String(stdin), files: await mentionedFiles(args, cwd, fs) }
  const mine = last.then(() => (signal?.aborted ? { problem: 'interrupted' } : perform(task, signal)))
  last = mine
  const done = await mine
  if ('problem' in done) return { stdout: '', stderr: `${name}: ${done.problem}\n`, exitCode: trouble }
  const { stdout, stderr, exitCode, written } = done
  for (const [path, content] of Object.entries(written)) await fs.writeFile(path, content)
  return { stdout, stderr, exitCode }
}

function perform(task: BoundedTask, signal?: AbortSignal): Promise<BoundedDone | { problem: string }> {
  return new Promise((resolve) => {
    const end = (problem: string): void => {
      void worker?.end()
      worker = undefined
      hear({ problem })
    }
    let stopWatching: () => void = () => undefined
    const watch = (limits: typeof callLimits): void => {
      stopWatching()
      stopWatching = watchProcessTime(worker?.pid ?? 0, limits, () => end('it takes too long'))
    }
    const interrupt = () => end('interrupted')
    signal?.addEventListener('abort', interrupt)
    hear = (said) => {
      if (said === 'begun') {
        watch(callLimits)
        return
      }
      stopWatching()
      signal?.removeEventListener('abort', interrupt)
      hear = () => undefined
      worker?.keepAlive(false)
      resolve(said)
    }
    worker ??= startProcess<BoundedTask, BoundedSaid>({
      entry: processEntry(import.meta.url, './bounded-commands-process'),
      memoryMb,
      message: (said) => hear(said),
      problem: (error) => end(String(error)),
      lost: ({ text, isOutOfMemory }) => {
        worker = undefined
        hear({ problem: isOutOfMemory ? 'out of memory' : text })
      },
    })
    watch(startLimits)
    worker.keepAlive(true)
    worker.post(task)
  })
}

/** The files that the words may mean, in a script or beside it. */
async function mentionedFiles(args: readonly string[], cwd: string, fs: IFileSystem): Promise<BoundedTask['files']> {
  const files: BoundedTask['files'] = {}
  const words = new Set(args.flatMap((arg) => [arg, arg.replace(/^-\w/, ''), ...arg.split(/[\s;{}]+/)]))
  for (const word of words) {
    if (word === '') continue
    const path = posix.resolve(cwd, word)
    if (await isFile(path, fs)) files[path] = await fs.readFileBuffer(path)
  }
  return files
}

const isFile = async (path: string, fs: IFileSystem): Promise<boolean> => {
  try {
    return (await fs.stat(path)).isFile
  } catch {
    return false
  }
}
