/** How etcdctl and etcdutl print: tables of lines, and sizes in decimal units. Sources: github.com/olekukonko/tablewriter, go-humanize */

/** Wider cells are broken at their spaces. */
const MOST_WIDTH = 30

/** Titles in capitals and in the middle, cells at the right. */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const broken = rows.map((row) => row.map(breakCell))
  const widths = titles.map((title, i) => Math.max(title.length, ...broken.map((row) => row[i].width)))
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`
  const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const head = titles.map((title, i) => {
    const gap = widths[i] - title.length
    return `${' '.repeat(Math.floor(gap / 2))}${title.toUpperCase()}`.padEnd(widths[i])
  })
  const body = broken.flatMap((row) => {
    const height = Math.max(...row.map(({ lines }) => lines.length))
    return Array.from({ length: height }, (_, n) =>
      lineOf(row.map(({ lines }, i) => (lines[n] ?? '').padStart(widths[i]))),
    )
  })
  return rule + lineOf(head) + rule + body.join('') + (rows.length > 0 ? rule : '')
}

function breakCell(text: string): { lines: readonly string[]; width: number } {
  if (text.length <= MOST_WIDTH) return { lines: [text], width: text.length }
  const words = text.split(' ')
  const width = Math.max(MOST_WIDTH, ...words.map((word) => word.length))
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return { lines, width }
}

/** `20 kB`, `5.2 MB` */
export function printSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  if (bytes < 10) return `${bytes} B`
  return `${value < 10 ? (Math.floor(value * 10 + 0.5) / 10).toFixed(1) : Math.floor(value + 0.5)} ${units[unit]}`
}
