/** What the programs of an image share: options, reading their inputs, and their usual errors. */

import { charge } from '../../engine/work.ts'
import { FileError } from '../../runtime/files.ts'
import { absolutePath } from '../../runtime/kernel.ts'
import { createTextInput } from '../../runtime/pipe.ts'
import type { InputStream, Process, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'

export type Run = Generator<Wait, number, unknown>

export interface Options {
  /** Letters and long names that were given, with how often. */
  has(name: string): boolean
  value(name: string): string | undefined
  values(name: string): readonly string[]
  rest: string[]
}

/** The options are wrong; its program prints this and a usage line, and exits 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Reads options as getopt does.
 * @param spec letters, each with ':' after it when it takes a value: `qO:`
 * @param longNames long option -> its letter, or its own name with ':' when it takes a value
 */
export function parseOptions(
  args: readonly string[],
  spec: string,
  longNames: Readonly<Record<string, string>> = {},
  stopsAtFirst = false,
): Options {
  const found = new Map<string, string[]>()
  const rest: string[] = []
  const add = (name: string, value: string): void => void found.set(name, [...(found.get(name) ?? []), value])
  for (let i = 0; i < args.length; i++) {
    const word = args[i]
    if (word === '--') {
      rest.push(...args.slice(i + 1))
      break
    }
    if (word.startsWith('--')) {
      const [name, ...value] = word.slice(2).split('=')
      if (!Object.hasOwn(longNames, name)) throw new UsageError(`unrecognized option '--${name}'`)
      const target = longNames[name]
      const letter = target.replace(':', '')
      if (target.endsWith(':')) add(letter, value.length ? value.join('=') : (args[++i] ?? ''))
      else add(letter, '')
      continue
    }
    if (!/^-./.test(word)) {
      rest.push(word)
      if (stopsAtFirst) {
        rest.push(...args.slice(i + 1))
        break
      }
      continue
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]
      const where = spec.indexOf(letter)
      if (where < 0 || letter === ':') throw new UsageError(`invalid option -- '${letter}'`)
      if (spec[where + 1] !== ':') {
        add(letter, '')
        continue
      }
      const value = word.slice(at + 1) || args[++i]
      if (value === undefined) throw new UsageError(`option requires an argument -- '${letter}'`)
      add(letter, value)
      break
    }
  }
  return {
    has: (name) => found.has(name),
    value: (name) => found.get(name)?.at(-1),
    values: (name) => found.get(name) ?? [],
    rest,
  }
}

/** A program that reads options first; wrong ones print busybox's words and exit 1. */
export function withOptions(
  spec: string,
  run: (process: Process, options: Options) => Run,
  settings: {
    longNames?: Readonly<Record<string, string>>
    stopsAtFirst?: boolean
    usageStatus?: number
    /** What getopt is given in place of the words behind the program's name. */
    words?: (given: readonly string[]) => readonly string[]
  } = {},
) {
  return function* (process: Process): Run {
    let options: Options
    try {
      const given = process.argv.slice(1)
      options = parseOptions(settings.words?.(given) ?? given, spec, settings.longNames, settings.stopsAtFirst)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      process.stderr.write(
        `${nameOf(process)}: ${error.message}\nBusyBox v1.36.1 multi-call binary.\n\nUsage: ${nameOf(process)} [OPTIONS]\n`,
      )
      return settings.usageStatus ?? 1
    }
    return yield* run(process, options)
  }
}

/** For a program that never waits: `yield* atOnce`. */
export const atOnce: readonly Wait[] = []

/** The program's own name, as its errors begin. */
export const nameOf = (process: Process): string =>
  process.argv[0].slice(process.argv[0].lastIndexOf('/') + 1).replace(/^-/, '')

export function complain(process: Process, message: string): void {
  process.stderr.write(`${nameOf(process)}: ${message}\n`)
}

export const pathOf = (process: Process, path: string): string => absolutePath(path, process.cwd)

/** Does something with files; a FileError becomes undefined after `report` has told it. */
export function attempt<T>(action: () => T, report: (error: FileError) => void): T | undefined {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    report(error)
    return undefined
  }
}

/** A file to read from, or standard input for `-`; undefined after its error was printed. */
export function openInput(process: Process, path: string): InputStream | undefined {
  if (path === '-' || path === '/dev/stdin') return process.stdin
  const text = readFile(process, path)
  return text === undefined ? undefined : createTextInput(text)
}

/** Contents of a file; undefined after `NAME: can't open 'PATH': WHY` was printed. */
export function readFile(process: Process, path: string): string | undefined {
  return attempt(
    () => process.files.read(pathOf(process, path)),
    (error) =>
      complain(
        process,
        error.code === 'EISDIR' ? `read error: ${error.message}` : `can't open '${path}': ${error.message}`,
      ),
  )
}

/** All text of the named files, or of standard input without names. `failed` says that one could not be read. */
export function* readInputs(
  process: Process,
  paths: readonly string[],
): Generator<Wait, { text: string; failed: boolean }, unknown> {
  let text = ''
  let failed = false
  for (const path of paths.length ? paths : ['-']) {
    const input = openInput(process, path)
    if (input) text += yield* waitFor(input.readAll())
    else failed = true
  }
  return { text, failed }
}

/** Lines without their newlines; a last line without one counts. */
export function linesOf(text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  charge(lines.length)
  if (lines[lines.length - 1] === '') lines.pop()
  return lines
}

/** Milliseconds of a time as sleep and timeout take it: `1.5`, `2m`. Undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === 'infinity' || text === 'inf') return Number.POSITIVE_INFINITY
  const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text)
  if (!match) return undefined
  return Number(match[1]) * { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] as 's']
}

/** Numbers as `head -c 10k` takes them. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)([bcwkKMGT]?)(B|iB)?$/.exec(text)
  if (!match) return undefined
  const unit = { '': 1, c: 1, w: 2, b: 512, k: 1024, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 }[
    match[2] as 'k'
  ]
  return Number(match[1]) * unit
}
