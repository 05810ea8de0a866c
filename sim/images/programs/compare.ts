/** Programs on two files: diff, cmp, comm, paste; and fold. */
import type { Program } from '../../runtime/process.ts'
import { bytesOf } from './bytes.ts'
import { complain, linesOf, readInputs, withOptions } from './support.ts'

/** Lines that diff compares at most: the table of the longest common part grows with their product. */
const mostCells = 4_000_000

interface Change {
  kind: 'same' | 'removed' | 'added'
  line: string
}

function changesOf(
  left: readonly string[],
  right: readonly string[],
  key: (line: string) => string,
): Change[] | undefined {
  let start = 0
  while (start < left.length && start < right.length && key(left[start]) === key(right[start])) start++
  let end = 0
  while (
    end < left.length - start &&
    end < right.length - start &&
    key(left[left.length - 1 - end]) === key(right[right.length - 1 - end])
  )
    end++
  const a = left.slice(start, left.length - end)
  const b = right.slice(start, right.length - end)
  if (a.length * b.length > mostCells) return undefined
  const width = b.length + 1
  const lengths = new Int32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        key(a[i]) === key(b[j])
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1])
  const changes: Change[] = left.slice(0, start).map((line) => ({ kind: 'same', line }))
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && key(a[i]) === key(b[j])) {
      changes.push({ kind: 'same', line: a[i++] })
      j++
    } else if (i < a.length && (j >= b.length || lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]))
      changes.push({ kind: 'removed', line: a[i++] })
    else changes.push({ kind: 'added', line: b[j++] })
  }
  return [...changes, ...left.slice(left.length - end).map((line): Change => ({ kind: 'same', line }))]
}

/** Prints groups of changes with three lines around, as `diff -u` does: busybox knows no other form. */
function unified(changes: readonly Change[], context: number): string {
  let output = ''
  const isNear = changes.map(() => false)
  for (const [index, { kind }] of changes.entries())
    if (kind !== 'same')
      for (let n = Math.max(0, index - context); n <= Math.min(changes.length - 1, index + context); n++)
        isNear[n] = true
  let [left, right] = [1, 1]
  for (let at = 0; at < changes.length; ) {
    if (!isNear[at]) {
      left++
      right++
      at++
      continue
    }
    let body = ''
    let [removed, added] = [0, 0]
    for (; at < changes.length && isNear[at]; at++) {
      const { kind, line } = changes[at]
      body += `${{ same: ' ', removed: '-', added: '+' }[kind]}${line}\n`
      if (kind !== 'added') removed++
      if (kind !== 'removed') added++
    }
    const range = (from: number, count: number): string =>
      `${count === 0 ? from - 1 : from}${count === 1 ? '' : `,${count}`}`
    output += `@@ -${range(left, removed)} +${range(right, added)} @@\n${body}`
    left += removed
    right += added
  }
  return output
}

/** The groups in which two lists of lines differ, undefined where they are too long to compare; '' where they are the same. */
export function unifiedGroups(left: readonly string[], right: readonly string[], context: number): string | undefined {
  const changes = changesOf(left, right, (line) => line)
  return changes && unified(changes, context)
}

const diff: Program = withOptions(
  'uqrNwbiBaU:L:s',
  function* (process, options) {
    const [from, to] = options.rest
    if (from === undefined || to === undefined) {
      complain(process, 'missing filename')
      return 2
    }
    const one = yield* readInputs(process, [from])
    const other = yield* readInputs(process, [to])
    if (one.failed || other.failed) return 2
    const key = (line: string): string => {
      const folded = options.has('i') ? line.toLowerCase() : line
      return options.has('w')
        ? folded.replace(/\s+/g, '')
        : options.has('b')
          ? folded.replace(/\s+/g, ' ').trimEnd()
          : folded
    }
    if (one.text === other.text) {
      if (options.has('s')) process.stdout.write(`Files ${from} and ${to} are identical\n`)
      return 0
    }
    const changes = changesOf(linesOf(one.text), linesOf(other.text), key)
    if (!changes) {
      complain(process, 'files are too large')
      return 2
    }
    if (changes.every(({ kind }) => kind === 'same') && options.has('w')) return 0
    if (options.has('q')) {
      process.stdout.write(`Files ${from} and ${to} differ\n`)
      return 1
    }
    const [fromLabel, toLabel] = options.values('L')
    process.stdout.write(`--- ${fromLabel ?? from}\n+++ ${toLabel ?? to}\n`)
    process.stdout.write(unified(changes, Number(options.value('U') ?? 3)))
    return 1
  },
  { usageStatus: 2, longNames: { unified: 'u', brief: 'q' } },
)

const cmp: Program = withOptions('ls', function* (process, options) {
  const [from = '-', to = '-'] = options.rest
  const one = yield* readInputs(process, [from])
  const other = yield* readInputs(process, [to])
  if (one.failed || other.failed) return 2
  const [left, right] = [bytesOf(one.text), bytesOf(other.text)]
  let line = 1
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    if (left[at] !== right[at]) {
      if (!options.has('s')) process.stdout.write(`${from} ${to} differ: byte ${at + 1}, line ${line}\n`)
      return 1
    }
    if (left[at] === 10) line++
  }
  if (left.length === right.length) return 0
  if (!options.has('s')) process.stderr.write(`cmp: EOF on ${left.length < right.length ? from : to}\n`)
  return 1
})

const comm: Program = withOptions('123', function* (process, options) {
  const one = yield* readInputs(process, options.rest.slice(0, 1))
  const other = yield* readInputs(process, options.rest.slice(1, 2))
  if (one.failed || other.failed) return 1
  const [left, right] = [linesOf(one.text), linesOf(other.text)]
  const indent = (column: number): string =>
    '\t'.repeat([1, 2].filter((n) => n < column && !options.has(String(n))).length)
  const print = (column: number, line: string): void => {
    if (!options.has(String(column))) process.stdout.write(`${indent(column)}${line}\n`)
  }
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    if (j >= right.length || (i < left.length && left[i] < right[j])) print(1, left[i++])
    else if (i >= left.length || right[j] < left[i]) print(2, right[j++])
    else {
      print(3, left[i++])
      j++
    }
  }
  return 0
})

const paste: Program = withOptions('d:s', function* (process, options) {
  const separators = (options.value('d') ?? '\t').replaceAll('\\n', '\n').replaceAll('\\t', '\t')
  const separator = (index: number): string => separators[index % separators.length] ?? ''
  const columns: string[][] = []
  for (const path of options.rest.length ? options.rest : ['-']) {
    const { text, failed } = yield* readInputs(process, [path])
    if (failed) return 1
    columns.push(linesOf(text))
  }
  // `paste - -` deals the lines of one input out to its columns.
  if (!options.has('s') && options.rest.length > 1 && options.rest.every((path) => path === '-')) {
    const [all] = columns
    for (let at = 0; at < all.length; at += options.rest.length)
      process.stdout.write(
        `${options.rest.map((_, index) => `${all[at + index] ?? ''}${index < options.rest.length - 1 ? separator(index) : ''}`).join('')}\n`,
      )
    return 0
  }
  const join = (cells: readonly string[]): string =>
    cells.map((cell, index) => cell + (index < cells.length - 1 ? separator(index) : '')).join('')
  if (options.has('s')) for (const lines of columns) process.stdout.write(`${join(lines)}\n`)
  else
    for (let at = 0; at < Math.max(...columns.map(({ length }) => length)); at++)
      process.stdout.write(`${join(columns.map((lines) => lines[at] ?? ''))}\n`)
  return 0
})

const fold: Program = withOptions('w:sb', function* (process, options) {
  const width = Math.max(1, Number(options.value('w') ?? 80) || 80)
  const { text, failed } = yield* readInputs(process, options.rest)
  for (const line of linesOf(text)) {
    let rest = line
    while (rest.length > width) {
      const blank = options.has('s') ? rest.lastIndexOf(' ', width - 1) : -1
      const cut = blank > 0 ? blank + 1 : width
      process.stdout.write(`${rest.slice(0, cut)}\n`)
      rest = rest.slice(cut)
    }
    process.stdout.write(`${rest}\n`)
  }
  return failed ? 1 : 0
})

export const comparePrograms: Readonly<Record<string, Program>> = { diff, cmp, comm, paste, fold }
