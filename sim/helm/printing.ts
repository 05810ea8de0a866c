/** Tables as Helm prints them, and -o json, -o yaml. Source: helm.sh/helm/v3/pkg/cli/output */
import { givenKeys, printCompactJson } from '../api/meta/go-json.ts'
import { printYaml } from '../kubectl/printers/yaml.ts'
import type { HelmCall } from './context.ts'
import { HelmError } from './errors.ts'
import { toPlain } from './sprig/plain.ts'

/** Columns as wide as their widest cell, a tab behind each; cells of more than `most` characters are cut. */
export function printTable(rows: readonly (readonly string[])[], most = 60): string {
  const cut = rows.map((row) =>
    row.map((cell) => ([...cell].length > most ? `${[...cell].slice(0, most - 3).join('')}...` : cell)),
  )
  const widths = (cut[0] ?? []).map((_, at) => Math.max(...cut.map((row) => [...row[at]!].length)))
  return cut.map((row) => `${row.map((cell, at) => cell.padEnd(widths[at]!)).join('\t')}\n`).join('')
}

/** @param table what is printed unless -o asks for something else */
export function printAs(call: HelmCall, value: unknown, table: () => string): void {
  const format = call.flags.knows('output') ? call.flags.string('output') : 'table'
  if (format === 'table') call.out(table())
  else if (format === 'json') call.out(`${printCompactJson(toPlain(value), givenKeys)}\n`)
  else if (format === 'yaml') call.out(printYaml(toPlain(value)))
  else throw new HelmError(`invalid argument ${JSON.stringify(format)} for "-o, --output" flag: invalid format type`)
}
