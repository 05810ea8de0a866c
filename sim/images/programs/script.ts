/** One-line scripts that interpreters run here: print, sleep, exit, loop and serve. Whatever else they hold is not simulated. */
import type { Process, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { decodeEscapes } from '../../runtime/shell/format.ts'
import type { Run } from './support.ts'
import { listenOrComplain, response } from './web-server.ts'

export type Act =
  | { do: 'print'; text: string; to: 'stdout' | 'stderr' }
  | { do: 'sleep'; ms: number }
  | { do: 'exit'; code: number }
  /** Ends with a message as an uncaught error does. */
  | { do: 'fail'; text: string; code: number }
  | { do: 'forever'; acts: Act[] }
  | { do: 'serve'; port: number; isLocal: boolean; status: number; body: string }

/** Runs them in order. `isBuffered` keeps standard output back until it ends, as C's streams do without a terminal. */
export function* runActs(process: Process, acts: readonly Act[], isBuffered = false): Run {
  let held = ''
  const print = (text: string, to: 'stdout' | 'stderr'): void => {
    if (to === 'stderr' || !isBuffered || process.stdout.isTerminal) process[to].write(text)
    else {
      held += text
      if (held.length < 8192) return
      process.stdout.write(held)
      held = ''
    }
  }
  let code = 0
  const run = function* (list: readonly Act[]): Generator<Wait, boolean, unknown> {
    for (const act of list) {
      if (act.do === 'print') print(act.text, act.to)
      else if (act.do === 'sleep') yield* waitFor(process.sleep(act.ms))
      else if (act.do === 'serve') {
        const close = listenOrComplain(
          process,
          act.port,
          (_, reply) => reply(response(act.status, act.body)),
          (why) => process.stderr.write(`Error: listen EADDRINUSE: ${why} :::${act.port}\n`),
          act.isLocal,
        )
        if (!close) {
          code = 1
          return true
        }
        yield* waitFor(process.forever())
      } else if (act.do === 'forever') {
        for (;;) {
          if (yield* run(act.acts)) return true
          yield* waitFor(process.cpu(1))
        }
      } else {
        if (act.do === 'fail') process.stderr.write(act.text)
        code = act.code
        return true
      }
    }
    return false
  }
  yield* run(acts)
  if (held) process.stdout.write(held)
  return code
}

/**
 * A text made of literals, numbers and `+`: `"a" + 'b'`. Undefined when there is anything else in it.
 * @param lookUp the value of what is no literal (`process.env.X`), or undefined
 */
export function readText(source: string, lookUp: (word: string) => string | undefined): string | undefined {
  const text = source.trim()
  if (text === '') return ''
  let result = ''
  let isNumber = true
  let sum = 0
  let at = 0
  const part =
    /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`$\\]*)`|(-?\d+(?:\.\d+)?)|([\w.]+(?:\[[^\]]*\]|\([^()]*\))?))\s*([+*]|$)/y
  for (;;) {
    part.lastIndex = at
    const match = part.exec(text)
    if (!match || (match[6] === '*' && match[4] === undefined)) return undefined
    const quoted = match[1] ?? match[2] ?? match[3]
    const word = match[5] === undefined ? undefined : lookUp(match[5])
    if (quoted === undefined && match[4] === undefined && word === undefined) return undefined
    if (match[4] === undefined) isNumber = false
    else sum += Number(match[4])
    result += quoted === undefined ? (match[4] ?? word ?? '') : decodeEscapes(quoted).text
    at = part.lastIndex
    if (match[6] === '*') return undefined
    if (at >= text.length) return match[6] === '' ? (isNumber ? String(sum) : result) : undefined
  }
}

/** The value of one of these words, or undefined. */
export const known = (word: string, words: Readonly<Record<string, string>>): string | undefined =>
  Object.hasOwn(words, word) ? words[word] : undefined

/** Statements at `;` and newlines, outside of quotes and brackets. */
export function splitStatements(source: string, separator: ';' | ','): string[] {
  const parts: string[] = []
  let depth = 0
  let quote = ''
  let start = 0
  for (let i = 0; i < source.length; i++) {
    const char = source[i]
    if (quote) {
      if (char === '\\') i++
      else if (char === quote) quote = ''
    } else if (char === '"' || char === "'" || char === '`') quote = char
    else if ('([{'.includes(char)) depth++
    else if (')]}'.includes(char)) depth--
    else if (depth === 0 && (char === separator || (separator === ';' && char === '\n'))) {
      parts.push(source.slice(start, i))
      start = i + 1
    }
  }
  parts.push(source.slice(start))
  return parts.map((part) => part.trim()).filter(Boolean)
}
