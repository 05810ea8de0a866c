/** Elastic tab stops: text with tabs laid out in columns. Source: Go's text/tabwriter, with spaces as padding. */
import { charge, chargeText } from '../../engine/work.ts'

export interface TabWriterOptions {
  minWidth: number
  padding: number
}

/** kubectl get */
export const tableTabs: TabWriterOptions = { minWidth: 6, padding: 3 }
/** kubectl describe */
export const describeTabs: TabWriterOptions = { minWidth: 0, padding: 2 }

/**
 * Lays out text: a cell is what ends in a tab; cells of adjacent lines at the same place form a column as wide as its widest.
 * What follows the last tab of a line belongs to no column.
 */
export function layOut(text: string, options: TabWriterOptions): string {
  chargeText(text.length)
  const endsWithNewline = text.endsWith('\n')
  const lines = (endsWithNewline ? text.slice(0, -1) : text).split('\n').map((line) => line.split('\t'))
  const widths: number[][] = lines.map(() => [])
  measure(lines, widths, 0, lines.length, 0, options)
  const laidOut = lines.map((cells, row) =>
    cells.map((cell, at) => (at < cells.length - 1 ? pad(cell, widths[row][at]) : cell)).join(''),
  )
  return laidOut.join('\n') + (endsWithNewline ? '\n' : '')
}

/** Sets the widths of column `at` and those right of it, for the lines from `start` to before `end`. */
function measure(
  lines: readonly string[][],
  widths: number[][],
  start: number,
  end: number,
  at: number,
  options: TabWriterOptions,
): void {
  const hasCell = (row: number): boolean => lines[row].length - 1 > at
  for (let row = start; row < end; row++) {
    charge(1)
    if (!hasCell(row)) continue
    let blockEnd = row
    let width = options.minWidth
    while (blockEnd < end && hasCell(blockEnd)) {
      width = Math.max(width, length(lines[blockEnd][at]) + options.padding)
      blockEnd++
    }
    for (let r = row; r < blockEnd; r++) widths[r][at] = width
    measure(lines, widths, row, blockEnd, at + 1, options)
    row = blockEnd - 1
  }
}

const length = (cell: string): number => {
  charge(1 + (cell.length >> 3))
  return [...cell].length
}
const pad = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - length(cell)))
