/** Word expansion: parameters, command substitution, arithmetic, field splitting, pathnames, quote removal. */
import {
  type HereDoc,
  type ParameterExpansionPart,
  type ParameterOperation,
  parse,
  type Word,
  type WordPart,
} from 'unbash'
import { countCodePoints } from '../../engine/code-points.ts'
import { charge, chargeText } from '../../engine/work.ts'
import type { Wait } from '../process.ts'
import { ArithmeticError, evaluateArithmetic } from './arithmetic.ts'
import { expandPathname, hasGlob, quotePattern, removeMatch, replaceMatch } from './pattern.ts'
import { nextIndex, ShellError, type ShellState } from './state.ts'

/** Runs a command substitution and gives its output. */
export type Substitute = (part: { script: unknown; text: string }) => Generator<Wait, string, unknown>

export interface Expander {
  /** Fields of command words: split and globbed. */
  fields(words: readonly Word[]): Generator<Wait, string[], unknown>
  /** One text without splitting: assignments, case words, redirection targets. */
  text(word: Word): Generator<Wait, string, unknown>
  /** One text in which quoted special characters are escaped. */
  pattern(word: Word): Generator<Wait, string, unknown>
  hereDoc(doc: HereDoc): Generator<Wait, string, unknown>
  /** The number that an array's subscript says; a negative one counts from behind the last. */
  index(word: Word, length: number): Generator<Wait, number, unknown>
}

/** A stretch of a word's expansion. `isGlob` text may hold special characters; `isSplit` is cut at IFS. */
type Piece = { text: string; isQuoted: boolean; isSplit: boolean } | 'field-end'

/** Characters that one word may grow to. */
const maxWord = 4 * 1024 * 1024
const maxFields = 200_000

export function createExpander(state: ShellState, substitute: Substitute): Expander {
  function* piecesOf(word: Word, isQuoted = false): Generator<Wait, Piece[], unknown> {
    const parts = word.parts
    if (!parts) return [literal(word.value, word.text, isQuoted, state)]
    const pieces: Piece[] = []
    for (const [index, part] of parts.entries()) {
      if (index === 0 && part.type === 'Literal' && !isQuoted && part.text.startsWith('~'))
        pieces.push(literal(part.value, part.text, false, state))
      else yield* addPart(part, isQuoted, pieces)
    }
    return pieces
  }

  function* addPart(part: WordPart, isQuoted: boolean, pieces: Piece[]): Generator<Wait, void, unknown> {
    switch (part.type) {
      case 'Literal':
        pieces.push({ text: part.value, isQuoted: true, isSplit: false })
        return
      case 'SingleQuoted':
        // Inside double quotes (a default value) single quotes are themselves.
        pieces.push({ text: isQuoted ? part.text : part.value, isQuoted: true, isSplit: false })
        return
      case 'AnsiCQuoted':
        pieces.push({ text: part.value, isQuoted: true, isSplit: false })
        return
      case 'DoubleQuoted':
      case 'LocaleString':
        if (part.parts.length === 0) pieces.push({ text: '', isQuoted: true, isSplit: false })
        for (const child of part.parts) yield* addPart(child, true, pieces)
        return
      case 'Glob':
        if (part.kind === 'bracket' && part.parts.some((child) => child.type !== 'Literal')) {
          pieces.push({ text: /^\[[!^]?/.exec(part.text)![0], isQuoted: false, isSplit: false })
          for (const child of part.parts) yield* addPart(child, isQuoted, pieces)
          pieces.push({ text: ']', isQuoted: false, isSplit: false })
        } else pieces.push({ text: part.value, isQuoted, isSplit: false })
        return
      case 'SimpleExpansion':
        addParameter(part.text.slice(1), isQuoted, pieces)
        return
      case 'ParameterExpansion':
        yield* addParameterExpansion(part, isQuoted, pieces)
        return
      case 'CommandExpansion': {
        const output = yield* substitute({ script: part.script, text: part.text })
        pieces.push({ text: output.replace(/\n+$/, ''), isQuoted, isSplit: !isQuoted })
        return
      }
      case 'ArithmeticExpansion':
        pieces.push({ text: yield* arithmetic(part.text), isQuoted, isSplit: !isQuoted })
        return
      case 'ProcessSubstitution':
        throw new ShellError('syntax error: unexpected "("')
      case 'BraceExpansion':
      case 'ExtendedGlob':
        // busybox has neither: they are text, with what is expanded inside.
        if (!part.parts) pieces.push({ text: part.text, isQuoted: false, isSplit: false })
        else for (const child of part.parts) yield* addPart(child, isQuoted, pieces)
        return
    }
  }

  function addParameter(name: string, isQuoted: boolean, pieces: Piece[]): void {
    if (name === '@' || (name === '*' && !isQuoted)) {
      addList(state.positional, isQuoted, pieces)
      return
    }
    const value = parameterValue(name)
    if (value === undefined && state.options.nounset && name !== '@' && name !== '*')
      throw new ShellError(`${name}: parameter not set`)
    pieces.push({ text: value ?? '', isQuoted, isSplit: !isQuoted })
  }

  /** Each a field of its own: `"$@"`. */
  function addList(values: readonly string[], isQuoted: boolean, pieces: Piece[]): void {
    if (isQuoted && values.length === 0) {
      pieces.push('field-end')
      return
    }
    for (const [index, value] of values.entries()) {
      chargeText(16 + value.length)
      if (index > 0) pieces.push('field-end')
      pieces.push({ text: value, isQuoted, isSplit: !isQuoted })
    }
  }

  /** All as one: `"$*"`. */
  function joined(values: readonly string[]): string {
    const separator = state.get('IFS')
    return values.join(separator === undefined ? ' ' : separator.slice(0, 1))
  }

  function parameterValue(name: string): string | undefined {
    const value = valueOfParameter(name)
    chargeText(value?.length ?? 0)
    return value
  }

  function valueOfParameter(name: string): string | undefined {
    switch (name) {
      case '?':
        return String(state.status)
      case '$':
        return String(state.shellPid)
      case '#':
        return String(state.positional.length)
      case '!':
        return state.lastBackgroundPid === undefined ? '' : String(state.lastBackgroundPid)
      case '-':
        return optionString(state)
      case '0':
        return state.name
      case '@':
      case '*':
        return state.positional.length ? joined(state.positional) : undefined
    }
    if (/^\d+$/.test(name)) return state.positional[Number(name) - 1]
    return state.get(name)
  }

  function* addParameterExpansion(
    part: ParameterExpansionPart,
    isQuoted: boolean,
    pieces: Piece[],
  ): Generator<Wait, void, unknown> {
    const { parameter: name, operation } = part
    if (part.index && state.hasArrays) return yield* addElements(part, part.index, isQuoted, pieces)
    if (part.index || part.prefix === '!') throw new ShellError('syntax error: bad substitution')
    const add = (text: string): void => void pieces.push({ text, isQuoted, isSplit: !isQuoted })
    if (part.prefix === '#') {
      if (name === '@' || name === '*') return add(String(state.positional.length))
      const value = parameterValue(name)
      if (value === undefined && state.options.nounset) throw new ShellError(`${name}: parameter not set`)
      return add(String(countCodePoints(value ?? '')))
    }
    if (!operation) return addParameter(name, isQuoted, pieces)
    yield* addOperation(operation, parameterValue(name), isQuoted, pieces, {
      name,
      addWhole: () => addParameter(name, isQuoted, pieces),
      assign(text) {
        if (!/^[A-Za-z_]\w*$/.test(name)) throw new ShellError(`${name}: bad variable name`)
        state.set(name, text)
      },
    })
  }

  function* addOperation(
    operation: ParameterOperation,
    value: string | undefined,
    isQuoted: boolean,
    pieces: Piece[],
    { name, addWhole, assign }: { name: string; addWhole(): void; assign(text: string): void },
  ): Generator<Wait, void, unknown> {
    const add = (text: string): void => void pieces.push({ text, isQuoted, isSplit: !isQuoted })
    const required = (): string => {
      if (value === undefined && state.options.nounset) throw new ShellError(`${name}: parameter not set`)
      return value ?? ''
    }
    switch (operation.type) {
      case 'Default': {
        const { operator, operand } = operation
        const isMissing = value === undefined || (operator.startsWith(':') && value === '')
        const kind = operator[operator.length - 1]
        if (kind === '+') {
          if (!isMissing) pieces.push(...(yield* operandPieces(operand, isQuoted)))
          else if (!isQuoted) pieces.push({ text: '', isQuoted: false, isSplit: true })
          return
        }
        if (!isMissing) return addWhole()
        if (kind === '-') {
          pieces.push(...(yield* operandPieces(operand, isQuoted)))
          return
        }
        const text = join(yield* operandPieces(operand, isQuoted))
        if (kind === '?')
          throw new ShellError(
            `${name}: ${text || (operator === ':?' ? 'parameter not set or null' : 'parameter not set')}`,
          )
        assign(text)
        return add(text)
      }
      case 'Remove': {
        const pattern = patternOf(yield* piecesOf(operation.operand))
        const side = operation.operator[0] === '#' ? 'prefix' : 'suffix'
        return add(removeMatch(required(), pattern, side, operation.operator.length === 2))
      }
      case 'Replace': {
        const pattern = patternOf(yield* piecesOf(operation.pattern))
        return add(replaceMatch(required(), pattern, join(yield* piecesOf(operation.replacement)), operation.operator))
      }
      case 'Slice': {
        const text = required()
        const at = (n: bigint): number => Number(n < 0n ? BigInt(text.length) + n : n)
        const start = at(compute(join(yield* piecesOf(operation.offset))))
        const length = operation.length ? compute(join(yield* piecesOf(operation.length))) : undefined
        if (start < 0 || start > text.length) return add('')
        return add(
          text.slice(start, length === undefined ? undefined : length < 0n ? at(length) : start + Number(length)),
        )
      }
      default:
        throw new ShellError('syntax error: bad substitution')
    }
  }

  /** Of bash's arrays: `${a[1]}`, `${a[@]}`, `${#a[@]}`, `${!a[@]}`, `${a[@]:1:2}`, `${a[@]%.txt}`. */
  function* addElements(
    { parameter: name, operation, prefix }: ParameterExpansionPart,
    index: Word,
    isQuoted: boolean,
    pieces: Piece[],
  ): Generator<Wait, void, unknown> {
    const label = `${name}[${index.text}]`
    const elements = state.elements(name)
    const length = nextIndex(elements)
    charge(elements.size)
    const add = (text: string): void => void pieces.push({ text, isQuoted, isSplit: !isQuoted })
    if (index.text !== '@' && index.text !== '*') {
      if (prefix === '!') throw new ShellError(`\${!${label}}: bad substitution`, 1)
      const at = yield* indexOf(index, length)
      const value = elements.get(at)
      if (prefix === '#') return add(String(countCodePoints(value ?? '')))
      if (value === undefined && !operation && state.options.nounset)
        throw new ShellError(`${label}: unbound variable`, 127)
      if (!operation) return add(value ?? '')
      return yield* addOperation(operation, value, isQuoted, pieces, {
        name: label,
        addWhole: () => add(value ?? ''),
        assign: (text) => state.setElements(name, [...elements, [at, text]]),
      })
    }
    if (prefix === '#') return add(String(elements.size))
    let values = prefix === '!' ? [...elements.keys()].map(String) : [...elements.values()]
    if (operation?.type === 'Slice') {
      const offset = Number(compute(join(yield* piecesOf(operation.offset))))
      const most = operation.length ? Number(compute(join(yield* piecesOf(operation.length)))) : undefined
      if (most !== undefined && most < 0) throw new ShellError(`${most}: substring expression < 0`, 1)
      const from = offset < 0 ? length + offset : offset
      values = from < 0 ? [] : values.slice([...elements.keys()].filter((key) => key < from).length).slice(0, most)
    } else if (operation?.type === 'Default') {
      const whole = elements.size === 0 ? undefined : values.join(' ')
      const assign = (): never => {
        throw new ShellError(`${label}: bad array subscript`, 1)
      }
      const addWhole = (): void => addAll(index.text, values, isQuoted, pieces)
      return yield* addOperation(operation, whole, isQuoted, pieces, { name: label, addWhole, assign })
    } else if (operation) {
      const changed: string[] = []
      for (const value of values) {
        const own: Piece[] = []
        yield* addOperation(operation, value, true, own, { name: label, addWhole() {}, assign() {} })
        changed.push(join(own))
      }
      values = changed
    }
    addAll(index.text, values, isQuoted, pieces)
  }

  function addAll(subscript: string, values: readonly string[], isQuoted: boolean, pieces: Piece[]): void {
    if (isQuoted && subscript === '*') pieces.push({ text: joined(values), isQuoted, isSplit: false })
    else addList(values, isQuoted, pieces)
  }

  function* indexOf(word: Word, length: number): Generator<Wait, number, unknown> {
    const index = Number(compute(join(yield* piecesOf(word))))
    return index < 0 ? length + index : index
  }

  function* operandPieces(operand: Word, isQuoted: boolean): Generator<Wait, Piece[], unknown> {
    const pieces = yield* piecesOf(operand, isQuoted)
    if (isQuoted) return pieces
    // Unquoted text of a default value is split as the expansion is.
    if (!operand.parts) return [{ text: operand.value, isQuoted: false, isSplit: !/["'\\]/.test(operand.text) }]
    const result: Piece[] = []
    for (const [index, part] of operand.parts.entries()) {
      if (part.type !== 'Literal') continue
      if (part.text === part.value && operand.parts.length === pieces.length) {
        const piece = pieces[index]
        if (piece !== 'field-end') pieces[index] = { ...piece, isSplit: true, isQuoted: false }
      }
    }
    result.push(...pieces)
    return result
  }

  function compute(text: string): bigint {
    try {
      return evaluateArithmetic(text, {
        get(name) {
          const value = state.get(name)
          if (value === undefined && state.options.nounset) throw new ShellError(`${name}: parameter not set`)
          return value
        },
        set: (name, value) => state.set(name, value),
      })
    } catch (error) {
      if (error instanceof ArithmeticError) throw new ShellError(error.message)
      throw error
    }
  }

  function* arithmetic(text: string): Generator<Wait, string, unknown> {
    const inner = text.startsWith('$((') ? text.slice(3, -2) : text.slice(2, -1)
    return String(compute(/[$`"'\\]/.test(inner) ? yield* expandAsHereDoc(inner) : inner))
  }

  /** Expands a text as in double quotes: what arithmetic and here-documents need. */
  function* expandAsHereDoc(text: string): Generator<Wait, string, unknown> {
    const statement = parse(`:<<_END_OF_TEXT\n${text.replace(/"/g, '')}\n_END_OF_TEXT\n`).commands[0]
    const command = statement?.command
    const doc = command?.type === 'Command' ? command.redirects[0] : undefined
    if (doc?.type !== 'HereDoc') throw new ShellError('arithmetic syntax error')
    return (yield* hereDoc(doc)).replace(/\n$/, '')
  }

  function* hereDoc(doc: HereDoc): Generator<Wait, string, unknown> {
    if (doc.delimiter?.quoted || !doc.body.parts) {
      const text = doc.operator === '<<-' ? doc.body.text.replace(/^\t+/gm, '') : doc.body.text
      return doc.delimiter?.quoted ? text : text.replace(/\\([\\$`])/g, '$1').replace(/\\\n/g, '')
    }
    const pieces: Piece[] = []
    for (const part of doc.body.parts) {
      if (part.type === 'Literal' && doc.operator === '<<-')
        pieces.push({ text: part.value.replace(/^\t+/gm, ''), isQuoted: true, isSplit: false })
      else yield* addPart(part, true, pieces)
    }
    return join(pieces)
  }

  return {
    *fields(words) {
      const all: string[] = []
      for (const word of words) {
        const fields = splitFields(yield* piecesOf(word), state.get('IFS') ?? ' \t\n')
        for (const field of fields) {
          if (field.pattern === undefined || state.options.noglob || !hasGlob(field.pattern)) {
            all.push(field.text)
            continue
          }
          const paths = expandPathname(field.pattern, state.process.cwd, state.process.files)
          if (paths.length) all.push(...paths)
          else all.push(field.text)
        }
        if (all.length > maxFields) throw new ShellError('out of memory')
      }
      return all
    },
    *text(word) {
      return join(yield* piecesOf(word))
    },
    *pattern(word) {
      return patternOf(yield* piecesOf(word))
    },
    hereDoc,
    index: indexOf,
  }
}

/** Letters of the options that are on, as `$-` shows them. */
function optionString(state: ShellState): string {
  const { options } = state
  return `${options.errexit ? 'e' : ''}${options.noglob ? 'f' : ''}${state.isInteractive ? 'i' : ''}${options.xtrace ? 'x' : ''}${options.nounset ? 'u' : ''}`
}

function literal(value: string, text: string, isQuoted: boolean, state: ShellState): Piece {
  if (!isQuoted && text.startsWith('~')) {
    const [, user, rest] = /^~([^/]*)(.*)$/s.exec(value)!
    const home = user === '' ? state.get('HOME') : user === 'root' ? '/root' : undefined
    if (home !== undefined) return { text: home + rest, isQuoted: true, isSplit: false }
  }
  return { text: value, isQuoted: true, isSplit: false }
}

function join(pieces: readonly Piece[]): string {
  let text = ''
  for (const piece of pieces) text += piece === 'field-end' ? ' ' : piece.text
  chargeText(text.length)
  if (text.length > maxWord) throw new ShellError('out of memory')
  return text
}

function patternOf(pieces: readonly Piece[]): string {
  let pattern = ''
  for (const piece of pieces) chargeText(piece === 'field-end' ? 1 : 4 * piece.text.length)
  for (const piece of pieces)
    pattern += piece === 'field-end' ? ' ' : piece.isQuoted ? quotePattern(piece.text) : piece.text
  return pattern
}

interface Field {
  text: string
  /** Given when something unquoted in it may be special. */
  pattern?: string
}

function splitFields(pieces: readonly Piece[], ifs: string): Field[] {
  const fields: Field[] = []
  let text = ''
  let pattern = ''
  let mayGlob = false
  /** The field exists although it may be empty: something quoted is in it. */
  let isPresent = false
  let length = 0
  const end = (): void => {
    charge(2)
    if (isPresent || text !== '') fields.push(mayGlob ? { text, pattern } : { text })
    text = ''
    pattern = ''
    mayGlob = false
    isPresent = false
    if (fields.length > maxFields) throw new ShellError('out of memory')
  }
  const add = (part: string, isQuoted: boolean): void => {
    chargeText(2 * part.length)
    text += part
    pattern += isQuoted ? quotePattern(part) : part
    if (!isQuoted && /[*?[]/.test(part)) mayGlob = true
  }
  for (const piece of pieces) {
    if (piece === 'field-end') {
      end()
      continue
    }
    length += piece.text.length
    if (length > maxWord) throw new ShellError('out of memory')
    if (piece.isQuoted) isPresent = true
    if (!piece.isSplit || ifs === '') {
      add(piece.text, piece.isQuoted)
      continue
    }
    const value = piece.text
    chargeText(4 * value.length)
    let i = 0
    while (i < value.length) {
      let next = i
      while (next < value.length && !ifs.includes(value[next])) next++
      add(value.slice(i, next), false)
      if (next === value.length) break
      // One separator: white space around at most one other character of IFS.
      let hasMark = false
      while (next < value.length && ifs.includes(value[next])) {
        if (!/[ \t\n]/.test(value[next])) {
          if (hasMark) break
          hasMark = true
        }
        next++
      }
      if (hasMark) isPresent = true
      end()
      i = next
    }
  }
  end()
  return fields
}
