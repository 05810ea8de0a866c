/** The file system of a terminal's shells: in memory, with files that are the screen, and files that give lines as they come. */
import { InMemoryFs } from 'just-bash'
import { screenFiles } from './as-it-goes.ts'

/** Lines that are taken one by one, by whoever waits for the next. */
export class LineQueue {
  readonly #lines: string[] = []
  readonly #waiting: ((line: string) => void)[] = []
  #isEnded = false

  /** @param line with its newline */
  push(line: string): void {
    const taken = this.#waiting.shift()
    if (taken) taken(line)
    else this.#lines.push(line)
  }

  end(): void {
    this.#isEnded = true
    for (const taken of this.#waiting.splice(0)) taken('')
  }

  /** The next line; empty when there is none any more. */
  next(): Promise<string> {
    const line = this.#lines.shift() ?? (this.#isEnded ? '' : undefined)
    return line === undefined ? new Promise((done) => this.#waiting.push(done)) : Promise.resolve(line)
  }
}

export class ShellFiles extends InMemoryFs {
  readonly #screens = new Map<string, (text: string) => void>()
  readonly #queues = new Map<string, LineQueue>()

  constructor(maxTotalBytes: number) {
    super(undefined, { maxTotalBytes })
  }

  /** What is written into the two files of that folder goes there. */
  showScreen(devices: string, show: (stream: 'stdout' | 'stderr', text: string) => void): void {
    const { stdout, stderr } = screenFiles(devices)
    this.#screens.set(stdout, (text) => show('stdout', text))
    this.#screens.set(stderr, (text) => show('stderr', text))
  }

  /** Whoever opens that file gets the next line of the queue. */
  giveLines(path: string, queue: LineQueue): void {
    this.writeFileSync(path, '')
    this.#queues.set(path, queue)
  }

  override async appendFile(...[path, content, options]: Parameters<InMemoryFs['appendFile']>): Promise<void> {
    const show = this.#screens.get(path)
    if (!show) return super.appendFile(path, content, options)
    const encoding = typeof options === 'string' ? options : options?.encoding
    // Bytes are a character each.
    const isBytes = encoding === 'binary' || encoding === 'latin1'
    const text =
      typeof content === 'string'
        ? isBytes
          ? Buffer.from(content, 'latin1').toString('utf8')
          : content
        : Buffer.from(content).toString('utf8')
    if (text !== '') show(text)
  }

  override async readFileBuffer(path: string): Promise<Uint8Array> {
    const queue = this.#queues.get(path)
    return queue ? Buffer.from(await queue.next(), 'utf8') : super.readFileBuffer(path)
  }
}
