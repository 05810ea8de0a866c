/** POSIX regular expressions, basic and extended, as trees; with groups of Perl that capture nothing or only look around, where asked for. */

/** The expression is none, or takes too long; the message is what regcomp says. */
export class RegexError extends Error {
  override readonly name = 'RegexError'
}

export type Assertion =
  | 'line-start'
  | 'line-end'
  | 'word-edge'
  | 'no-word-edge'
  | 'word-start'
  | 'word-end'
  | 'no-word-before'
  | 'no-word-after'

export type Node =
  | { kind: 'char'; char: string }
  | { kind: 'set'; accepts: (char: string) => boolean }
  | { kind: 'assert'; what: Assertion }
  | { kind: 'group'; number: number; node: Node }
  | { kind: 'sequence'; nodes: Node[] }
  | { kind: 'either'; nodes: Node[] }
  /** As often as can be, or as seldom. */
  | { kind: 'repeat'; node: Node; least: number; most: number; isLazy: boolean }
  | { kind: 'reference'; number: number }
  /** What stands there, or does not, without being part of the match. */
  | { kind: 'look'; node: Node; isBehind: boolean; isNegated: boolean }

const classes: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  alnum: /[A-Za-z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /[ \t\n\r\f\v]/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[0-9A-Fa-f]/,
  print: /[ -~]/,
  graph: /[!-~]/,
  cntrl: /\p{Cc}/u,
}

export const isWordChar = (char: string | undefined): boolean => char !== undefined && /\w/.test(char)
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07' }
/** Most repetitions that `{n}` may ask for, as RE_DUP_MAX. */
const mostRepetitions = 255

/** Parses. Throws RegexError. `groups` counts them. @param isPerl `(?:`, `(?=`, `(?!`, `(?<=` and `(?<!` have their meaning, and so does `?` after a repetition */
export function parseRegex(pattern: string, isExtended: boolean, isPerl = false): { node: Node; groups: number } {
  let at = 0
  let groups = 0
  let depth = 0
  /** What has a meaning of its own is bare in extended expressions, and behind a backslash in basic ones. */
  const isAt = (operator: string): boolean =>
    isExtended ? pattern[at] === operator : pattern[at] === '\\' && pattern[at + 1] === operator
  const skip = (): void => {
    at += isExtended ? 1 : 2
  }

  function readAlternatives(): Node {
    const nodes = [readSequence()]
    while (at < pattern.length && isAt('|')) {
      skip()
      nodes.push(readSequence())
    }
    return nodes.length === 1 ? nodes[0] : { kind: 'either', nodes }
  }

  function readSequence(): Node {
    const nodes: Node[] = []
    const start = at
    while (at < pattern.length && !isAt('|') && !(isAt(')') && (depth > 0 || !isExtended))) {
      const isFirst =
        at === start || (nodes.length === 1 && nodes[0].kind === 'assert' && nodes[0].what === 'line-start')
      nodes.push(readRepeated(isFirst, at === start))
    }
    return nodes.length === 1 ? nodes[0] : { kind: 'sequence', nodes }
  }

  function readRepeated(isFirst: boolean, isStart: boolean): Node {
    let node = readAtom(isFirst, isStart)
    for (let times = 0; ; times++) {
      if (times > 20) throw new RegexError('Regular expression too big')
      let least: number
      let most: number
      if (pattern[at] === '*') {
        at++
        ;[least, most] = [0, Number.POSITIVE_INFINITY]
      } else if (isAt('+') || isAt('?')) {
        ;[least, most] = pattern[isExtended ? at : at + 1] === '+' ? [1, Number.POSITIVE_INFINITY] : [0, 1]
        skip()
      } else if (isAt('{')) {
        const interval = isExtended ? /\{(\d*)(,?)(\d*)\}/y : /\\\{(\d*)(,?)(\d*)\\\}/y
        interval.lastIndex = at
        const match = interval.exec(pattern)
        if (!match || (match[1] === '' && match[2] === '')) {
          if (isExtended) return node
          throw new RegexError(match ? 'Invalid content of \\{\\}' : 'Unmatched \\{')
        }
        at = interval.lastIndex
        least = Number(match[1])
        most = match[2] === '' ? least : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3])
        if (least > most) throw new RegexError('Invalid content of \\{\\}')
        if (least > mostRepetitions || (most !== Number.POSITIVE_INFINITY && most > mostRepetitions))
          throw new RegexError('Regular expression too big')
      } else return node
      const isLazy = isPerl && pattern[at] === '?'
      if (isLazy) at++
      if (node.kind !== 'assert') node = { kind: 'repeat', node, least, most, isLazy }
    }
  }

  function readAtom(isFirst: boolean, isStart: boolean): Node {
    const char = pattern[at]
    if (isAt('(')) {
      skip()
      const special = isPerl ? /^\?(?::|<?[=!])/.exec(pattern.slice(at, at + 3))?.[0] : undefined
      at += special?.length ?? 0
      const number = special === undefined ? ++groups : 0
      if (++depth > 200) throw new RegexError('Regular expression too big')
      const node = readAlternatives()
      depth--
      if (at >= pattern.length || !isAt(')')) throw new RegexError('Unmatched ( or \\(')
      skip()
      if (special === undefined) return { kind: 'group', number, node }
      if (special === '?:') return node
      return { kind: 'look', node, isBehind: special.includes('<'), isNegated: special.endsWith('!') }
    }
    if (!isExtended && isAt(')')) throw new RegexError('Unmatched ) or \\)')
    at++
    if (char === '.') return { kind: 'set', accepts: () => true }
    if (char === '[') return readSet()
    if (char === '^' && (isExtended || isStart)) return { kind: 'assert', what: 'line-start' }
    if (char === '$' && (isExtended || at === pattern.length || /^\\[)|]/.test(pattern.slice(at, at + 2))))
      return { kind: 'assert', what: 'line-end' }
    if ((char === '*' || (isExtended && '+?'.includes(char))) && !isFirst)
      throw new RegexError('Invalid preceding regular expression')
    if (char === ')' && isExtended) throw new RegexError('Unmatched ) or \\)')
    if (char !== '\\') return { kind: 'char', char }
    const next = pattern[at++]
    if (next === undefined) throw new RegexError('Trailing backslash')
    if (/[1-9]/.test(next)) {
      if (Number(next) > groups) throw new RegexError('Invalid back reference')
      return { kind: 'reference', number: Number(next) }
    }
    if (next === 'w') return { kind: 'set', accepts: isWordChar }
    if (next === 'W') return { kind: 'set', accepts: (each) => !isWordChar(each) }
    if (next === 's') return { kind: 'set', accepts: (each) => /\s/.test(each) }
    if (next === 'S') return { kind: 'set', accepts: (each) => /\S/.test(each) }
    const assertions: Readonly<Record<string, Assertion>> = {
      b: 'word-edge',
      B: 'no-word-edge',
      '<': 'word-start',
      '>': 'word-end',
    }
    if (Object.hasOwn(assertions, next)) return { kind: 'assert', what: assertions[next] }
    return { kind: 'char', char: escapes[next] ?? next }
  }

  function readSet(): Node {
    const unmatched = (): never => {
      throw new RegexError('Unmatched [, [^, [:, [., or [=')
    }
    const isNegated = pattern[at] === '^'
    if (isNegated) at++
    const singles = new Set<string>()
    const ranges: [string, string][] = []
    const named: RegExp[] = []
    const readMember = (): string => {
      if (
        pattern[at] === '\\' &&
        pattern[at + 1] !== undefined &&
        (escapes[pattern[at + 1]] || /[\\/\]]/.test(pattern[at + 1]))
      ) {
        // `[^\]` is a set of all but a backslash, unless another bracket follows.
        if (pattern[at + 1] === ']' && !pattern.includes(']', at + 2)) return pattern[at++]
        at += 2
        return escapes[pattern[at - 1]] ?? pattern[at - 1]
      }
      return pattern[at++]
    }
    for (let isFirst = true; ; isFirst = false) {
      if (at >= pattern.length) return unmatched()
      if (pattern[at] === ']' && !isFirst) break
      const opener = pattern[at] === '[' ? pattern[at + 1] : undefined
      if (opener === ':' || opener === '.' || opener === '=') {
        const end = pattern.indexOf(`${opener}]`, at + 2)
        if (end < 0) return unmatched()
        const name = pattern.slice(at + 2, end)
        at = end + 2
        if (opener !== ':') singles.add(name)
        else if (Object.hasOwn(classes, name)) named.push(classes[name])
        else throw new RegexError('Invalid character class name')
        continue
      }
      const low = readMember()
      if (pattern[at] === '-' && at + 1 < pattern.length && pattern[at + 1] !== ']') {
        at++
        const high = readMember()
        if (high < low) throw new RegexError('Invalid range end')
        ranges.push([low, high])
      } else singles.add(low)
    }
    at++
    return {
      kind: 'set',
      accepts: (char) =>
        (singles.has(char) ||
          ranges.some(([low, high]) => char >= low && char <= high) ||
          named.some((regex) => regex.test(char))) !== isNegated,
    }
  }

  const node = readAlternatives()
  if (at < pattern.length) throw new RegexError('Unmatched ) or \\)')
  return { node, groups }
}
