/** Programs on lines of text: grep, sed, head, tail, wc, sort, uniq, cut, tr, xargs and their kin. */

import { decodeBase64, encodeBase64, padBase64 } from '../../api/meta/base64.ts'
import { countCodePoints } from '../../engine/code-points.ts'
import { charge } from '../../engine/work.ts'
import { byteLength } from '../../runtime/file-system.ts'
import type { InputStream, Process, Program, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { decodeEscapes } from '../../runtime/shell/format.ts'
import { decodeBytes, encodeBytes } from '../../runtime/text-bytes.ts'
import { compileRegex, type Regex, RegexError } from '../../text/regex.ts'
import {
  complain,
  linesOf,
  nameOf,
  openInput,
  parseDuration,
  parseSize,
  pathOf,
  readFile,
  readInputs,
  withOptions,
} from './support.ts'

const withoutNewline = (line: string): string => (line.endsWith('\n') ? line.slice(0, -1) : line)

const grep = withOptions(
  'cviEFqonhHlLwxsre:f:m:A:B:C:R',
  function* (process, options) {
    const { rest } = options
    const patterns = [
      ...options.values('e'),
      ...options.values('f').flatMap((path) => linesOf(readFile(process, path) ?? '')),
    ]
    if (patterns.length === 0 && !options.has('f')) {
      const pattern = rest.shift()
      if (pattern === undefined) {
        process.stderr.write(
          'BusyBox v1.36.1 multi-call binary.\n\nUsage: grep [-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n',
        )
        return 2
      }
      for (const line of pattern.split('\n')) patterns.push(line)
    }
    const regexes: Regex[] = []
    for (const pattern of patterns) {
      try {
        regexes.push(
          compileRegex(pattern, {
            isExtended: options.has('E') || nameOf(process) === 'egrep',
            isFixed: options.has('F') || nameOf(process) === 'fgrep',
            ignoresCase: options.has('i'),
            scope: options.has('x') ? 'line' : options.has('w') ? 'word' : undefined,
          }),
        )
      } catch (error) {
        if (!(error instanceof RegexError)) throw error
        complain(process, `bad regex '${pattern}': ${error.message}`)
        return 2
      }
    }
    const paths: string[] = []
    for (const path of rest.length ? rest : [options.has('r') || options.has('R') ? '.' : '-']) {
      if (options.has('r') || options.has('R')) paths.push(...filesBelow(process, path))
      else paths.push(path)
    }
    const isNamed = !options.has('h') && (options.has('H') || rest.length > 1 || options.has('r') || options.has('R'))
    const after = Number(options.value('A') ?? options.value('C') ?? 0)
    const before = Number(options.value('B') ?? options.value('C') ?? 0)
    const most = Number(options.value('m') ?? Number.POSITIVE_INFINITY)
    let hasMatch = false
    let failed = false
    for (const path of paths) {
      const input =
        options.has('s') && path !== '-' && !process.files.exists(pathOf(process, path))
          ? undefined
          : openForGrep(process, path)
      if (!input) {
        failed = true
        continue
      }
      const prefix = isNamed ? `${path === '-' ? '(standard input)' : path}:` : ''
      let count = 0
      let number = 0
      let due = 0
      const recent: string[] = []
      for (let line = yield* waitFor(input.readLine()); line !== undefined; line = yield* waitFor(input.readLine())) {
        number++
        const text = withoutNewline(line)
        let matches: string[]
        try {
          matches = regexes.flatMap((regex) =>
            options.has('o')
              ? [...regex.matches(text)].map(({ groups }) => groups[0] ?? '')
              : regex.test(text)
                ? [text]
                : [],
          )
        } catch (error) {
          if (!(error instanceof RegexError)) throw error
          complain(process, error.message)
          return 2
        }
        const label = options.has('n') ? `${number}:` : ''
        if (matches.length > 0 === options.has('v')) {
          if (due > 0) {
            due--
            process.stdout.write(`${prefix}${label.replace(':', '-')}${text}\n`)
          } else if (before) {
            recent.push(`${prefix}${label.replace(':', '-')}${text}\n`)
            if (recent.length > before) recent.shift()
          }
          continue
        }
        count++
        hasMatch = true
        if (options.has('q')) return 0
        if (options.has('l')) break
        if (!options.has('c') && !options.has('L')) {
          for (const earlier of recent.splice(0)) process.stdout.write(earlier)
          if (options.has('o') && !options.has('v'))
            for (const match of matches) process.stdout.write(match ? `${prefix}${label}${match}\n` : '')
          else process.stdout.write(`${prefix}${label}${text}\n`)
          due = after
        }
        if (count >= most) break
      }
      if (options.has('c')) process.stdout.write(`${prefix}${count}\n`)
      if ((options.has('l') && count > 0) || (options.has('L') && count === 0))
        process.stdout.write(`${path === '-' ? '(standard input)' : path}\n`)
    }
    return failed ? 2 : hasMatch ? 0 : 1
  },
  {
    usageStatus: 2,
    longNames: { count: 'c', 'invert-match': 'v', quiet: 'q', 'line-buffered': 's', 'ignore-case': 'i' },
  },
)

function openForGrep(process: Process, path: string): InputStream | undefined {
  if (path === '-') return process.stdin
  if (!process.files.exists(pathOf(process, path))) {
    complain(process, `${path}: No such file or directory`)
    return undefined
  }
  if (process.files.stat(pathOf(process, path)).type === 'directory') {
    complain(process, `${path}: Is a directory`)
    return undefined
  }
  return openInput(process, path)
}

function filesBelow(process: Process, path: string): string[] {
  const absolute = pathOf(process, path)
  if (!process.files.exists(absolute) || process.files.stat(absolute).type !== 'directory') return [path]
  return process.files.list(absolute).flatMap((name) => filesBelow(process, `${path === '/' ? '' : path}/${name}`))
}

/** `head` and `tail` take their count as `-5` too. */
const oldCount = (program: Program): Program =>
  function* (process) {
    const argv = process.argv.map((word, index) => (index > 0 && /^-\d+$/.test(word) ? `-n${word.slice(1)}` : word))
    ;(process as { argv: readonly string[] }).argv = argv
    return yield* program(process)
  }

/** Of an endless device. */
const mostPieces = 1000

const head = oldCount(
  withOptions('n:c:qv', function* (process, options) {
    const paths = options.rest.length ? options.rest : ['-']
    let status = 0
    const bytes = options.has('c') ? parseSize(options.value('c')!) : undefined
    const wanted = options.value('n') ?? '10'
    const lines = wanted.startsWith('-') ? undefined : parseSize(wanted)
    if ((options.has('c') && bytes === undefined) || (lines === undefined && !wanted.startsWith('-'))) {
      complain(process, `invalid number '${options.value('c') ?? wanted}'`)
      return 1
    }
    for (const [index, path] of paths.entries()) {
      const input = openInput(process, path)
      if (!input) {
        status = 1
        continue
      }
      if ((paths.length > 1 && !options.has('q')) || options.has('v'))
        process.stdout.write(`${index > 0 ? '\n' : ''}==> ${path === '-' ? 'standard input' : path} <==\n`)
      if (bytes !== undefined) {
        let left = bytes
        if (/^\/dev\/(?:zero|u?random)$/.test(path)) {
          const piece = process.files.read(path)
          process.stdout.write(piece.repeat(Math.min(mostPieces, Math.ceil(left / piece.length))).slice(0, left))
          if (left <= mostPieces * piece.length) continue
          // Simplified: what nobody stores would have to be carried through a pipe byte by byte.
          complain(
            process,
            `${path}: the simulator reads no more than ${mostPieces * piece.length} bytes of it at once`,
          )
          status = 1
          continue
        }
        while (left > 0) {
          const some = yield* waitFor(input.readSome(left))
          if (some === undefined) break
          process.stdout.write(some.slice(0, left))
          left -= some.length
        }
      } else if (lines === undefined) {
        const all = (yield* waitFor(input.readAll())).split(/(?<=\n)/)
        process.stdout.write(all.slice(0, Math.max(0, all.length + Number(wanted))).join(''))
      } else {
        for (let n = 0; n < lines; n++) {
          const line = yield* waitFor(input.readLine())
          if (line === undefined) break
          process.stdout.write(line)
        }
      }
    }
    return status
  }),
)

const tail = oldCount(
  withOptions('n:c:fFqvs:', function* (process, options) {
    const paths = options.rest.length ? options.rest : ['-']
    const count = options.value('n') ?? '10'
    const isFollowing = options.has('f') || options.has('F')
    let status = 0
    const seen = new Map<string, number>()
    for (const [index, path] of paths.entries()) {
      if (/^\/dev\/(?:zero|u?random)$/.test(path)) yield* hoard(process)
      const input = openInput(process, path)
      if (!input) {
        status = 1
        continue
      }
      const text = yield* waitFor(input.readAll())
      if ((paths.length > 1 && !options.has('q')) || options.has('v'))
        process.stdout.write(`${index > 0 ? '\n' : ''}==> ${path} <==\n`)
      if (options.has('c')) process.stdout.write(text.slice(-(parseSize(options.value('c')!) ?? 0)))
      else {
        const lines = text.split(/(?<=\n)/).filter((line) => line !== '')
        process.stdout.write(
          (count.startsWith('+')
            ? lines.slice(Math.max(0, Number(count) - 1))
            : lines.slice(Math.max(0, lines.length - Math.abs(Number(count))))
          ).join(''),
        )
      }
      seen.set(path, text.length)
    }
    if (!isFollowing) return status
    // /dev/null never grows: this is how images are kept alive.
    const growing = [...seen.keys()].filter((path) => path !== '/dev/null' && path !== '-')
    if (growing.length === 0 && (seen.has('/dev/null') || (seen.has('-') && process.stdin.isTerminal)))
      yield* waitFor(process.forever())
    if (growing.length === 0) return status
    const intervalMs = parseDuration(options.value('s') ?? '1') ?? 1000
    for (;;) {
      yield* waitFor(process.sleep(intervalMs))
      for (const path of growing) {
        const absolute = pathOf(process, path)
        if (!process.files.exists(absolute)) continue
        const text = process.files.read(absolute)
        const known = seen.get(path) ?? 0
        if (text.length > known) process.stdout.write(text.slice(known))
        seen.set(path, text.length)
      }
    }
  }),
)

/** Reading the end of what never ends keeps ever more of it: half a gigabyte a second. */
function* hoard(process: Process): Generator<Wait, void, unknown> {
  for (let bytes = 0; ; bytes += 64 * 1024 * 1024) {
    process.useMemory(bytes)
    yield* waitFor(process.cpu(125))
  }
}

const wc = withOptions('lwcmL', function* (process, options) {
  const letters = ['l', 'w', 'c', 'm', 'L'].filter((letter) => options.has(letter))
  const shown = letters.length ? letters : ['l', 'w', 'c']
  const totals: Record<string, number> = {}
  let status = 0
  const print = (counts: Record<string, number>, name: string): void => {
    const numbers = shown.map((letter) => String(counts[letter]))
    // A single count stands alone; several stand in columns.
    process.stdout.write(
      `${shown.length === 1 ? numbers[0] : numbers.map((number) => number.padStart(9)).join(' ')}${name ? ` ${name}` : ''}\n`,
    )
  }
  for (const path of options.rest.length ? options.rest : ['']) {
    const input = openInput(process, path || '-')
    if (!input) {
      status = 1
      continue
    }
    const text = yield* waitFor(input.readAll())
    const counts: Record<string, number> = {
      l: text.split('\n').length - 1,
      w: text.split(/\s+/).filter(Boolean).length,
      c: path ? process.files.stat(pathOf(process, path)).sizeBytes : byteLength(text),
      m: countCodePoints(text),
      L: linesOf(text).reduce((most, line) => Math.max(most, line.length), 0),
    }
    for (const [letter, value] of Object.entries(counts)) totals[letter] = (totals[letter] ?? 0) + value
    print(counts, path)
  }
  if (options.rest.length > 1) print(totals, 'total')
  return status
})

const sort = withOptions('rnuk:t:fbhVmco:s', function* (process, options) {
  const { text, failed } = yield* readInputs(process, options.rest)
  const separator = options.value('t')
  const keys = options.values('k').map((spec) => {
    const match = /^(\d+)(?:\.\d+)?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?$/.exec(spec)
    return match
      ? { from: Number(match[1]), to: match[3] ? Number(match[3]) : undefined, flags: match[2] + (match[4] ?? '') }
      : { from: 1, to: undefined, flags: '' }
  })
  const keyOf = (line: string, key: { from: number; to?: number }): string => {
    const fields = separator ? line.split(separator) : line.trim().split(/\s+/)
    return fields.slice(key.from - 1, key.to).join(separator ?? ' ')
  }
  const compareText = (a: string, b: string, flags: string): number => {
    const has = (letter: string): boolean => flags.includes(letter) || (flags === '' && options.has(letter))
    const value = (word: string): number => {
      const match = /^\s*([-+]?\d*\.?\d+)([KMGTP]?)/i.exec(word)
      return match ? Number(match[1]) * 1024 ** ('KMGTP'.indexOf(match[2].toUpperCase() || '-') + 1) : 0
    }
    let order: number
    if (has('n') || has('h'))
      order = value(has('n') ? a.replace(/[KMGTP]/gi, '') : a) - value(has('n') ? b.replace(/[KMGTP]/gi, '') : b)
    else if (has('V')) order = compareVersions(a, b)
    else {
      const [left, right] = has('f') ? [a.toUpperCase(), b.toUpperCase()] : [a, b]
      order = left < right ? -1 : left > right ? 1 : 0
    }
    return has('r') ? -order : order
  }
  const stepsOfComparison = ['n', 'h', 'V'].some((letter) => options.has(letter)) ? 10 : 3
  const compare = (a: string, b: string): number => {
    charge(stepsOfComparison + 5 * keys.length)
    for (const key of keys) {
      const order = compareText(keyOf(a, key), keyOf(b, key), key.flags)
      if (order !== 0) return order
    }
    if (keys.length === 0) {
      const order = compareText(a, b, '')
      if (order !== 0) return order
    }
    if (options.has('s') || options.has('u')) return 0
    return (a < b ? -1 : a > b ? 1 : 0) * (options.has('r') ? -1 : 1)
  }
  let lines = linesOf(text).sort(compare)
  if (options.has('u')) lines = lines.filter((line, index) => index === 0 || compare(lines[index - 1], line) !== 0)
  const output = lines.map((line) => `${line}\n`).join('')
  if (options.has('o')) process.files.write(pathOf(process, options.value('o')!), output)
  else process.stdout.write(output)
  return failed ? 1 : 0
})

function compareVersions(a: string, b: string): number {
  const left = a.split(/(\d+)/)
  const right = b.split(/(\d+)/)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i] ?? '', right[i] ?? '']
    if (x === y) continue
    return i % 2 === 1 ? Number(x) - Number(y) : x < y ? -1 : 1
  }
  return 0
}

const uniq = withOptions('cdui', function* (process, options) {
  const { text, failed } = yield* readInputs(process, options.rest.slice(0, 1))
  if (failed) return 1
  const groups: { line: string; count: number }[] = []
  const fold = (line: string): string => (options.has('i') ? line.toLowerCase() : line)
  for (const line of linesOf(text)) {
    const last = groups[groups.length - 1]
    if (last && fold(last.line) === fold(line)) last.count++
    else groups.push({ line, count: 1 })
  }
  for (const { line, count } of groups) {
    if ((options.has('d') && count === 1) || (options.has('u') && count > 1)) continue
    process.stdout.write(options.has('c') ? `${String(count).padStart(7)} ${line}\n` : `${line}\n`)
  }
  return 0
})

const cut = withOptions('d:f:c:b:sn', function* (process, options) {
  const spec = options.value('f') ?? options.value('c') ?? options.value('b')
  if (spec === undefined) {
    complain(process, 'expected a list of bytes, characters, or fields')
    return 1
  }
  const ranges = spec.split(',').map((part) => {
    const [from, to] = part.split('-')
    return {
      from: from === '' ? 1 : Number(from),
      to: part.includes('-') ? (to === '' ? Number.POSITIVE_INFINITY : Number(to)) : Number(from),
    }
  })
  const isWanted = (index: number): boolean => ranges.some(({ from, to }) => index + 1 >= from && index + 1 <= to)
  const { text, failed } = yield* readInputs(process, options.rest)
  for (const line of linesOf(text)) {
    if (!options.has('f')) {
      process.stdout.write(`${[...line].filter((_, index) => isWanted(index)).join('')}\n`)
      continue
    }
    const separator = options.value('d') ?? '\t'
    if (!line.includes(separator)) {
      if (!options.has('s')) process.stdout.write(`${line}\n`)
    } else
      process.stdout.write(
        `${line
          .split(separator)
          .filter((_, index) => isWanted(index))
          .join(separator)}\n`,
      )
  }
  return failed ? 1 : 0
})

/** Characters of a `tr` set: ranges, classes, escapes. */
function expandSet(set: string): string[] {
  const named: Record<string, string> = {
    alpha: 'A-Za-z',
    digit: '0-9',
    alnum: '0-9A-Za-z',
    upper: 'A-Z',
    lower: 'a-z',
    space: ' \t\n\r\f\v',
    blank: ' \t',
    punct: '!-/:-@[-`{-~',
    xdigit: '0-9A-Fa-f',
  }
  const text = decodeEscapes(set.replace(/\[:(\w+):\]/g, (_, name: string) => named[name] ?? '')).text
  const characters: string[] = []
  for (let i = 0; i < text.length; i++) {
    if (text[i + 1] === '-' && i + 2 < text.length) {
      for (let code = text.charCodeAt(i); code <= text.charCodeAt(i + 2); code++)
        characters.push(String.fromCharCode(code))
      i += 2
    } else characters.push(text[i])
  }
  return characters
}

const tr = withOptions('cCdst', function* (process, options) {
  const from = expandSet(options.rest[0] ?? '')
  const to = expandSet(options.rest[1] ?? '')
  const isComplement = options.has('c') || options.has('C')
  const isIn = (char: string): boolean => from.includes(char) !== isComplement
  let last = ''
  for (
    let line = yield* waitFor(process.stdin.readLine());
    line !== undefined;
    line = yield* waitFor(process.stdin.readLine())
  ) {
    let result = ''
    charge(line.length)
    for (const char of line) {
      if (options.has('d') && isIn(char)) continue
      let next = char
      if (!options.has('d') && to.length && isIn(char))
        next = isComplement ? to[to.length - 1] : (to[from.indexOf(char)] ?? to[to.length - 1])
      if (
        options.has('s') &&
        next === last &&
        (to.length && !options.has('d') ? to.includes(next) : options.has('d') ? to.includes(next) : isIn(next))
      )
        continue
      last = next
      result += next
    }
    process.stdout.write(result)
  }
  return 0
})

const xargs = withOptions(
  'n:I:0rtP:L:',
  function* (process, options) {
    const text = yield* waitFor(process.stdin.readAll())
    const command = options.rest.length ? options.rest : ['echo']
    const replaced = options.value('I')
    const items = options.has('0')
      ? text.split('\0').filter(Boolean)
      : replaced !== undefined
        ? linesOf(text)
            .map((line) => line.trim())
            .filter(Boolean)
        : [...text.matchAll(/"([^"]*)"|'([^']*)'|((?:\\.|[^\s"'\\])+)/g)].map(
            (match) => match[1] ?? match[2] ?? match[3].replace(/\\(.)/g, '$1'),
          )
    const batches: string[][] = []
    if (replaced !== undefined)
      for (const item of items) batches.push(command.map((word) => word.replaceAll(replaced, item)))
    else {
      const size = Number(options.value('n') ?? options.value('L') ?? 5000)
      for (let i = 0; i < items.length; i += size) batches.push([...command, ...items.slice(i, i + size)])
      if (items.length === 0 && !options.has('r')) batches.push([...command])
    }
    let status = 0
    for (const argv of batches) {
      if (options.has('t')) process.stderr.write(`${argv.join(' ')}\n`)
      const started = process.spawn({ argv })
      if ('error' in started) {
        complain(
          process,
          `${argv[0]}: ${started.error === 'not-found' ? 'No such file or directory' : 'Permission denied'}`,
        )
        return started.error === 'not-found' ? 127 : 126
      }
      const ended = yield* waitFor(process.waitChild(started.pid))
      if (ended && ended.exitCode !== 0) status = 123
    }
    return status
  },
  { stopsAtFirst: true },
)

const tac: Program = function* (process) {
  const { text, failed } = yield* readInputs(process, process.argv.slice(1))
  process.stdout.write(
    linesOf(text)
      .reverse()
      .map((line) => `${line}\n`)
      .join(''),
  )
  return failed ? 1 : 0
}

const rev: Program = function* (process) {
  const { text, failed } = yield* readInputs(process, process.argv.slice(1))
  process.stdout.write(
    linesOf(text)
      .map((line) => `${[...line].reverse().join('')}\n`)
      .join(''),
  )
  return failed ? 1 : 0
}

const nl = withOptions('b:w:s:v:', function* (process, options) {
  const { text, failed } = yield* readInputs(process, options.rest)
  let number = 0
  for (const line of linesOf(text))
    process.stdout.write(
      line || options.value('b') === 'a' ? `${String(++number).padStart(6)}\t${line}\n` : '       \n',
    )
  return failed ? 1 : 0
})

const base64 = withOptions('dw:', function* (process, options) {
  const { text, failed } = yield* readInputs(process, options.rest)
  if (failed) return 1
  if (options.has('d')) {
    const decoded = decodeLine(text.replace(/\s/g, ''))
    if (decoded === undefined) {
      complain(process, 'invalid input')
      return 1
    }
    process.stdout.write(decoded)
    return 0
  }
  const width = Number(options.value('w') ?? 76)
  const encoded = encodeBase64(encodeBytes(text))
  if (width === 0) process.stdout.write(encoded)
  else process.stdout.write(`${encoded.match(new RegExp(`.{1,${Math.min(width, 10_000)}}`, 'g'))?.join('\n') ?? ''}\n`)
  return 0
})

function decodeLine(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const { bytes } = decodeBase64(padBase64(text.replace(/=+$/, ''))) as { bytes: number[] }
  return decodeBytes(Uint8Array.from(bytes))
}

export const textPrograms: Readonly<Record<string, Program>> = {
  grep,
  egrep: grep,
  fgrep: grep,
  head,
  tail,
  wc,
  sort,
  uniq,
  cut,
  tr,
  xargs,
  tac,
  rev,
  nl,
  base64,
}
