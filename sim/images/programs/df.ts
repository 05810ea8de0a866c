/** df: what file systems there are, and how full they are. Sources: busybox coreutils/df.c, df(1) of coreutils */
import { FileError, type FileSpace } from '../../runtime/files.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { atOnce, complain, type Options, pathOf, type Run, withOptions } from './support.ts'

/** Of the paths, or all; undefined in the place of one that is not there, which has been said. @param missing what is said then, unless the reason is */
function* wanted(
  process: Process,
  { rest, has, value }: Options,
  missing?: string,
): Generator<FileSpace | undefined, void, undefined> {
  const isAsked = ({ type }: FileSpace): boolean => !has('t') || value('t') === type
  if (rest.length === 0) {
    yield* process.files.spaces().filter(isAsked)
    return
  }
  for (const path of rest)
    try {
      const space = process.files.spaceAt(pathOf(process, path))
      if (isAsked(space)) yield space
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      complain(process, `${path}: ${missing ?? error.message}`)
      yield undefined
    }
}

const KIB = 1024

/** `4.9G`, always with a decimal; bytes by themselves. Source: busybox libbb/human_readable.c */
function busyboxSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= KIB && unit < 5) {
    value /= KIB
    unit++
  }
  return unit === 0 ? String(bytes) : `${value.toFixed(1)}${'KMGTP'[unit - 1]}`
}

export const busyboxDf = withOptions('kPTt:aihHm', function* (process, options): Run {
  yield* atOnce
  const isHuman = options.has('h') || options.has('H')
  const isPosix = options.has('P')
  const unit = options.has('m') ? KIB * KIB : KIB
  const blocks = options.has('m') ? '1M-blocks' : isPosix ? '1024-blocks' : '1K-blocks'
  const title = options.has('i') ? '   Inodes' : isHuman ? '     Size' : blocks
  const show = (bytes: number): string => (isHuman ? busyboxSize(bytes) : String(Math.round(bytes / unit)))
  const type = options.has('T') ? 'Type       ' : ''
  process.stdout.write(
    `Filesystem           ${type}${title.padEnd(15)}Used Available ${isPosix ? 'Capacity' : 'Use%'} Mounted on\n`,
  )
  let status = 0
  for (const space of wanted(process, options, "can't find mount point")) {
    if (!space) {
      status = 1
      continue
    }
    const { device, path, sizeBytes, usedBytes, availableBytes } = space
    const total = usedBytes + availableBytes
    const percent = total === 0 ? 0 : Math.floor((usedBytes * 100 + total / 2) / total)
    const kind = options.has('T') ? ` ${space.type.padEnd(10)}` : ''
    const sizes = options.has('i') ? ['0', '0', '0'] : [sizeBytes, usedBytes, availableBytes].map(show)
    process.stdout.write(
      `${device.padEnd(20)}${kind} ${sizes.map((one) => one.padStart(9)).join(' ')} ${String(percent).padStart(3)}% ${path}\n`,
    )
  }
  return status
})

/** `4.9G`, `50G`: rounded up, with a decimal below ten. Source: gnulib human.c, human_ceiling */
function gnuSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= KIB && unit < 5) {
    value /= KIB
    unit++
  }
  if (unit === 0) return String(bytes)
  const tenths = Math.ceil(value * 10) / 10
  return `${tenths < 10 ? tenths.toFixed(1) : Math.ceil(value)}${'KMGTP'[unit - 1]}`
}

/** Lines in columns, as df of coreutils has them. @param rows the titles first; the first and the last are texts, the others numbers */
export function printColumns(rows: readonly (readonly string[])[]): string {
  const last = rows[0]!.length - 1
  const widths = rows[0]!.map((_, i) =>
    Math.max(...rows.map((row) => row[i]!.length), i === 0 ? 14 : i > last - 5 && i < last - 1 ? 5 : 0),
  )
  const isText = (i: number): boolean => i === 0 || rows[0]![i] === 'Type'
  const cell = (text: string, i: number): string =>
    i === last ? text : isText(i) ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)
  return rows.map((row) => `${row.map(cell).join(' ')}\n`).join('')
}

const gnuOptions = withOptions(
  'kPTt:aihHmlB:x:',
  function* (process, options): Run {
    yield* atOnce
    const isHuman = options.has('h') || options.has('H')
    const isPosix = options.has('P')
    const unit = options.has('m') ? KIB * KIB : KIB
    const show = (bytes: number): string => (isHuman ? gnuSize(bytes) : String(Math.ceil(bytes / unit)))
    const blocks = isHuman ? 'Size' : options.has('m') ? '1M-blocks' : isPosix ? '1024-blocks' : '1K-blocks'
    const type = (text: string): string[] => (options.has('T') ? [text] : [])
    const rows = [
      [
        'Filesystem',
        ...type('Type'),
        blocks,
        'Used',
        isHuman ? 'Avail' : 'Available',
        isPosix ? 'Capacity' : 'Use%',
        'Mounted on',
      ],
    ]
    let status = 0
    for (const space of wanted(process, options)) {
      if (!space) {
        status = 1
        continue
      }
      const { device, path, sizeBytes, usedBytes, availableBytes } = space
      const percent = `${Math.ceil((usedBytes / Math.max(1, usedBytes + availableBytes)) * 100)}%`
      rows.push([device, ...type(space.type), ...[sizeBytes, usedBytes, availableBytes].map(show), percent, path])
    }
    if (rows.length > 1) process.stdout.write(printColumns(rows))
    return status
  },
  { longNames: { 'human-readable': 'h', portability: 'P', 'print-type': 'T', all: 'a', type: 't:', local: 'l' } },
)

export const gnuDf: Program = gnuOptions
