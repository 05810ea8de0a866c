/**
 * Terminals as the rest of the server sees them: up to three shells for each sandbox, whoever shows them. Their shells run in a process of their own;
 * one that does not answer is ended with it, and the others come back with their files.
 */
import { MessageChannel } from 'node:worker_threads'
import { processEntry, startProcess } from '../child-processes.ts'
import type { RunningLine, Sandboxes } from '../labs/sandboxes/types.ts'
import type { TerminalRecord } from '../storage/types.ts'
import type { EditNews, EditRequest } from './editing.ts'
import type { FromTerminals, ToTerminals } from './protocol.ts'
import { baseOf } from './shell-key.ts'
import { serveTerminals } from './worker.ts'

/** Who shows a terminal. */
export interface TerminalView {
  write(text: string): void
  edit(request: EditRequest): void
  editNews(news: EditNews): void
  announce(exitCode: number): void
  /** The shell was ended. */
  close(): void
}

export interface TerminalConnection {
  input(data: string): void
  resize(columns: number, rows: number): void
  edited(id: number, text: string | undefined, isOpen?: boolean): void
  /** Ends the shell itself, unless it is the first. */
  end(): void
  close(): void
}

/** What terminals are for, by the key that they are opened with. */
export interface TerminalClusters extends Pick<Sandboxes, 'begin' | 'complete'> {
  /** What is kept of the terminal; undefined of a new one. */
  find(key: string): Promise<TerminalRecord | undefined>
  /** @returns why not all of it is kept */
  save(key: string, record: TerminalRecord): Promise<string | undefined>
  /** Files that were changed beside the terminal. */
  latestFiles(key: string): Promise<TerminalRecord['files']>
}

export interface TerminalsOptions {
  clusters: TerminalClusters
  /** Shells run in the caller's own process: for tests. */
  isInProcess?: boolean
  /** Of all shells together. */
  memoryMb?: number
  onError(error: unknown): void
}

const usualMemoryMb = 512
/** A process that says nothing for so long is stuck. */
const patienceMs = 10_000
/** A terminal that nobody shows is kept for so long. */
const keptMs = 30 * 60_000
const sweepMs = 60_000
/** Shells of one learner besides the first of each cluster, shown or not. */
const mostMoreShells = 4

interface Shells {
  post(message: ToTerminals): void
  end(): void
}

export class Terminals {
  readonly #options: TerminalsOptions
  #shells: Shells | undefined
  /** Sessions that the process has, and when each was shown last. */
  readonly #open = new Map<string, { views: Set<number>; shownMs: number }>()
  readonly #views = new Map<number, { key: string; view: TerminalView }>()
  readonly #running = new Map<number, Promise<RunningLine>>()
  readonly #lines = new Map<number, (ran: { output: string; exitCode: number }) => void>()
  /** What is being written of each. */
  readonly #saving = new Map<string, Promise<void>>()
  /** Shells besides the first, and whose they are, the oldest first. */
  readonly #more = new Map<string, string>()
  #count = 0
  #isClosed = false
  #waitingPing: NodeJS.Timeout | undefined
  readonly #sweep: NodeJS.Timeout

  constructor(options: TerminalsOptions) {
    this.#options = options
    this.#sweep = setInterval(() => this.#leaveUnseen(), sweepMs)
    this.#sweep.unref()
  }

  /**
   * Whether the learner may have that shell: one besides the first takes the place of their oldest that nobody looks at.
   * @param key of a shell
   */
  makeRoom(key: string, learner: string): boolean {
    if (key === baseOf(key) || this.#more.has(key)) return true
    const own = [...this.#more].filter(([, owner]) => owner === learner).map(([other]) => other)
    if (own.length >= mostMoreShells) {
      // One that is not there yet is being opened.
      const unseen = own.find((other) => this.#open.get(other)?.views.size === 0)
      if (unseen === undefined) return false
      this.#end(unseen)
    }
    this.#more.set(key, learner)
    return true
  }

  #end(key: string): void {
    const views = this.#open.get(key)?.views ?? []
    this.#open.delete(key)
    this.#more.delete(key)
    this.#post({ to: 'close', key })
    for (const number of views) this.#views.get(number)?.view.close()
  }

  /** Shows a shell of the sandbox's terminal from here on. */
  async connect(id: string, view: TerminalView): Promise<TerminalConnection> {
    await this.#ensure(id)
    const number = ++this.#count
    this.#views.set(number, { key: id, view })
    this.#open.get(id)?.views.add(number)
    this.#post({ to: 'attach', key: id, view: number })
    return {
      input: (data) => {
        this.#post({ to: 'input', key: id, data })
        this.#ping()
      },
      resize: (columns, rows) => this.#post({ to: 'resize', key: id, columns, rows }),
      edited: (edit, text, isOpen = false) =>
        this.#post({ to: 'edited', key: id, id: edit, isOpen, ...(text === undefined ? {} : { text }) }),
      end: () => {
        if (id !== baseOf(id)) this.#end(id)
      },
      close: () => {
        this.#views.delete(number)
        const open = this.#open.get(id)
        open?.views.delete(number)
        if (open) open.shownMs = Date.now()
        this.#post({ to: 'detach', key: id, view: number })
      },
    }
  }

  /** Shows a text in that terminal, where it is open: what was done beside it. */
  show(id: string, text: string): void {
    if (this.#open.has(id)) this.#post({ to: 'show', key: id, text })
  }

  /** Runs a line in the sandbox's terminal, for who has no script. */
  async run(id: string, line: string): Promise<{ output: string; exitCode: number }> {
    await this.#ensure(id)
    const call = ++this.#count
    const ran = new Promise<{ output: string; exitCode: number }>((done) => {
      this.#lines.set(call, done)
    })
    this.#post({ to: 'run', key: id, call, line })
    this.#ping()
    return ran
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#sweep)
    clearTimeout(this.#waitingPing)
    this.#shells?.end()
    this.#shells = undefined
  }

  async #ensure(id: string): Promise<void> {
    if (this.#open.has(id)) return
    const base = baseOf(id)
    await this.#saving.get(base)
    const state = (await this.#options.clusters.find(base)) ?? { files: {}, history: [] }
    if (this.#open.has(id)) return
    this.#open.set(id, { views: new Set(), shownMs: Date.now() })
    this.#post({ to: 'open', key: id, state })
  }

  #post(message: ToTerminals): void {
    if (this.#isClosed) return
    this.#shells ??= this.#start()
    this.#shells.post(message)
  }

  #start(): Shells {
    const receive = (message: FromTerminals): void => {
      this.#receive(message).catch((error: unknown) => this.#options.onError(error))
    }
    if (this.#options.isInProcess) {
      const { port1, port2 } = new MessageChannel()
      port2.on(
        'message',
        serveTerminals((message) => port2.postMessage(message)),
      )
      port1.on('message', receive)
      return {
        post: (message) => port1.postMessage(message),
        end: () => {
          port1.close()
          port2.close()
        },
      }
    }
    const { memoryMb = usualMemoryMb, onError } = this.#options
    const started = startProcess<ToTerminals, FromTerminals>({
      entry: processEntry(import.meta.url, './terminals-process'),
      memoryMb,
      message: receive,
      problem: onError,
      lost: ({ text, isOutOfMemory }) => {
        onError(new Error(`the process of the terminals was lost: ${text}`))
        if (this.#shells === shells)
          this.#lost(isOutOfMemory ? 'one of them needed too much memory' : 'they ended by themselves')
      },
    })
    const shells: Shells = { post: started.post, end: () => void started.end() }
    return shells
  }

  /** Asks the process for a sign of life; without one it is ended. */
  #ping(): void {
    if (this.#waitingPing) return
    this.#waitingPing = setTimeout(() => this.#lost('one of them computed for too long'), patienceMs)
    this.#waitingPing.unref()
    this.#post({ to: 'ping', call: 0 })
  }

  /** The process is gone: every terminal begins anew, with the files it had. */
  #lost(why: string): void {
    const reason = `All shells were started again: ${why}. What ran here was ended; files and history are kept.`
    clearTimeout(this.#waitingPing)
    this.#waitingPing = undefined
    const shells = this.#shells
    this.#shells = undefined
    shells?.end()
    // One that could not begin has nothing to interrupt; that is told where it was begun.
    for (const running of this.#running.values())
      void running.then(
        (line) => line.interrupt(),
        () => undefined,
      )
    this.#running.clear()
    for (const done of this.#lines.values()) done({ output: `${reason}\n`, exitCode: 1 })
    this.#lines.clear()
    const open = [...this.#open]
    this.#open.clear()
    for (const [key, { views }] of open)
      void this.#reopen(key, views, reason).catch((error: unknown) => this.#options.onError(error))
  }

  async #reopen(key: string, views: Set<number>, reason: string): Promise<void> {
    if (views.size === 0) return
    await this.#ensure(key)
    for (const number of views) {
      const known = this.#views.get(number)
      if (!known) continue
      known.view.write(`\r\n\x1b[31m${reason}\x1b[0m\r\n`)
      this.#open.get(key)?.views.add(number)
      this.#post({ to: 'attach', key, view: number })
    }
  }

  #leaveUnseen(): void {
    for (const [key, { views, shownMs }] of this.#open) {
      if (views.size > 0 || Date.now() - shownMs < keptMs) continue
      this.#end(key)
    }
    // Nobody came for them.
    for (const key of this.#more.keys()) if (!this.#open.has(key)) this.#more.delete(key)
  }

  async #receive(message: FromTerminals): Promise<void> {
    // Another process counts its calls anew: an answer is for the one that asked.
    const shells = this.#shells
    switch (message.from) {
      case 'write':
        this.#views.get(message.view)?.view.write(message.text)
        return
      case 'edit':
        this.#views.get(message.view)?.view.edit(message.request)
        return
      case 'editNews':
        this.#views.get(message.view)?.view.editNews(message.news)
        return
      case 'announce':
        this.#views.get(message.view)?.view.announce(message.exitCode)
        return
      case 'begin':
        return this.#begin(message)
      case 'type':
        ;(await this.#running.get(message.call))?.input(message.input)
        return
      case 'interrupt':
        ;(await this.#running.get(message.call))?.interrupt()
        return
      case 'complete': {
        const { key, call, line, cursor } = message
        const candidates = await this.#options.clusters.complete(baseOf(key), line, cursor).catch(() => [])
        if (this.#shells === shells) this.#post({ to: 'completed', call, candidates })
        return
      }
      case 'latest': {
        const files = await this.#options.clusters.latestFiles(baseOf(message.key)).catch(() => ({}))
        if (this.#shells === shells) this.#post({ to: 'latest', call: message.call, files })
        return
      }
      case 'save': {
        const { key, call, state } = message
        const why = await this.#save(baseOf(key), state).catch((error: unknown) => {
          this.#options.onError(error)
          return 'the server could not write it; what was saved before is kept'
        })
        if (this.#shells === shells) this.#post({ to: 'saved', call, ...(why === undefined ? {} : { why }) })
        return
      }
      case 'ran':
        this.#lines.get(message.call)?.(message)
        this.#lines.delete(message.call)
        return
      case 'pong':
        clearTimeout(this.#waitingPing)
        this.#waitingPing = undefined
    }
  }

  /** One after another, so that the last one stays. */
  async #save(key: string, state: TerminalRecord): Promise<string | undefined> {
    const before = this.#saving.get(key)
    const saved = (async () => {
      await before
      return this.#options.clusters.save(key, state)
    })()
    const settled = saved.then(
      () => undefined,
      () => undefined,
    )
    this.#saving.set(key, settled)
    return saved.finally(() => {
      if (this.#saving.get(key) === settled) this.#saving.delete(key)
    })
  }

  async #begin({ key, call, command }: Extract<FromTerminals, { from: 'begin' }>): Promise<void> {
    const shells = this.#shells
    // Another process counts its lines anew: what is left of this one's is not for it.
    const isHeard = (): boolean => this.#shells === shells
    const running = this.#options.clusters.begin(baseOf(key), command, {
      output: (stream, text) => isHeard() && this.#post({ to: 'printed', call, stream, text }),
      done: (result) => {
        if (!isHeard()) return
        this.#running.delete(call)
        this.#post({ to: 'done', call, result })
      },
    })
    this.#running.set(call, running)
    try {
      await running
    } catch (error) {
      if (!isHeard()) return
      this.#running.delete(call)
      const stderr = `error: ${(error as Error).message}\n`
      this.#post({ to: 'printed', call, stream: 'stderr', text: stderr })
      this.#post({ to: 'done', call, result: { atMs: 0, doneMs: 0, exit: 1, stdout: '', stderr } })
    }
  }
}
