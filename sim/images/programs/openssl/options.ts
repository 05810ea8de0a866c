/** Options as the commands of openssl read them. Source: openssl(1), OpenSSL 3.0 apps/lib/opt.c */
import { notSimulated, Stop } from './stop.ts'

export interface OptionNames {
  /** Those without a value. */
  readonly flags?: string
  /** Those with one. */
  readonly values?: string
  /** Those with a number. */
  readonly numbers?: string
  /** What the real command has besides, and this one refuses. */
  readonly refused: string
  /** What it calls a name that it does not know. */
  readonly unknown: 'Unknown option: -' | 'Unknown cipher: ' | 'Unknown option or message digest: '
  /** How many words may stand behind the options; none unless told. */
  readonly words?: number
  /** It looks for a cipher or a digest of that name first, and tells of it. */
  readonly isFetched?: boolean
  /** It does not point to its help then. */
  readonly hasNoHelp?: boolean
  /** A name that it does not know may be a digest: what knows better. */
  readonly isDigest?: (name: string) => boolean
}

export interface Given {
  /** The options in their order, with their values. */
  readonly options: readonly (readonly [name: string, value: string])[]
  readonly words: readonly string[]
  has(name: string): boolean
  value(name: string): string | undefined
  values(name: string): readonly string[]
  number(name: string): number | undefined
}

/** Options that each command with random numbers or providers has. */
const everywhere = 'engine provider provider-path propquery rand writerand help'
const digests =
  'md5 sha1 sha224 sha256 sha384 sha512 sha3-224 sha3-256 sha3-384 sha3-512 blake2b512 blake2s256 ripemd160 sm3'
const ciphers =
  'aes128 aes192 aes256 aes-128-cbc aes-192-cbc aes-256-cbc des des3 camellia128 camellia192 camellia256 aria256'

const listOf = (names = ''): string[] => names.split(' ').filter(Boolean)

/** @throws Stop */
export function readOptions(command: string, words: readonly string[], names: OptionNames): Given {
  const flags = listOf(names.flags)
  const values = listOf(names.values)
  const numbers = listOf(names.numbers)
  const refused = [...listOf(names.refused), ...listOf(everywhere)]
  if (names.unknown === 'Unknown cipher: ') refused.push(...listOf(ciphers))
  const help = `${command}: Use -help for summary.`
  const options: [string, string][] = []
  let at = 0
  for (; at < words.length && /^-./.test(words[at]); at++) {
    const word = words[at]
    if (word === '--') {
      at++
      break
    }
    const [, name, inline] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? ['', '', undefined]
    if (flags.includes(name) && inline === undefined) options.push([name, ''])
    else if (values.includes(name) || numbers.includes(name)) {
      const value = inline ?? words[++at]
      if (value === undefined) throw new Stop(`${command}: Option -${name} needs a value`, { last: [help] })
      if (numbers.includes(name)) readNumber(command, value)
      options.push([name, value])
    } else if (refused.includes(name)) throw notSimulated(command, `-${name}`)
    else if (names.isDigest?.(name)) options.push([name, ''])
    else if (names.isDigest && listOf(digests).includes(name)) throw notSimulated(command, `-${name}`)
    else throw unknownOption(command, word.replace(/^--?/, ''), names)
  }
  const rest = words.slice(at)
  if (rest.length > (names.words ?? 0)) throw new Stop(help)
  const valuesOf = (name: string): string[] => options.filter(([key]) => key === name).map(([, value]) => value)
  return {
    options,
    words: rest,
    has: (name) => options.some(([key]) => key === name),
    value: (name) => valuesOf(name).at(-1),
    values: valuesOf,
    number: (name) => {
      const value = valuesOf(name).at(-1)
      return value === undefined ? undefined : readNumber(command, value)
    },
  }
}

function unknownOption(command: string, name: string, { unknown, isFetched, hasNoHelp }: OptionNames): Stop {
  const help = hasNoHelp ? '' : `\n${command}: Use -help for summary.`
  const queue = isFetched
    ? [
        `error:0308010C:digital envelope routines:inner_evp_generic_fetch:unsupported:../crypto/evp/evp_fetch.c:386:Global default library context, Algorithm (${name} : 0), Properties (<null>)`,
      ]
    : []
  return new Stop(`${command}: ${unknown}${name}${help}`, { queue })
}

/** A whole number as strtol reads it. @throws Stop for what is none */
export function readNumber(command: string, text: string, last = [`${command}: Use -help for summary.`]): number {
  const [, sign, digits] = /^([-+]?)(0[xX][\da-fA-F]{1,12}|\d{1,15})$/.exec(text) ?? []
  const number = digits && (/^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits))
  if (typeof number === 'number') return sign === '-' ? -number : number
  const kind = /^0x/i.test(text) ? 'a hexadecimal number' : text.startsWith('0') ? 'an octal number' : 'a number'
  throw new Stop(`${command}: Can't parse "${text}" as ${kind}`, { last })
}
