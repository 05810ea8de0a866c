/** How etcdctl and etcdutl print: tables of lines, and sizes in decimal units. Sources: github.com/olekukonko/tablewriter, go-humanize */

/** Titles in capitals and in the middle, cells at the right. */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)))
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`
  const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const head = titles.map((title, i) => {
    const gap = widths[i] - title.length
    return `${' '.repeat(Math.floor(gap / 2))}${title.toUpperCase()}`.padEnd(widths[i])
  })
  const body = rows.map((row) => lineOf(row.map((cell, i) => cell.padStart(widths[i])))).join('')
  return rule + lineOf(head) + rule + body + (rows.length > 0 ? rule : '')
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
