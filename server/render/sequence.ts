/** Lays out a sequence diagram: lifelines and messages as plain numbers, for the SVG of a template. Pure. */

export interface SequenceMessageModel {
  number: number
  atSeconds: number
  from: string
  to: string
  label: string
}

export interface SequenceDiagram {
  width: number
  height: number
  lifelines: { name: string; x: number; lines: string[] }[]
  arrows: {
    number: number
    x1: number
    x2: number
    y: number
    isSelf: boolean
    labelX: number
    label: string[]
    at: string
  }[]
  messages: SequenceMessageModel[]
}

const margin = 50
const headHeight = 56
/** Of a letter, in the size of the labels. */
const letterWidth = 6.5
/**
 * How far apart lifelines stand, and how many characters a line of a label has at least. In a lesson the labels are wider than a column, and
 * drawn over the lifelines; a sheet of paper has room for a label between two of them.
 */
const layouts = {
  column: { columnWidth: 84, labelLength: 25 },
  sheet: { columnWidth: 125, labelLength: 21 },
} as const

/** Of the arrow from a lifeline back to itself, below its label. */
const selfHeight = 10

/** @returns undefined without rows */
export function layOutSequence(
  rows: readonly { atSeconds: number; from: string; to: string; label: string }[],
  layout: keyof typeof layouts = 'column',
): SequenceDiagram | undefined {
  const { columnWidth, labelLength } = layouts[layout]
  if (rows.length === 0) return undefined
  const names = [...new Set(rows.flatMap(({ from, to }) => [from, to]))]
  const xOf = new Map(names.map((name, n) => [name, margin + n * columnWidth]))
  const width = margin * 2 + (names.length - 1) * columnWidth + (names.length === 1 ? columnWidth : 0)
  const labelHalf = Math.min(labelLength * 3.3, width / 2)
  let y = headHeight + 18
  const arrows = rows.map((row, n) => {
    const x1 = xOf.get(row.from)!
    const isSelf = row.from === row.to
    const x2 = isSelf ? x1 : xOf.get(row.to)!
    const label = wrap(`${n + 1}. ${row.label}`, Math.max(labelLength, Math.floor(Math.abs(x2 - x1) / letterWidth)))
    y += 18 + label.length * 14 + (isSelf ? selfHeight : 0)
    return {
      number: n + 1,
      x1,
      x2,
      y,
      isSelf,
      labelX: Math.min(Math.max(isSelf ? x1 : (x1 + x2) / 2, labelHalf), width - labelHalf),
      label,
      at: printSeconds(row.atSeconds),
    }
  })
  return {
    width,
    height: y + 30,
    lifelines: names.map((name) => ({ name, x: xOf.get(name)!, lines: wrap(name, 13) })),
    arrows,
    messages: rows.map((row, n) => ({ number: n + 1, ...row })),
  }
}

function printSeconds(seconds: number): string {
  return `${seconds.toFixed(seconds < 100 ? 2 : 1)} s`
}

function wrap(text: string, length: number): string[] {
  const lines: string[] = []
  // A long name may be broken behind its hyphens.
  const words = text.split(' ').flatMap((word) => (word.length > length ? word.split(/(?<=-)/) : [word]))
  for (const [n, word] of words.entries()) {
    const last = lines.at(-1)
    const glue = n > 0 && words[n - 1]!.endsWith('-') ? '' : ' '
    if (last !== undefined && last.length + word.length + glue.length <= length)
      lines[lines.length - 1] = last + glue + word
    else lines.push(word)
  }
  return lines.slice(0, 4)
}
