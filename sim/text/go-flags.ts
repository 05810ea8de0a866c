/** The flags of a program that Go wrote, read as it reads them. Sources: github.com/spf13/pflag, Go's package flag */

export type FlagType = 'bool' | 'int' | 'float' | 'duration' | 'ip' | 'text'

/** The flags that a program knows, by what they take. */
export type FlagNames = Readonly<Partial<Record<FlagType, readonly string[]>>>

/** How a library of flags words what is wrong, and how flags are written. */
export interface FlagStyle {
  unknown(name: string): string
  /** @param value as it was given */
  invalid(name: string, value: string, type: FlagType): string
  missing(name: string): string
  /** Flags of one letter, where a single dash stands before no others. */
  readonly shorthands?: ReadonlySet<string>
}

/** Flags by name; the last one wins. Or why they can't be read. */
export type ReadFlags = { flags: ReadonlyMap<string, string>; positional: readonly string[] } | { error: string }

/** Of Kubernetes' programs. */
export const pflagStyle: FlagStyle = {
  unknown: (name) => `unknown flag: --${name}`,
  invalid: (name, value, type) =>
    `invalid argument ${JSON.stringify(value)} for "--${name}" flag: ${pflagProblems[type](value)}`,
  missing: (name) => `flag needs an argument: --${name}`,
  shorthands: new Set(['h', 'v']),
}

const syntaxProblem =
  (parser: string) =>
  (value: string): string =>
    `strconv.${parser}: parsing ${JSON.stringify(value)}: invalid syntax`

const pflagProblems: Readonly<Record<FlagType, (value: string) => string>> = {
  bool: syntaxProblem('ParseBool'),
  int: syntaxProblem('ParseInt'),
  float: syntaxProblem('ParseFloat'),
  duration: (value) => `time: invalid duration ${JSON.stringify(value)}`,
  ip: (value) => `failed to parse IP: ${JSON.stringify(value)}`,
  text: () => '',
}

/** Of etcd. */
export const goFlagStyle: FlagStyle = {
  unknown: (name) => `flag provided but not defined: -${name}`,
  invalid: (name, value, type) =>
    `invalid ${type === 'bool' ? 'boolean ' : ''}value ${JSON.stringify(value)} for ${type === 'bool' ? '' : 'flag '}-${name}: parse error`,
  missing: (name) => `flag needs an argument: -${name}`,
}

const readable: Readonly<Record<FlagType, RegExp>> = {
  bool: /^(1|t|T|true|TRUE|True|0|f|F|false|FALSE|False)$/,
  int: /^[+-]?(0[xX][\da-fA-F]+|\d+)$/,
  float: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/,
  duration: /^[+-]?(0|(\d+\.?\d*(ns|us|µs|ms|s|m|h))+)$/,
  ip: /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}|[\da-fA-F:]*:[\da-fA-F:.]*)$/,
  text: /^/,
}

/**
 * Reads the words behind a program's name: `--name=value`, `--name value`, `--bool`, `-v 4`; `--` ends the flags.
 * @returns the first word that is wrong, in the words of `style`
 */
export function readFlags(words: readonly string[], known: FlagNames, style: FlagStyle): ReadFlags {
  const types = new Map<string, FlagType>()
  for (const [type, names] of Object.entries(known)) for (const name of names) types.set(name, type as FlagType)
  const flags = new Map<string, string>()
  const positional: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (word === '--') return { flags, positional: [...positional, ...words.slice(at + 1)] }
    const [, written, , inline] = /^--?([^=]+)(=([\s\S]*))?$/.exec(word) ?? []
    if (written === undefined) {
      positional.push(word)
      continue
    }
    if (style.shorthands && word[1] !== '-' && !style.shorthands.has(written))
      return { error: `unknown shorthand flag: '${written[0]}' in ${word}` }
    const name = word === '-h' ? 'help' : written.replaceAll('_', '-')
    const type = types.get(name)
    if (!type) return { error: style.unknown(name) }
    const value = inline ?? (type === 'bool' ? 'true' : words[++at])
    if (value === undefined) return { error: style.missing(name) }
    if (!readable[type].test(value)) return { error: style.invalid(name, value, type) }
    flags.set(name, value)
  }
  return { flags, positional }
}
