/**
 * Editing a line while it is typed, as busybox's shell and bash's readline do it. Simplified: a line is drawn as if the terminal were as
 * wide as the line is long, and Tab completes nothing.
 */

const home = ['\x01', '\x1b[H', '\x1b[1~', '\x1bOH']
const end = ['\x05', '\x1b[F', '\x1b[4~', '\x1bOF']
const left = ['\x02', '\x1b[D', '\x1bOD']
const right = ['\x06', '\x1b[C', '\x1bOC']
const older = ['\x10', '\x1b[A', '\x1bOA']
const newer = ['\x0e', '\x1b[B', '\x1bOB']
const backspace = ['\x7f', '\b']
const deleteKey = '\x1b[3~'
const endOfFile = '\x04'
const killToEnd = '\x0b'
const killToStart = '\x15'
const killWord = '\x17'
const clearScreen = '\x0c'

/** What makes an escape sequence whole, behind its escape. Source: ECMA-48 */
const wholeSequence = /^(?:\[[\d;]*[@-~]|O[@-~]|[^[O])$/

export class LineEditor {
  private readonly prompt: string
  private readonly history: readonly string[]
  private readonly echo: (text: string) => void
  private text: string[] = []
  private cursor = 0
  /** The line of the history that is shown; behind the last is the one that was begun. */
  private place: number
  private begun: string[] = []
  private escape = ''

  constructor(prompt: string, history: readonly string[], echo: (text: string) => void) {
    this.prompt = prompt
    this.history = history
    this.echo = echo
    this.place = history.length
  }

  /** The line with its newline once it is complete; '' for the end of input. */
  press(key: string): string | undefined {
    const whole = this.escape + key
    if (whole.startsWith('\x1b') && !wholeSequence.test(whole.slice(1))) {
      this.escape = whole
      return undefined
    }
    this.escape = ''
    return this.act(whole)
  }

  redraw(): void {
    const back = this.text.length - this.cursor
    this.echo(`\r${this.prompt}${this.text.join('')}\x1b[J${back > 0 ? `\x1b[${back}D` : ''}`)
  }

  private act(key: string): string | undefined {
    const { text, cursor } = this
    if (key === '\n') {
      this.echo('\n')
      return `${text.join('')}\n`
    }
    if (key === endOfFile && text.length === 0) return ''
    if (home.includes(key)) this.moveTo(0)
    else if (end.includes(key)) this.moveTo(text.length)
    else if (left.includes(key)) this.moveTo(Math.max(0, cursor - 1))
    else if (right.includes(key)) this.moveTo(Math.min(text.length, cursor + 1))
    else if (older.includes(key)) this.recall(this.place - 1)
    else if (newer.includes(key)) this.recall(this.place + 1)
    else if (backspace.includes(key)) this.remove(cursor - 1, cursor)
    else if (key === deleteKey || key === endOfFile) this.remove(cursor, cursor + 1)
    else if (key === killToEnd) this.remove(cursor, text.length)
    else if (key === killToStart) this.remove(0, cursor)
    else if (key === killWord) this.remove(/\S*\s*$/.exec(text.slice(0, cursor).join(''))!.index, cursor)
    else if (key === clearScreen) {
      this.echo('\x1b[H')
      this.redraw()
    } else if (key >= ' ' && key !== '\x7f') this.insert(key)
    return undefined
  }

  private insert(key: string): void {
    this.text.splice(this.cursor++, 0, key)
    if (this.cursor === this.text.length) this.echo(key)
    else this.redraw()
  }

  private remove(from: number, to: number): void {
    if (from < 0 || from >= to || from >= this.text.length) return
    const wasAtEnd = this.cursor === this.text.length
    const removed = this.text.splice(from, to - from)
    this.cursor = from
    if (wasAtEnd && removed.length === 1) this.echo('\b \b')
    else this.redraw()
  }

  private moveTo(cursor: number): void {
    const by = cursor - this.cursor
    this.cursor = cursor
    if (by !== 0) this.echo(by < 0 ? '\b'.repeat(-by) : `\x1b[${by}C`)
  }

  private recall(place: number): void {
    if (place < 0 || place > this.history.length) return
    if (this.place === this.history.length) this.begun = this.text
    this.place = place
    this.text = place === this.history.length ? this.begun : [...this.history[place]]
    this.cursor = this.text.length
    this.redraw()
  }
}
