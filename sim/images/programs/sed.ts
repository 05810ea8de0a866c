/** sed: addresses, s, d, p, q, a, i, c, y, n, =, with -n, -e, -E, -i. */
import type { Program } from '../../runtime/process.ts'
import { compileRegex, RegexError } from './regex.ts'
import { attempt, complain, linesOf, pathOf, readFile, readInputs, withOptions } from './support.ts'

type Address =
  | { kind: 'line'; number: number }
  | { kind: 'last' }
  | { kind: 'regex'; regex: RegExp }
  | { kind: 'plus'; count: number }

interface Command {
  addresses: Address[]
  isNegated: boolean
  name: string
  text: string
  regex?: RegExp
  replacement?: string
  isPrinted?: boolean
  nth?: number
  isGlobal?: boolean
  from?: string
  to?: string
  /** Where a range began, while in it. */
  rangeEnd?: number | 'open'
}

class SedError extends Error {
  override readonly name = 'SedError'
}

function parseScript(script: string, isExtended: boolean): Command[] {
  const commands: Command[] = []
  let i = 0
  const readDelimited = (delimiter: string, isRegex: boolean): string => {
    let text = ''
    let isInSet = false
    for (; i < script.length; i++) {
      const char = script[i]
      if (char === '\\' && i + 1 < script.length) {
        const next = script[++i]
        text +=
          next === delimiter && delimiter !== '\\'
            ? isRegex && /[.*[\]^$+?(){}|]/.test(next)
              ? `\\${next}`
              : next
            : `\\${next}`
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
    throw new SedError(`unterminated ${isRegex ? 'address regex' : 's'} command`)
  }
  const compile = (pattern: string, flags = ''): RegExp => {
    try {
      return compileRegex(pattern, { isExtended, ignoresCase: /[iI]/.test(flags), isGlobal: true })
    } catch (error) {
      if (error instanceof RegexError) throw new SedError(`bad regex '${pattern}': ${error.message}`)
      throw error
    }
  }
  const readAddress = (): Address | undefined => {
    const number = /^\d+/.exec(script.slice(i))
    if (number) {
      i += number[0].length
      return { kind: 'line', number: Number(number[0]) }
    }
    if (script[i] === '$') {
      i++
      return { kind: 'last' }
    }
    const plus = /^\+(\d+)/.exec(script.slice(i))
    if (plus) {
      i += plus[0].length
      return { kind: 'plus', count: Number(plus[1]) }
    }
    if (script[i] !== '/') return undefined
    i++
    const pattern = readDelimited('/', true)
    const flag = /^I/.exec(script.slice(i))
    if (flag) i++
    return { kind: 'regex', regex: compile(pattern, flag ? 'i' : '') }
  }
  while (i < script.length) {
    if (/[\s;]/.test(script[i])) {
      i++
      continue
    }
    if (script[i] === '#') {
      const end = script.indexOf('\n', i)
      i = end < 0 ? script.length : end
      continue
    }
    const command: Command = { addresses: [], isNegated: false, name: '', text: '' }
    const first = readAddress()
    if (first) {
      command.addresses.push(first)
      if (script[i] === ',') {
        i++
        const second = readAddress()
        if (!second) throw new SedError('no address after comma')
        command.addresses.push(second)
      }
    }
    while (/[\s!]/.test(script[i] ?? '')) if (script[i++] === '!') command.isNegated = true
    command.name = script[i++] ?? ''
    if (command.name === 's') {
      const delimiter = script[i++]
      const pattern = readDelimited(delimiter, true)
      command.replacement = readDelimited(delimiter, false)
      const flags = /^[gpiIe0-9]*/.exec(script.slice(i))![0]
      i += flags.length
      command.regex = compile(pattern, flags)
      command.isGlobal = flags.includes('g')
      command.isPrinted = flags.includes('p')
      command.nth = Number(/\d+/.exec(flags)?.[0] ?? 1)
    } else if (command.name === 'y') {
      const delimiter = script[i++]
      command.from = readDelimited(delimiter, false)
      command.to = readDelimited(delimiter, false)
    } else if ('aic'.includes(command.name) && command.name !== '') {
      const end = script.indexOf('\n', script.startsWith('\\\n', i) ? i + 2 : i)
      command.text = script.slice(i, end < 0 ? undefined : end).replace(/^\s*(?:\\\n?)?/, '')
      i = end < 0 ? script.length : end
    } else if (command.name === 'q' || command.name === 'Q') {
      const code = /^\s*(\d+)/.exec(script.slice(i))
      command.text = code?.[1] ?? '0'
      i += code?.[0].length ?? 0
    } else if (!['d', 'p', '=', 'n', 'N', 'D', 'P', 'h', 'H', 'g', 'G', 'x'].includes(command.name)) {
      throw new SedError(command.name === '' ? 'missing command' : `unsupported command ${command.name}`)
    }
    commands.push(command)
  }
  return commands
}

function replace(line: string, command: Command): string | undefined {
  const regex = command.regex!
  regex.lastIndex = 0
  let count = 0
  let hasChanged = false
  const result = line.replace(regex, (...args) => {
    count++
    const match = args[0] as string
    if (count < command.nth! || (count > command.nth! && !command.isGlobal)) return match
    hasChanged = true
    return command.replacement!.replace(/\\([\s\S])|&/g, (whole, escaped?: string) => {
      if (whole === '&') return match
      if (/\d/.test(escaped!))
        return escaped === '0'
          ? match
          : typeof args[Number(escaped)] === 'string'
            ? (args[Number(escaped)] as string)
            : ''
      return escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped!
    })
  })
  return hasChanged ? result : undefined
}

function edit(text: string, commands: readonly Command[], isQuiet: boolean): { output: string; exitCode?: number } {
  const lines = linesOf(text)
  const endsWithNewline = text.endsWith('\n') || text === ''
  let output = ''
  let hold = ''
  const matches = (address: Address, number: number, line: string): boolean => {
    if (address.kind === 'line') return number === address.number
    if (address.kind === 'last') return number === lines.length
    if (address.kind === 'plus') return false
    address.regex.lastIndex = 0
    return address.regex.test(line)
  }
  const selects = (command: Command, number: number, line: string): boolean => {
    const [from, to] = command.addresses
    if (!from) return true
    if (!to) return matches(from, number, line)
    if (command.rangeEnd === undefined) {
      if (!matches(from, number, line)) return false
      if (to.kind === 'line' && to.number <= number) return true
      command.rangeEnd = to.kind === 'line' ? to.number : to.kind === 'plus' ? number + to.count : 'open'
      if (command.rangeEnd === number) command.rangeEnd = undefined
      return true
    }
    if (command.rangeEnd === 'open' ? matches(to, number, line) : number >= command.rangeEnd)
      command.rangeEnd = undefined
    return true
  }
  for (let index = 0; index < lines.length; index++) {
    let line = lines[index]
    let isDeleted = false
    let appended = ''
    let quit: number | undefined
    for (const command of commands) {
      if (selects(command, index + 1, line) === command.isNegated) continue
      if (command.name === 's') {
        const changed = replace(line, command)
        if (changed === undefined) continue
        line = changed
        if (command.isPrinted) output += `${line}\n`
      } else if (command.name === 'd') isDeleted = true
      else if (command.name === 'p') output += `${line}\n`
      else if (command.name === 'P') output += `${line.split('\n')[0]}\n`
      else if (command.name === '=') output += `${index + 1}\n`
      else if (command.name === 'a') appended += `${command.text}\n`
      else if (command.name === 'i') output += `${command.text}\n`
      else if (command.name === 'c') {
        if (command.rangeEnd === undefined) output += `${command.text}\n`
        isDeleted = true
      } else if (command.name === 'y')
        line = [...line]
          .map((char) => {
            const at = command.from!.indexOf(char)
            return at < 0 ? char : command.to![at]
          })
          .join('')
      else if (command.name === 'n') {
        if (!isQuiet) output += `${line}\n`
        if (index + 1 >= lines.length) isDeleted = true
        else line = lines[++index]
      } else if (command.name === 'N') {
        if (index + 1 < lines.length) line += `\n${lines[++index]}`
      } else if (command.name === 'h') hold = line
      else if (command.name === 'H') hold += `\n${line}`
      else if (command.name === 'g') line = hold
      else if (command.name === 'G') line += `\n${hold}`
      else if (command.name === 'x') [line, hold] = [hold, line]
      else if (command.name === 'q' || command.name === 'Q') {
        quit = Number(command.text)
        if (command.name === 'Q') isDeleted = true
      }
      if (isDeleted || quit !== undefined) break
    }
    if (!isDeleted && !isQuiet) output += `${line}\n`
    output += appended
    if (quit !== undefined) return { output, exitCode: quit }
  }
  return { output: endsWithNewline || !output.endsWith('\n') ? output : output.slice(0, -1) }
}

const sed = withOptions(
  'ne:Erif:s',
  function* (process, options) {
    const { rest } = options
    const scripts = [...options.values('e'), ...options.values('f').map((path) => readFile(process, path) ?? '')]
    if (scripts.length === 0) {
      const script = rest.shift()
      if (script === undefined) {
        process.stderr.write(
          'BusyBox v1.36.1 multi-call binary.\n\nUsage: sed [-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\nor: sed [-i[SFX]] [-nrE] CMD [FILE]...\n',
        )
        return 1
      }
      scripts.push(script)
    }
    const isExtended = options.has('E') || options.has('r')
    let parse: () => Command[]
    try {
      parseScript(scripts.join('\n'), isExtended)
      parse = () => parseScript(scripts.join('\n'), isExtended)
    } catch (error) {
      if (!(error instanceof SedError)) throw error
      complain(process, error.message)
      return 1
    }
    if (!options.has('i')) {
      const { text, failed } = yield* readInputs(process, rest)
      const { output, exitCode } = edit(text, parse(), options.has('n'))
      process.stdout.write(output)
      return exitCode ?? (failed ? 1 : 0)
    }
    let status = 0
    for (const path of rest) {
      attempt(
        () => {
          const text = process.files.read(pathOf(process, path))
          process.files.write(pathOf(process, path), edit(text, parse(), options.has('n')).output)
        },
        (error) => {
          complain(process, `${path}: ${error.message}`)
          status = 1
        },
      )
    }
    return status
  },
  { longNames: { 'in-place': 'i', 'regexp-extended': 'E', quiet: 'n', expression: 'e:' } },
)

export const sedProgram: Program = sed
