/** What somebody outside sends to a program over time: through a terminal, which echoes it, or through a pipe. */
import { createPipe } from './pipe.ts'
import type { InputStream } from './process.ts'
import { Terminal, type TerminalOptions, type TerminalSize } from './terminal.ts'

export interface SessionInput {
  /** The program's end. */
  readonly input: InputStream
  /** By somebody who sees the echo. */
  type(text: string): void
  /** All at once, by nobody who looks. */
  feed(text: string): void
  /** No more comes. */
  end(): void
  resize(size: TerminalSize): void
}

/** @param terminal without it a pipe */
export function createSessionInput(terminal?: TerminalOptions): SessionInput {
  if (terminal) {
    const own = new Terminal(terminal)
    return {
      input: own.input,
      type: (text) => own.type(text),
      feed: (text) => own.feed(text),
      end: () => own.hangUp(),
      resize: (size) => own.resize(size),
    }
  }
  const pipe = createPipe()
  const write = (text: string): void => pipe.output.write(text)
  return { input: pipe.input, type: write, feed: write, end: pipe.close, resize: () => undefined }
}
