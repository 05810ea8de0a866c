/** What is typed into a command while it runs, or how large its screen is now. */
import type { SessionInput } from '../scenario/types.ts'
import { decodeContent } from './file-content.ts'
import type { SessionInput as TerminalInput } from './session-input.ts'
import { ByteDecoder } from './text-bytes.ts'

/** What comes before anybody takes it waits. */
export interface Keyboard {
  connect(take: (input: SessionInput) => void): void
  type(input: SessionInput): void
  /** Whether somebody takes what is typed: until then the terminal itself knows what Ctrl-C is. */
  isTaken(): boolean
}

export function createKeyboard(): Keyboard {
  const waiting: SessionInput[] = []
  let taker: ((input: SessionInput) => void) | undefined
  return {
    connect(take) {
      taker = take
      for (const input of waiting.splice(0)) take(input)
    },
    type(input) {
      if (taker) taker(input)
      else waiting.push(input)
    },
    isTaken: () => taker !== undefined,
  }
}

/** Ctrl-C among what is typed. */
export const isInterrupt = (input: SessionInput): boolean =>
  input.act === 'write' && new ByteDecoder().decode(decodeContent(input.data)).includes('\u0003')

/** Gives what is typed to a terminal. */
export const typingInto =
  (keyboard: Keyboard) =>
  (terminal: TerminalInput): void => {
    const decoder = new ByteDecoder()
    keyboard.connect((input) => {
      if (input.act === 'write') terminal.type(decoder.decode(decodeContent(input.data)))
      else if (input.act === 'resize') terminal.resize(input)
      else if (input.act === 'end') terminal.end()
    })
  }
