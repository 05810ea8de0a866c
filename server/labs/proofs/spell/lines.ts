/** Other spellings of kubectl lines: of flags, and of what a line is about. */

import { builtInKinds } from '../../../../sim/index.ts'
import { otherQuantity } from './manifests.ts'

export interface LineSpelling {
  kind: string
  /** @returns undefined where nothing in it can be spelled so */
  spell(line: string): string | undefined
}

/** Words as they are written, quotes and all; undefined for what is more than one command. */
function wordsOf(line: string): string[] | undefined {
  const words = line.trim().match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g) ?? []
  return words[0] === 'kubectl' && !words.some((word) => /^[|;&<>]/.test(word)) ? words : undefined
}

/** The rest belongs to another program. */
const ownPart = (words: readonly string[]): number => {
  const end = words.indexOf('--')
  return end < 0 ? words.length : end
}

const longFlags: Readonly<Record<string, string>> = { '-n': '--namespace', '-l': '--selector', '-o': '--output' }
const { '-l': _, ...longFlagsOfCreate } = longFlags
/** Commands that make objects have their labels for `-l`, or nothing. */
const longFlagsOfVerb: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  run: { ...longFlags, '-l': '--labels' },
  expose: { ...longFlags, '-l': '--labels' },
  create: longFlagsOfCreate,
}

/** Where the verb stands: a namespace may come before it. */
function verbAt(words: readonly string[]): number {
  let at = 1
  while (/^(?:-n|--namespace)$/.test(words[at] ?? '')) at += 2
  while (/^--namespace=/.test(words[at] ?? '')) at++
  return at
}

function withOtherFlags(line: string): string | undefined {
  const words = wordsOf(line)
  if (!words) return undefined
  const end = ownPart(words)
  const spelled: string[] = []
  const longOf = longFlagsOfVerb[words[verbAt(words)] ?? ''] ?? longFlags
  const shortOf = Object.fromEntries(Object.entries(longOf).map(([short, long]) => [long, short]))
  for (let n = 0; n < words.length; n++) {
    const word = words[n]!
    const [, long, value] = /^(--\w+)=(.*)$/.exec(word) ?? []
    if (n >= end) spelled.push(word)
    else if (longOf[word] && n + 1 < end) spelled.push(`${longOf[word]}=${words[++n]}`)
    else if (long && shortOf[long]) spelled.push(shortOf[long], value!)
    else if (shortOf[word] && n + 1 < end) spelled.push(shortOf[word], words[++n]!)
    else if (word === '-A') spelled.push('--all-namespaces')
    else if (word === '--all-namespaces') spelled.push('-A')
    else spelled.push(word)
  }
  return spelled.join(' ')
}

/** The namespace before the verb, where it comes after it. */
function withNamespaceFirst(line: string): string | undefined {
  const words = wordsOf(line)
  if (!words) return undefined
  const at = words.findIndex((word) => word === '-n' || word === '--namespace')
  if (at < 2 || at + 1 >= ownPart(words)) return undefined
  return ['kubectl', ...words.slice(at, at + 2), ...words.slice(1, at), ...words.slice(at + 2)].join(' ')
}

/** The singular first, then the plural and short ones. */
const kinds: readonly (readonly string[])[] = builtInKinds.map(({ singular, plural, shortNames }) => [
  singular,
  plural,
  ...shortNames,
])
const namesOf = (word: string): readonly string[] | undefined => kinds.find((names) => names.includes(word))

/** Words before what a line is about. What makes something of a kind takes no `KIND/NAME`. */
const aboutOne =
  /^(?:get|describe|delete|scale|edit|patch|label|annotate|autoscale|expose|rollout \w+|set (?:image|env|resources|selector|serviceaccount))$/

/** Where the kind stands, whether a name follows it, and how many do. */
function subjectOf(words: readonly string[]): { at: number; names: number } | undefined {
  let at = verbAt(words)
  const verbs = [words[at], `${words[at]} ${words[at + 1]}`]
  const length = verbs.findIndex((verb) => aboutOne.test(verb)) + 1
  if (length === 0) return undefined
  at += length
  // A flag may have a value, and a label is no name.
  let names = 0
  while (/^[\w{][\w.{}-]*$/.test(words[at + 1 + names] ?? '') && !words[at + 1 + names]!.endsWith('-')) names++
  return words[at] === undefined || words[at]!.startsWith('-') ? undefined : { at, names }
}

/** `deployment web` as `deployment/web`, and the other way round. */
function withOtherSlash(line: string): string | undefined {
  const words = wordsOf(line)
  const subject = words && subjectOf(words)
  if (!subject) return undefined
  const { at, names } = subject
  const [kind, name] = words[at]!.split('/')
  // What a line sets may come right after the name, as a word of its own.
  if (!namesOf(kind!)) return undefined
  if (name !== undefined) {
    const isOnly = !words.slice(at + 1).some((word) => namesOf(word.split('/')[0]!) && word.includes('/'))
    return isOnly ? [...words.slice(0, at), kind, name, ...words.slice(at + 1)].join(' ') : undefined
  }
  if (names === 0) return undefined
  const joined = words.slice(at + 1, at + 1 + names).map((one) => `${kind}/${one}`)
  return [...words.slice(0, at), ...joined, ...words.slice(at + 1 + names)].join(' ')
}

/** `deployment` as `deploy`, `svc` as `services`. */
function withOtherKind(line: string): string | undefined {
  const words = wordsOf(line)
  const subject = words && subjectOf(words)
  if (!subject) return undefined
  const [kind, ...rest] = words[subject.at]!.split('/')
  const names = namesOf(kind!)
  if (!names) return undefined
  const other = names.at(kind === names.at(-1) ? 0 : -1)!
  return [...words.slice(0, subject.at), [other, ...rest].join('/'), ...words.slice(subject.at + 1)].join(' ')
}

/** `--limits=memory=128Mi` in bytes. */
function withOtherQuantities(line: string): string | undefined {
  return line.replaceAll(/(--(?:limits|requests|hard)[ =])([\w./=,-]+)/g, (_, flag: string, list: string) => {
    const pairs = list.split(',').map((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return `${name}=${otherQuantity(name, value)}`
    })
    return `${flag}${pairs.join(',')}`
  })
}

export const lineSpellings: readonly LineSpelling[] = [
  { kind: 'other-flags', spell: withOtherFlags },
  { kind: 'namespace-first', spell: withNamespaceFirst },
  { kind: 'other-slash', spell: withOtherSlash },
  { kind: 'other-kind-name', spell: withOtherKind },
  { kind: 'quantities-of-flags', spell: withOtherQuantities },
]
