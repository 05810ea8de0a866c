/** Flags as kubectl reads them: declared as data, parsed with the wording of spf13/pflag. */
import { parseGoDuration } from '../api/meta/duration.ts'
import { KubectlError } from './errors.ts'

export type FlagType =
  | 'bool'
  | 'string'
  | 'int'
  | 'int32'
  | 'duration'
  | 'list'
  | 'array'
  | 'pairs'
  | 'map'
  | 'patterns'

export interface Flag {
  name: string
  /** One letter. */
  short?: string
  /** `list` splits at commas and may repeat; `array` may repeat and splits nothing; `pairs` and `map` are lists of `key=value`, told apart by their refusals; `patterns` are `name=1,…`. */
  type: FlagType
  /** The command is refused without it. */
  isRequired?: boolean
  /** Milliseconds for a duration. */
  default?: boolean | string | number
  /** The value of a bare `--flag`: such a flag takes a value only after `=`. */
  bare?: string
  help: string
  /** What to use instead: such a flag is told each time it is given, and is not in the help. */
  deprecated?: string
}

type FlagValue = boolean | string | number | string[]

/** The flags of a command line. Asking for a flag that was not declared is a bug. */
export class FlagValues {
  private readonly values = new Map<string, FlagValue>()
  private readonly texts: [string, string][] = []
  private readonly declared: ReadonlyMap<string, Flag>

  constructor(declared: ReadonlyMap<string, Flag>) {
    this.declared = declared
  }

  /** Whether it was given on the line. */
  has(name: string): boolean {
    return this.values.has(name)
  }

  /** Whether the command has such a flag at all. */
  knows(name: string): boolean {
    return this.declared.has(name)
  }

  typeOf(name: string): FlagType {
    return this.flag(name).type
  }

  bool(name: string): boolean {
    return Boolean(this.values.get(name) ?? this.flag(name).default ?? false)
  }

  string(name: string): string {
    return String(this.values.get(name) ?? this.flag(name).default ?? '')
  }

  /** Integers, and durations in milliseconds. */
  number(name: string): number {
    return Number(this.values.get(name) ?? this.flag(name).default ?? 0)
  }

  list(name: string): string[] {
    this.flag(name)
    const value = this.values.get(name)
    return Array.isArray(value) ? value : []
  }

  /** Flags as they were given, each time with its value. */
  given(): readonly (readonly [name: string, text: string])[] {
    return this.texts
  }

  set(flag: Flag, text: string, shown: string): void {
    this.texts.push([flag.name, text])
    const value = parseValue(flag, text, shown)
    const old = this.values.get(flag.name)
    this.values.set(flag.name, Array.isArray(value) && Array.isArray(old) ? [...old, ...value] : value)
  }

  private flag(name: string): Flag {
    const flag = this.declared.get(name)
    if (!flag) throw new Error(`flag --${name} is not declared`)
    return flag
  }
}

export interface ParsedLine {
  flags: FlagValues
  /** Words that are no flags, those before `--`. */
  args: string[]
  /** Words after `--`, undefined without one. */
  afterDash?: string[]
  /** Lines about deprecated flags, for stderr. */
  warnings: string
}

/**
 * Reads flags and arguments, which may be mixed.
 * @param path `kubectl get`, for the line that points to the help
 * @param refusal how a wrong use is told
 * @throws KubectlError worded as pflag words it
 */
export function parseFlags(
  words: readonly string[],
  flags: readonly Flag[],
  path: string,
  refusal = (message: string): KubectlError => new KubectlError(`${message}\nSee '${path} --help' for usage.`),
): ParsedLine {
  const byName = new Map(flags.map((flag) => [flag.name, flag]))
  const byShort = new Map(flags.flatMap((flag) => (flag.short ? [[flag.short, flag] as const] : [])))
  const values = new FlagValues(byName)
  const args: string[] = []
  let warnings = ''
  const fail = (message: string): never => {
    throw refusal(message)
  }
  const set = (flag: Flag, text: string): void => {
    const shown = flag.short ? `-${flag.short}, --${flag.name}` : `--${flag.name}`
    const problem = valueProblem(flag, text)
    if (problem) fail(`invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${problem}`)
    values.set(flag, text, shown)
    if (flag.deprecated) warnings += `Flag --${flag.name} has been deprecated, ${flag.deprecated}\n`
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (word === '--') return { flags: values, args, afterDash: words.slice(i + 1), warnings }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
      const flag = byName.get(name)
      if (!flag) return fail(`unknown flag: --${name}`)
      const bare = bareValue(flag)
      if (equals >= 0) set(flag, word.slice(equals + 1))
      else if (bare !== undefined) set(flag, bare)
      else if (i + 1 < words.length) set(flag, words[++i])
      else fail(`flag needs an argument: --${name}`)
    } else if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const flag = byShort.get(word[at])
        if (!flag) return fail(`unknown shorthand flag: '${word[at]}' in ${word}`)
        const bare = bareValue(flag)
        const rest = word.slice(at + 1)
        if (/^=./.test(rest)) set(flag, rest.slice(1))
        else if (bare !== undefined) {
          set(flag, bare)
          continue
        } else if (rest) set(flag, rest)
        else if (i + 1 < words.length) set(flag, words[++i])
        else fail(`flag needs an argument: '${word[at]}' in ${word}`)
        break
      }
    } else args.push(word)
  }
  return { flags: values, args, warnings }
}

const bareValue = (flag: Flag): string | undefined => flag.bare ?? (flag.type === 'bool' ? 'true' : undefined)

/** The texts that Go takes for a bool. */
export const isTrue = (text: string): boolean => TRUE.has(text)
export const isFalse = (text: string): boolean => FALSE.has(text)

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

/** Why the text is no value of the flag, in Go's words; undefined when it is one. */
function valueProblem(flag: Flag, text: string): string | undefined {
  switch (flag.type) {
    case 'bool':
      return isTrue(text) || isFalse(text)
        ? undefined
        : `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`
    case 'int':
      return integerProblem(text, 64n)
    case 'int32':
      return integerProblem(text, 32n)
    case 'pairs':
      return text.split(',').every((pair) => pair === '' || pair.includes('='))
        ? undefined
        : 'malformed pair, expect string=string'
    case 'map': {
      const odd = text.split(',').find((pair) => pair !== '' && !pair.includes('='))
      return odd === undefined ? undefined : `${odd} must be formatted as key=value`
    }
    case 'patterns':
      return text.split(',').every((pattern) => pattern === '' || /^[^=]+=[+-]?\d+$/.test(pattern))
        ? undefined
        : 'syntax error: expect comma-separated list of filename=N'
    case 'duration':
      return parseGoDuration(text) === undefined ? durationProblem(text) : undefined
    default:
      return undefined
  }
}

/** As Go's strconv.ParseInt words it for a number of so many bits. */
function integerProblem(text: string, bits: bigint): string | undefined {
  const where = `strconv.ParseInt: parsing ${JSON.stringify(text)}`
  const value = parseInteger(text)
  if (value === undefined) return `${where}: invalid syntax`
  return BigInt.asIntN(Number(bits), value) === value ? undefined : `${where}: value out of range`
}

/** An integer as Go reads it without a given base: `0x10`, `0o17`, `017`, `1_000`. */
function parseInteger(text: string): bigint | undefined {
  const [, sign, digits] = /^([+-]?)(\w+)$/.exec(text) ?? []
  if (
    digits === undefined ||
    !/^(0[xX]_?[\da-fA-F]+(_[\da-fA-F]+)*|0[bB]_?[01]+(_[01]+)*|0[oO]?_?[0-7]+(_[0-7]+)*|0|[1-9]\d*(_\d+)*)$/.test(
      digits,
    )
  )
    return undefined
  const plain = digits.replaceAll('_', '').replace(/^0(?=\d)/, '0o')
  return BigInt(plain) * (sign === '-' ? -1n : 1n)
}

/** As Go's time.ParseDuration words it: the first number whose unit is none. */
function durationProblem(text: string): string {
  const where = `duration ${JSON.stringify(text)}`
  const [, unit] = /^[+-]?(?:[\d.]+(?:ns|us|µs|ms|s|m|h)(?=[\d.]|$))*(?:\d+\.?\d*|\.\d+)([^\d.]*)/.exec(text) ?? []
  if (unit === undefined) return `time: invalid ${where}`
  return unit === '' ? `time: missing unit in ${where}` : `time: unknown unit ${JSON.stringify(unit)} in ${where}`
}

function parseValue(flag: Flag, text: string, shown: string): FlagValue {
  switch (flag.type) {
    case 'bool':
      return isTrue(text)
    case 'int':
    case 'int32':
      return Number(parseInteger(text))
    case 'duration': {
      const ms = parseGoDuration(text)
      if (ms === undefined) throw new Error(`flag ${shown}: ${text}`)
      return ms
    }
    case 'list':
    case 'pairs':
    case 'map':
      return text === '' ? [] : text.split(',')
    case 'array':
      return [text]
    default:
      return text
  }
}
