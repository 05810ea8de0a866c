/**
 * The commands behind the first of a pipeline, while that runs. just-bash runs a command when all of its input is there, so each is run
 * again on all the lines that there are, and what it says more than before is what is new; a loop that reads gets its lines one by one.
 */
import type { Feed } from './as-it-goes.ts'
import { shellLimits } from './limits.ts'
import { LineQueue, type ShellFiles } from './shell-files.ts'

interface Ran {
  stdout: string
  stderr: string
  exitCode: number
}

export interface FeedRunner {
  write(stream: 'stdout' | 'stderr', text: string): void
  run(script: string, stdin?: string): Promise<Ran>
}

export interface RunningFeed {
  /** What the first command printed. */
  write(text: string): void
  /** When nobody reads on: the first command would be ended by a broken pipe. */
  readonly isEnough: Promise<void>
  /** The first command has ended. @returns the exit code of the last */
  end(): Promise<number>
}

export function feedLines({ filters, loop }: Feed, files: ShellFiles, { write, run }: FeedRunner): RunningFeed {
  let received = ''
  let isEnded = false
  let isTooMuch = false
  let looped: Promise<number> | undefined
  let enough = (): void => undefined
  const isEnough = new Promise<void>((done) => {
    enough = done
  })
  const queue = new LineQueue()
  if (loop) {
    files.giveLines(loop.file, queue)
    looped = run(loop.script).then(({ stdout, stderr, exitCode }) => {
      write('stdout', stdout)
      write('stderr', stderr)
      enough()
      return exitCode
    })
  }
  /** What the last filter said, as far as it was passed on. */
  let said = ''
  let exitCode = 0
  const passOn = (text: string): void => {
    if (!loop) write('stdout', text)
    else for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) queue.push(line)
  }

  async function filterAll(): Promise<void> {
    const isLast = isEnded
    let ran: Ran = {
      stdout: isLast ? received : received.slice(0, received.lastIndexOf('\n') + 1),
      stderr: '',
      exitCode: 0,
    }
    let isFull = false
    let errors = ''
    for (const filter of filters) {
      ran = await run(filter, ran.stdout)
      errors += ran.stderr
      if (isSatisfied(filter, ran)) isFull = true
    }
    exitCode = ran.exitCode
    if (isLast || isFull) write('stderr', errors)
    // One that takes back what it said, or cannot read half of its input, is heard at the end.
    if (ran.stdout.startsWith(said) || isLast) {
      passOn(ran.stdout.slice(said.length))
      said = ran.stdout
    }
    if (isFull) {
      isEnded = true
      enough()
    }
  }

  /** Runs once more when lines came meanwhile. */
  let filtering: Promise<void> | undefined
  let isStale = false
  async function filterOn(): Promise<void> {
    while (isStale) {
      isStale = false
      await filterAll()
    }
    filtering = undefined
  }

  return {
    isEnough,
    write(text) {
      if (isEnded) return
      received += text
      if (received.length > shellLimits.maxOutputSize) {
        write('stderr', `bash: a pipeline takes ${shellLimits.maxOutputSize} characters\n`)
        isEnded = true
        isTooMuch = true
        enough()
        return
      }
      if (!text.includes('\n')) return
      isStale = true
      filtering ??= filterOn()
    },
    async end() {
      await filtering
      if (!isEnded) {
        isEnded = true
        await filterAll()
      }
      queue.end()
      const last = (await looped) ?? exitCode
      return isTooMuch ? 1 : last
    },
  }
}

/** Whether a filter reads no more: `head` that has its lines, `grep -q` that has found, `grep -m` that has found enough. */
function isSatisfied(filter: string, { stdout, exitCode }: Ran): boolean {
  const lines = stdout.split('\n').length - 1
  const head = /^head\b(?:.*?(?:-n\s*|--lines[= ]|-)(\d+))?/.exec(filter)
  if (head && !/\s-c|--bytes/.test(filter)) return lines >= Number(head[1] ?? 10)
  if (!/^[ef]?grep\b/.test(filter)) return false
  const most = /\s(?:-m\s*|--max-count[= ])(\d+)/.exec(filter)
  return most ? lines >= Number(most[1]) : /\s(?:-[a-zA-Z]*q|--quiet|--silent)\b/.test(filter) && exitCode === 0
}
