/**
 * A pseudo-terminal as the kernel drives it: echoes what is typed, lets the line be corrected, hands lines to who reads, and turns
 * control characters into signals. Source: termios(3), the settings of a new pty; drivers/tty/n_tty.c
 */
import { LineEditor } from './line-editor.ts'
import type { InputStream, Signal, Wait } from './process.ts'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

export interface TerminalOptions {
  /** What the terminal shows by itself, among what programs write: the echo. */
  echo(text: string): void
  /** To the processes in its foreground. */
  signal(signal: Signal): void
}

const signalOf: Readonly<Record<string, Signal>> = { '\x03': 'SIGINT', '\x1c': 'SIGQUIT' }
const endOfFile = '\x04'
const eraseWord = '\x17'
const eraseLine = '\x15'
const erase = ['\x7f', '\b']

/** As the terminal's output shows it: ONLCR. */
export const onTerminal = (text: string): string => text.replaceAll('\n', '\r\n')

export class Terminal {
  readonly input: InputStream
  /** As a new pty has it, until somebody tells. */
  size: TerminalSize = { columns: 0, rows: 0 }
  private readonly options: TerminalOptions
  private line: string[] = []
  /** Lines with their newline, the beginning of one that was handed over by Ctrl-D, or '' for an end of file. */
  private ready: string[] = []
  private isHungUp = false
  private readers: (() => boolean)[] = []
  /** Who reads the keys, while a program edits a line. */
  private editor: LineEditor | undefined

  constructor(options: TerminalOptions) {
    this.options = options
    const terminal = this
    this.input = {
      isTerminal: true,
      get size() {
        return terminal.size
      },
      readLine: () => this.readLine(),
      readSome: () => this.readLine(),
      editLine: (prompt, history) => this.editLine(prompt, history),
      readAll: () => this.readAll(),
    }
  }

  /** Keys are pressed. */
  type(text: string): void {
    for (const key of text) this.press(key === '\r' ? '\n' : key)
    this.wakeReaders()
  }

  /** Input that is there without being typed: nothing echoes. */
  feed(text: string): void {
    for (const [line] of text.matchAll(/[^\n]*\n|[^\n]+$/g)) this.ready.push(line)
    this.wakeReaders()
  }

  /** Nobody types any more: who reads finds the end, again and again. */
  hangUp(): void {
    if (this.line.length > 0) this.handOver()
    this.isHungUp = true
    this.wakeReaders()
  }

  resize(size: TerminalSize): void {
    if (size.columns === this.size.columns && size.rows === this.size.rows) return
    this.size = size
    this.editor?.redraw()
    this.options.signal('SIGWINCH')
  }

  private press(key: string): void {
    const { echo, signal } = this.options
    const interrupt = signalOf[key]
    if (interrupt) {
      echo(caret(key))
      this.line = []
      this.ready = []
      signal(interrupt)
    } else if (this.editor) this.edit(this.editor, key)
    else if (key === endOfFile) this.handOver()
    else if (erase.includes(key)) this.rubOut(1)
    else if (key === eraseLine) this.rubOut(this.line.length)
    else if (key === eraseWord) this.rubOut(/\S*\s*$/u.exec(this.line.join(''))![0].length)
    else if (key === '\n') {
      echo('\n')
      this.line.push('\n')
      this.handOver()
    } else {
      echo(shown(key))
      this.line.push(key)
    }
  }

  private edit(editor: LineEditor, key: string): void {
    const line = editor.press(key)
    if (line === undefined) return
    this.ready.push(line)
    this.wakeReaders()
  }

  private editLine(prompt: string, history: readonly string[]): Wait<string | undefined> {
    const reading = this.readLine()
    return {
      start: (resume) => {
        let isRead = false
        const cancel = reading.start((line) => {
          isRead = true
          this.editor = undefined
          resume(line)
        })
        if (isRead) return cancel
        const editor = new LineEditor(prompt, history, this.options.echo)
        this.editor = editor
        // What was typed before belongs to the line.
        for (const key of this.line.splice(0)) editor.press(key)
        return () => {
          if (this.editor === editor) this.editor = undefined
          cancel()
        }
      },
    }
  }

  private handOver(): void {
    this.ready.push(this.line.join(''))
    this.line = []
  }

  private rubOut(count: number): void {
    for (let n = 0; n < count; n++) {
      const key = this.line.pop()
      if (key === undefined) return
      for (let column = 0; column < shown(key).length; column++) this.options.echo('\b \b')
    }
  }

  private readLine(): Wait<string | undefined> {
    return this.readWhen(() => {
      const next = this.ready.shift()
      if (next !== undefined) return { value: next === '' ? undefined : next }
      return this.isHungUp ? { value: undefined } : undefined
    })
  }

  private readAll(): Wait<string> {
    let taken = ''
    return this.readWhen(() => {
      for (let next = this.ready.shift(); next !== undefined; next = this.ready.shift()) {
        if (next === '') return { value: taken }
        taken += next
      }
      return this.isHungUp ? { value: taken } : undefined
    })
  }

  private readWhen<T>(take: () => { value: T } | undefined): Wait<T> {
    return {
      start: (resume) => {
        const tryRead = (): boolean => {
          const taken = take()
          if (!taken) return false
          resume(taken.value)
          return true
        }
        if (tryRead()) return () => {}
        this.readers.push(tryRead)
        return () => {
          this.readers = this.readers.filter((reader) => reader !== tryRead)
        }
      },
    }
  }

  private wakeReaders(): void {
    const waiting = this.readers
    this.readers = []
    for (const tryRead of waiting) if (!tryRead()) this.readers.push(tryRead)
  }
}

const caret = (key: string): string => `^${String.fromCharCode(key.charCodeAt(0) ^ 64)}`

/** A key's echo: control characters show as `^X`. Simplified: a tab counts as one column when it is rubbed out. */
const shown = (key: string): string => (key < ' ' && key !== '\t' ? caret(key) : key)
