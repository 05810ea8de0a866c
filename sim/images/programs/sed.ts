/** sed: edits lines by a script, with -n, -e, -f, -E, -i, -s. */
import { charge, chargeText } from '../../engine/work.ts'
import { FileError } from '../../runtime/files.ts'
import type { Process, Program, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { type Regex, RegexError } from '../../text/regex.ts'
import { type Address, type Command, parseScript, SedError, type Substitution } from './sed-script.ts'
import { attempt, complain, linesOf, pathOf, readFile, readInputs, withOptions } from './support.ts'

/** Commands run before the script has to wait for its turn again: a loop without end then takes time, not the simulator. */
const commandsPerTurn = 20_000
/** Of computing. */
const stepsOfCommand = 5
const stepsOfMatch = 1
/** Characters that pattern and hold space may have. */
const mostText = 512 * 1024
/** Characters that it prints in all. */
const mostOutput = 20_000_000

class Editor {
  private readonly process: Process
  private readonly commands: readonly Command[]
  private readonly isQuiet: boolean
  /** Where a range that began ends; by command. */
  private readonly ranges = new Map<Command, number | 'open'>()
  private lastRegex: Regex | undefined
  private hold = ''
  private output = ''
  private turns = 0

  constructor(process: Process, commands: readonly Command[], isQuiet: boolean) {
    this.process = process
    this.commands = commands
    this.isQuiet = isQuiet
  }

  /** Edits a text. Throws SedError and RegexError. */
  *edit(text: string): Generator<Wait, { output: string; exitCode?: number }, unknown> {
    const lines = linesOf(text)
    const endsWithNewline = text.endsWith('\n') || text === ''
    this.output = ''
    let exitCode: number | undefined
    let index = 0
    let line = ''
    let isRestarted = false
    while (index < lines.length && exitCode === undefined) {
      if (!isRestarted) line = lines[index]
      isRestarted = false
      let isPrinted = !this.isQuiet
      let appended = ''
      let isSubstituted = false
      for (let at = 0; at < this.commands.length; at++) {
        charge(stepsOfCommand)
        chargeText(line.length)
        if (++this.turns % commandsPerTurn === 0) {
          if (this.output.length > mostOutput) throw new SedError('out of memory')
          yield* waitFor(this.process.cpu(10))
        }
        const command = this.commands[at]
        if (this.selects(command, index + 1, line, lines.length) === command.isNegated) {
          if (command.name === '{') at = (command.target ?? 0) - 1
          continue
        }
        const { name } = command
        if (line.length + this.hold.length > mostText) throw new SedError('out of memory')
        if (name === 's') {
          const changed = this.substitute(line, command.substitution!)
          if (changed === undefined) continue
          line = changed
          isSubstituted = true
          if (command.substitution!.isPrinted) this.output += `${line}\n`
          if (command.substitution!.file) this.writeTo(command.substitution!.file, line)
        } else if (name === 'd' || (name === 'D' && !line.includes('\n'))) {
          isPrinted = false
          break
        } else if (name === 'D') {
          line = line.slice(line.indexOf('\n') + 1)
          isPrinted = false
          isRestarted = true
          break
        } else if (name === 'p') this.output += `${line}\n`
        else if (name === 'P') this.output += `${line.split('\n')[0]}\n`
        else if (name === 'l')
          this.output += `${line.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n')}$\n`
        else if (name === '=') this.output += `${index + 1}\n`
        else if (name === 'a') appended += `${command.text}\n`
        else if (name === 'i') this.output += `${command.text}\n`
        else if (name === 'r') {
          const path = pathOf(this.process, command.text)
          if (this.process.files.exists(path)) appended += this.process.files.read(path)
        } else if (name === 'w') this.writeTo(command.text, line)
        else if (name === 'c') {
          // A range is replaced as a whole, at its end.
          if (!this.ranges.has(command) || command.isNegated) this.output += `${command.text}\n`
          isPrinted = false
          break
        } else if (name === 'y') line = [...line].map((char) => command.translation!.get(char) ?? char).join('')
        else if (name === 'n') {
          if (index + 1 >= lines.length) break
          if (!this.isQuiet) this.output += `${line}\n`
          this.output += appended
          appended = ''
          line = lines[++index]
        } else if (name === 'N') {
          if (index + 1 >= lines.length) break
          line += `\n${lines[++index]}`
        } else if (name === 'h') this.hold = line
        else if (name === 'H') this.hold += `\n${line}`
        else if (name === 'g') line = this.hold
        else if (name === 'G') line += `\n${this.hold}`
        else if (name === 'x') [line, this.hold] = [this.hold, line]
        else if (name === 'b' || (name === 't' && isSubstituted) || (name === 'T' && !isSubstituted)) {
          at = command.target! - 1
          isSubstituted = false
        } else if (name === 't') isSubstituted = false
        else if (name === 'q' || name === 'Q') {
          exitCode = Number(command.text)
          if (name === 'Q') isPrinted = false
          break
        }
      }
      if (isPrinted) this.output += `${line}\n`
      this.output += appended
      if (!isRestarted) index++
    }
    const { output } = this
    return { output: endsWithNewline || !output.endsWith('\n') ? output : output.slice(0, -1), exitCode }
  }

  private writeTo(path: string, line: string): void {
    if (path === '/dev/stdout') this.output += `${line}\n`
    else if (path === '/dev/stderr') this.process.stderr.write(`${line}\n`)
    else this.process.files.write(pathOf(this.process, path), `${line}\n`, { append: true })
  }

  private matches(address: Address, number: number, line: string, last: number): boolean {
    if (address.kind === 'line') return number === address.number
    if (address.kind === 'last') return number === last
    if (address.kind === 'step')
      return address.step === 0
        ? number === address.first
        : number >= address.first && (number - address.first) % address.step === 0
    return address.kind === 'regex' && this.used(address.regex).test(line)
  }

  private used(regex: Regex | undefined): Regex {
    const found = regex ?? this.lastRegex
    if (!found) throw new SedError('no previous regexp')
    this.lastRegex = found
    return found
  }

  private selects(command: Command, number: number, line: string, last: number): boolean {
    const [from, to] = command.addresses
    if (!from) return true
    if (!to) return this.matches(from, number, line, last)
    const end = this.ranges.get(command)
    if (end === undefined) {
      // `0,/x/` may end on the first line already.
      const isFromStart = from.kind === 'line' && from.number === 0 && number === 1
      if (!isFromStart && !this.matches(from, number, line, last)) return false
      if (isFromStart && to.kind === 'regex' && this.used(to.regex).test(line)) return true
      const ends = to.kind === 'line' ? to.number : to.kind === 'plus' ? number + to.count : 'open'
      if (ends === 'open' ? to.kind !== 'last' || number !== last : ends > number) this.ranges.set(command, ends)
      return true
    }
    if (end === 'open' ? this.matches(to, number, line, last) : number >= end) this.ranges.delete(command)
    return end === 'open' || number <= end
  }

  private substitute(line: string, substitution: Substitution): string | undefined {
    let result = ''
    let at = 0
    let count = 0
    for (const match of this.used(substitution.regex).matches(line)) {
      charge(stepsOfMatch)
      if (++count < substitution.nth) continue
      result += line.slice(at, match.index)
      for (const part of substitution.replacement)
        result += typeof part === 'string' ? part : (match.groups[part] ?? '')
      at = match.end
      if (result.length > mostText) throw new SedError('out of memory')
      if (!substitution.isGlobal) break
    }
    return count < substitution.nth ? undefined : result + line.slice(at)
  }
}

/** What `-i.bak`, `-Ei~` and `--in-place=.bak` put behind the name of the file that is kept; '' for none. Source: sed(1), -i[SUFFIX] */
function suffixOf(word: string): string | undefined {
  const [, short, long] = /^(?:-[nErs]*i(.*)|--in-place(?:=(.*))?)$/s.exec(word) ?? []
  return short ?? long
}

/** Where the file is kept: `*` in the suffix stands for its name. */
const keptAs = (path: string, suffix: string): string => {
  const slash = path.lastIndexOf('/') + 1
  const name = path.slice(slash)
  if (!suffix.includes('*')) return `${path}${suffix}`
  const kept = suffix.replaceAll('*', name)
  return kept.includes('/') ? kept : `${path.slice(0, slash)}${kept}`
}

/** Where among the words the option is that edits files; -1 without one. */
function placeOfInPlace(words: readonly string[]): number {
  const end = words.indexOf('--')
  return words.findIndex((word, i) => (end < 0 || i < end) && suffixOf(word) !== undefined)
}

/** The suffix belongs to its option: no other letter follows it. */
function withoutSuffix(words: readonly string[]): readonly string[] {
  const at = placeOfInPlace(words)
  const suffix = at < 0 ? '' : suffixOf(words[at])!
  return suffix ? words.with(at, words[at].startsWith('--') ? '-i' : words[at].slice(0, -suffix.length)) : words
}

export const sedProgram: Program = withOptions(
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
    try {
      const commands = parseScript(scripts.join('\n'), options.has('E') || options.has('r'))
      const isQuiet = options.has('n')
      if (!options.has('i')) {
        const { text, failed } = yield* readInputs(process, rest)
        const { output, exitCode } = yield* new Editor(process, commands, isQuiet).edit(text)
        process.stdout.write(output)
        return exitCode ?? (failed ? 1 : 0)
      }
      const words = process.argv.slice(1)
      const suffix = suffixOf(words[placeOfInPlace(words)] ?? '') ?? ''
      let status = 0
      for (const path of rest) {
        const report = (error: FileError): void => {
          complain(process, `${path}: ${error.message}`)
          status = 1
        }
        const text = attempt(() => process.files.read(pathOf(process, path)), report)
        if (text === undefined) continue
        const { output } = yield* new Editor(process, commands, isQuiet).edit(text)
        if (suffix) attempt(() => process.files.write(pathOf(process, keptAs(path, suffix)), text), report)
        attempt(() => process.files.write(pathOf(process, path), output), report)
      }
      return status
    } catch (error) {
      if (!(error instanceof SedError || error instanceof RegexError || error instanceof FileError)) throw error
      complain(process, error.message)
      return 1
    }
  },
  {
    longNames: { 'in-place': 'i', 'regexp-extended': 'E', quiet: 'n', silent: 'n', expression: 'e:' },
    words: withoutSuffix,
  },
)
