/** What a container wrote, line by line with its time, as the runtime's log file keeps it. */
import type { Disk } from '../runtime/file-tree.ts'

export interface LogLine {
  epochMs: number
  stream: 'stdout' | 'stderr'
  /** With its newline, but for a last line that has none. */
  text: string
}

export interface LogQuery {
  follow?: boolean
  tailLines?: number
  sinceSeconds?: number
  sinceEpochMs?: number
  timestamps?: boolean
  limitBytes?: number
}

/** Sees a container's output on its way into the log, before lines are made of it. */
export interface LogObserver {
  onOutput(stream: LogLine['stream'], text: string): void
  onEnd(): void
}

// A bigger file is rotated. Simplified: containerLogMaxSize is 10 MiB; a thousand sandboxes in a process ask for less.
const MAX_BYTES = 1024 * 1024

export class ContainerLog {
  private lines: LogLine[] = []
  private bytes = 0
  private readonly partial: Partial<Record<LogLine['stream'], LogLine>> = {}
  private readonly observers = new Set<LogObserver>()
  private readonly followers = new Set<{ line(line: LogLine): void; end(): void }>()
  private isClosed = false
  /** Its file was taken out of its folder: who holds it open writes on, and nobody finds it. */
  isUnlinked = false
  private readonly disk: Disk | undefined

  /** @param disk what the log's file lies on */
  constructor(disk?: Disk) {
    this.disk = disk
  }

  /** The file is gone. */
  discard(): void {
    this.disk?.give(this.bytes)
  }

  write(stream: LogLine['stream'], text: string, epochMs: number): void {
    for (const observer of [...this.observers]) observer.onOutput(stream, text)
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      const piece = text.slice(from, at + 1)
      const begun = this.partial[stream]
      this.partial[stream] = undefined
      this.add(begun ? { ...begun, text: begun.text + piece } : { epochMs, stream, text: piece })
      from = at + 1
    }
    if (from < text.length) {
      const begun = this.partial[stream]
      this.partial[stream] = begun
        ? { ...begun, text: begun.text + text.slice(from) }
        : { epochMs, stream, text: text.slice(from) }
    }
  }

  /** Bytes of the log's file. */
  get sizeBytes(): number {
    return this.bytes
  }

  /** The container has ended: nothing more comes. */
  close(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.partial[stream]
      this.partial[stream] = undefined
      if (rest) this.add(rest)
    }
    this.isClosed = true
    for (const follower of [...this.followers]) follower.end()
    this.followers.clear()
    for (const observer of [...this.observers]) observer.onEnd()
    this.observers.clear()
  }

  /** Shows what is written from now on, at once and as it is. The returned function ends that. */
  observe(observer: LogObserver): () => void {
    if (this.isClosed) observer.onEnd()
    else this.observers.add(observer)
    return () => void this.observers.delete(observer)
  }

  /** The log's file. Source: the CRI log format, https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md */
  fileText(): string {
    return this.lines
      .map(({ epochMs, stream, text }) => {
        const isWhole = text.endsWith('\n')
        return `${nanoTimestamp(epochMs)} ${stream} ${isWhole ? 'F' : 'P'} ${text}${isWhole ? '' : '\n'}`
      })
      .join('')
  }

  /** The last part of the output, at most so many lines and bytes: a termination message that falls back to logs. */
  tail(lines: number, bytes: number): string {
    const { stdout, stderr } = this.partial
    const begun = [stdout, stderr].filter((line) => line !== undefined).sort((a, b) => a.epochMs - b.epochMs)
    return [...this.lines, ...begun]
      .slice(-lines)
      .map((line) => line.text)
      .join('')
      .slice(-bytes)
  }

  /** Gives what there is, and with `follow` what comes until the container ends. The returned function stops following. */
  read(query: LogQuery, nowEpochMs: number, onText: (text: string) => void, onEnd?: () => void): () => void {
    let left = query.limitBytes ?? Number.POSITIVE_INFINITY
    const show = (line: LogLine): void => {
      const text = query.timestamps ? `${nanoTimestamp(line.epochMs)} ${line.text}` : line.text
      if (left <= 0) return
      onText(text.length > left ? text.slice(0, left) : text)
      left -= text.length
    }
    const since =
      query.sinceEpochMs ?? (query.sinceSeconds === undefined ? undefined : nowEpochMs - query.sinceSeconds * 1000)
    let shown =
      query.tailLines === undefined ? this.lines : query.tailLines <= 0 ? [] : this.lines.slice(-query.tailLines)
    if (since !== undefined) shown = shown.filter((line) => line.epochMs >= since)
    for (const line of shown) show(line)
    if (!query.follow || this.isClosed || left <= 0) {
      onEnd?.()
      return () => {}
    }
    const follower = { line: show, end: () => onEnd?.() }
    this.followers.add(follower)
    return () => void this.followers.delete(follower)
  }

  unlink(): void {
    this.isUnlinked = true
    this.lines = []
  }

  private add(line: LogLine): void {
    if (!this.isUnlinked) this.lines.push(line)
    this.bytes += line.text.length
    this.disk?.take(Math.min(line.text.length, this.disk.availableBytes))
    if (this.bytes > MAX_BYTES && !this.isUnlinked) this.rotate()
    if (this.followers.size > 0) for (const follower of [...this.followers]) follower.line(line)
  }

  private rotate(): void {
    this.lines = this.lines.slice(Math.ceil(this.lines.length / 2))
    const before = this.bytes
    this.bytes = this.lines.reduce((sum, line) => sum + line.text.length, 0)
    this.disk?.give(before - this.bytes)
  }
}

/** RFC 3339 with nanoseconds, as log lines carry it. */
const nanoTimestamp = (epochMs: number): string => `${new Date(Math.floor(epochMs)).toISOString().slice(0, 23)}000000Z`
