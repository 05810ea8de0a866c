/** sed's scripts: addresses, commands and blocks. */
import { compileRegex, type Regex, RegexError } from '../../text/regex.ts'

export type Address =
  | { kind: 'line'; number: number }
  | { kind: 'step'; first: number; step: number }
  | { kind: 'last' }
  /** Undefined is the empty expression: the last one used. */
  | { kind: 'regex'; regex: Regex | undefined }
  | { kind: 'plus'; count: number }

export interface Substitution {
  regex: Regex | undefined
  /** Literal texts and numbers of groups. */
  replacement: readonly (string | number)[]
  isPrinted: boolean
  isGlobal: boolean
  nth: number
  /** File that changed lines are written to. */
  file?: string
}

export interface Command {
  addresses: readonly Address[]
  isNegated: boolean
  name: string
  /** Text of a, i, c; label of b, t, :; file of r, w; exit code of q. */
  text: string
  substitution?: Substitution
  translation?: ReadonlyMap<string, string>
  /** For `{`: index of what follows its block; for b and t: where to go on. */
  target?: number
}

/** The script is none; the message is what busybox says. */
export class SedError extends Error {
  override readonly name = 'SedError'
}

/** Parses a script. Throws SedError. */
export function parseScript(script: string, isExtended: boolean): Command[] {
  const commands: Command[] = []
  const open: number[] = []
  let i = 0
  /** Up to the delimiter; an escaped delimiter stands for itself. */
  const readDelimited = (delimiter: string, isRegex: boolean): string => {
    let text = ''
    let isInSet = false
    for (; i < script.length; i++) {
      const char = script[i]
      if (char === '\\' && i + 1 < script.length) {
        const next = script[++i]
        text += next === delimiter ? (isRegex && /[.*[\]^$+?(){}|]/.test(next) ? `\\${next}` : next) : `\\${next}`
        continue
      }
      if (isRegex && char === '[') isInSet = true
      if (isInSet && char === ']') isInSet = false
      if (char === delimiter && !isInSet) {
        i++
        return text
      }
      text += char
    }
    throw new SedError(`unmatched '${delimiter}'`)
  }
  const compile = (pattern: string, ignoresCase: boolean): Regex | undefined => {
    if (pattern === '') return undefined
    try {
      return compileRegex(pattern, { isExtended, ignoresCase })
    } catch (error) {
      if (error instanceof RegexError) throw new SedError(`bad regex '${pattern}': ${error.message}`)
      throw error
    }
  }
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = i
    const match = pattern.exec(script)
    if (!match) return undefined
    i = pattern.lastIndex
    return match[0]
  }
  const readAddress = (): Address | undefined => {
    const number = take(/\d+/y)
    if (number !== undefined) {
      const step = take(/~\d+/y)
      return step === undefined
        ? { kind: 'line', number: Number(number) }
        : { kind: 'step', first: Number(number), step: Number(step.slice(1)) }
    }
    if (take(/\$/y) !== undefined) return { kind: 'last' }
    const plus = take(/\+\d+/y)
    if (plus !== undefined) return { kind: 'plus', count: Number(plus) }
    if (script[i] !== '/' && script[i] !== '\\') return undefined
    const delimiter = script[i++] === '/' ? '/' : script[i++]
    const pattern = readDelimited(delimiter, true)
    return { kind: 'regex', regex: compile(pattern, take(/I/y) !== undefined) }
  }
  for (;;) {
    take(/[\s;]+/y)
    if (i >= script.length) break
    if (script[i] === '#') {
      take(/[^\n]*/y)
      continue
    }
    const addresses: Address[] = []
    const first = readAddress()
    if (first) {
      addresses.push(first)
      take(/\s+/y)
      if (script[i] === ',') {
        i++
        take(/\s+/y)
        const second = readAddress()
        if (!second) throw new SedError('unexpected ","')
        addresses.push(second)
      }
    }
    const isNegated = /!/.test(take(/[\s!]+/y) ?? '')
    const command: Command = { addresses, isNegated, name: script[i++] ?? '', text: '' }
    const { name } = command
    if (name === '{') open.push(commands.length)
    else if (name === '}') {
      const start = open.pop()
      if (start === undefined) throw new SedError('unexpected }')
      commands[start].target = commands.length
      continue
    } else if (name === 's') {
      const delimiter = script[i++] ?? ''
      const pattern = readDelimited(delimiter, true)
      const replacement = readReplacement(readDelimited(delimiter, false))
      const flags = take(/[gpiIe0-9]*/y) ?? ''
      const file =
        script[i] === 'w'
          ? take(/w[^\n]*/y)
              ?.slice(1)
              .trim()
          : undefined
      command.substitution = {
        regex: compile(pattern, /i/i.test(flags)),
        replacement,
        isGlobal: flags.includes('g'),
        isPrinted: flags.includes('p'),
        nth: Number(/\d+/.exec(flags)?.[0] ?? 1),
        file,
      }
      if (i < script.length && !/[\s;}#]/.test(script[i])) throw new SedError('bad option in substitution expression')
    } else if (name === 'y') {
      const delimiter = script[i++] ?? ''
      const [from, to] = [readDelimited(delimiter, false), readDelimited(delimiter, false)].map((text) => [
        ...text.replace(/\\([\s\S])/g, (_, char: string) => (char === 'n' ? '\n' : char === 't' ? '\t' : char)),
      ])
      if (from.length !== to.length) throw new SedError('bad y strings')
      command.translation = new Map(from.map((char, index) => [char, to[index]]))
    } else if (name !== '' && 'aic'.includes(name)) command.text = readText()
    else if (name !== '' && 'rw'.includes(name)) command.text = (take(/[^\n]*/y) ?? '').trim()
    else if (name !== '' && 'bt:T'.includes(name)) command.text = (take(/[^\n;}]*/y) ?? '').trim()
    else if (name === 'q' || name === 'Q') command.text = (take(/[ \t]*\d*/y) ?? '').trim() || '0'
    else if (!['d', 'p', '=', 'n', 'N', 'D', 'P', 'h', 'H', 'g', 'G', 'x', 'l'].includes(name))
      throw new SedError(name === '' ? 'missing command' : `unsupported command ${name}`)
    commands.push(command)
  }
  if (open.length) throw new SedError('unmatched {')
  for (const command of commands) {
    if (!'btT'.includes(command.name)) continue
    const label = commands.findIndex(({ name, text }) => name === ':' && text === command.text)
    if (command.text !== '' && label < 0) throw new SedError(`can't find label for jump to '${command.text}'`)
    command.target = command.text === '' ? commands.length : label
  }
  return commands

  /** `a text`, `a\` and the text on the next line; a backslash at the end of a line goes on with the next. */
  function readText(): string {
    take(/[ \t]*(?:\\\n?)?/y)
    let text = ''
    for (; i < script.length && script[i] !== '\n'; i++) {
      if (script[i] === '\\' && i + 1 < script.length) {
        const next = script[++i]
        text += next === 't' ? '\t' : next
      } else text += script[i]
    }
    return text
  }
}

function readReplacement(text: string): (string | number)[] {
  const parts: (string | number)[] = []
  let literal = ''
  for (let i = 0; i < text.length; i++) {
    const next = text[i] === '\\' ? text[++i] : undefined
    const group =
      next !== undefined && /\d/.test(next) ? Number(next) : text[i] === '&' && next === undefined ? 0 : undefined
    if (group !== undefined) {
      parts.push(literal, group)
      literal = ''
    } else literal += next === undefined ? text[i] : next === 'n' ? '\n' : next === 't' ? '\t' : next
  }
  parts.push(literal)
  return parts
}
