/** What a command writes on its two streams, and how they took turns: a terminal shows both in the order of writing. */
import type { CommandOutput, StreamTurn } from './types.ts'

type Stream = StreamTurn['stream']

/** Collects what is written. */
export function recordOutput(): {
  write(stream: Stream, text: string): void
  /** What was written so far; `turns` where it is not all of stdout, then all of stderr. */
  written(): CommandOutput
} {
  const texts = { stdout: '', stderr: '' }
  const turns: StreamTurn[] = []
  return {
    write(stream, text) {
      if (!text) return
      texts[stream] += text
      const last = turns.at(-1)
      if (last?.stream === stream) last.length += text.length
      else turns.push({ stream, length: text.length })
    },
    written() {
      const isOneAfterTheOther = turns.length < 2 || (turns.length === 2 && turns[0]?.stream === 'stdout')
      return { ...texts, ...(isOneAfterTheOther ? {} : { turns: structuredClone(turns) }) }
    },
  }
}

/** The parts of a result's output in the order in which they were written. */
export function inOrderOfWriting({ stdout, stderr, turns }: CommandOutput): { stream: Stream; text: string }[] {
  const rest = { stdout, stderr }
  const take = ({ stream, length }: StreamTurn): { stream: Stream; text: string } => {
    const text = rest[stream].slice(0, length)
    rest[stream] = rest[stream].slice(length)
    return { stream, text }
  }
  const parts = (turns ?? []).map(take)
  const after = (['stdout', 'stderr'] as const).map((stream) => ({ stream, text: rest[stream] }))
  return [...parts, ...after].filter(({ text }) => text !== '')
}
