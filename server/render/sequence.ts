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

const column = 150
const margin = 80
const headHeight = 56

export function layOutSequence(
  rows: readonly { atSeconds: number; from: string; to: string; label: string }[],
): SequenceDiagram | undefined {
  if (rows.length === 0) return undefined
  const names = [...new Set(rows.flatMap(({ from, to }) => [from, to]))]
  const xOf = new Map(names.map((name, n) => [name, margin + n * column]))
  const width = margin * 2 + (names.length - 1) * column + (names.length === 1 ? column : 0)
  let y = headHeight + 18
  const arrows = rows.map((row, n) => {
    const x1 = xOf.get(row.from)!
    const isSelf = row.from === row.to
    const x2 = isSelf ? x1 : xOf.get(row.to)!
    const label = wrap(row.label, isSelf ? 20 : Math.max(16, Math.floor(Math.abs(x2 - x1) / 7)))
    y += 18 + label.length * 14
    return {
      number: n + 1,
      x1,
      x2,
      y,
      isSelf,
      labelX: isSelf ? x1 + 26 : (x1 + x2) / 2,
      label,
      at: printSeconds(row.atSeconds),
    }
  })
  return {
    width,
    height: y + 30,
    lifelines: names.map((name) => ({ name, x: xOf.get(name)!, lines: wrap(name, 18) })),
    arrows,
    messages: rows.map((row, n) => ({ number: n + 1, ...row })),
  }
}

export function printSeconds(seconds: number): string {
  return `${seconds.toFixed(seconds < 100 ? 2 : 1)} s`
}

function wrap(text: string, length: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length + 1 <= length) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.slice(0, 3)
}
