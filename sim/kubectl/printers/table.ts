/** Tables of objects, as the server's columns and kubectl's printer make them. */
import type { Column, Kind, PrintContext } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { formatLabels } from '../../api/meta/selector-text.ts'
import { charge } from '../../engine/work.ts'

export interface TableOptions {
  isWide: boolean
  showsNamespace: boolean
  showsLabels: boolean
  hasHeaders: boolean
  /** Label keys that get a column each. */
  labelColumns: readonly string[]
  /** `deployment.apps/` in front of each name; '' for none. It is the column in the format `name` that gets it: a table of events has it in -o wide alone. */
  namePrefix: string
}

/** Prints rows of one table; columns never get narrower, so that rows that come later (get -w) stay aligned. */
export class TablePrinter {
  private readonly columns: readonly Column<KubeObject>[]
  private readonly options: TableOptions
  private print: PrintContext
  private readonly widths: number[] = []
  private isHeaderDue: boolean

  constructor(kind: Kind, options: TableOptions, print: PrintContext) {
    this.columns = kind.columns.filter((column) => options.isWide || column.priority === 0)
    this.options = options
    this.print = print
    this.isHeaderDue = options.hasHeaders
  }

  /** The same table at another moment: ages are reckoned from then. */
  at(nowEpochMs: number): this {
    this.print = { nowEpochMs }
    return this
  }

  /** @param extra a column in front of the others, with its header: the EVENT of --output-watch-events */
  rows(objects: readonly KubeObject[], extra?: { header: string; values: readonly string[] }): string {
    charge(stepsOfLabelCell * this.options.labelColumns.length * objects.length)
    const rows = objects.map((object, at) => [...(extra ? [extra.values[at]] : []), ...this.row(object)])
    if (this.isHeaderDue) rows.unshift([...(extra ? [extra.header] : []), ...this.header()])
    this.isHeaderDue = false
    for (const row of rows) {
      row.forEach((cell, at) => {
        // 6 and 3 are kubectl's minimum width and padding.
        this.widths[at] = Math.max(this.widths[at] ?? 6, [...cell].length + 3)
      })
    }
    return rows.map((row) => `${this.line(row)}\n`).join('')
  }

  private line(row: readonly string[]): string {
    return row
      .map((cell, at) => (at === row.length - 1 ? cell : cell + ' '.repeat(this.widths[at] - [...cell].length)))
      .join('')
  }

  private header(): string[] {
    const { showsNamespace, showsLabels, labelColumns } = this.options
    return [
      ...(showsNamespace ? ['NAMESPACE'] : []),
      ...this.columns.map((column) => column.name.toUpperCase()),
      ...labelColumns.map((key) => key.slice(key.lastIndexOf('/') + 1).toUpperCase()),
      ...(showsLabels ? ['LABELS'] : []),
    ]
  }

  private row(object: KubeObject): string[] {
    const { showsNamespace, showsLabels, labelColumns, namePrefix } = this.options
    const { labels = {}, namespace = '' } = object.metadata
    return [
      ...(showsNamespace ? [namespace] : []),
      ...this.columns.map((column) => {
        const text = printCell(column.cell(object, this.print))
        return column.format === 'name' ? namePrefix + text : text
      }),
      ...labelColumns.map((key) => (Object.hasOwn(labels, key) ? labels[key] : '')),
      ...(showsLabels ? [formatLabels(labels)] : []),
    ]
  }
}

/** Of computing: to pad a label's cell twice, once to find out how wide its column is. */
const stepsOfLabelCell = 2

/** One line whatever the value holds. */
const printCell = (value: string | number | boolean | null): string => {
  if (value === null) return ''
  const text = String(value)
  const end = text.search(/[\n\r\f]/)
  return end < 0 ? text : `${text.slice(0, end)}...`
}
