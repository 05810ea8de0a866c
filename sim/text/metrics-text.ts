/** The text in which programs tell their metrics. Source: https://prometheus.io/docs/instrumenting/exposition_formats/ */
import { chargeText } from '../engine/work.ts'

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter' | 'info'
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

type Samples = Family['samples']
const family =
  (type: Family['type']) =>
  (name: string, help: string, samples: Samples): Family => ({ name, help, type, samples })
export const gauge = family('gauge')
export const counter = family('counter')

const escaped = (text: string): string => text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))

/** As client libraries write it. */
export function printExposition(families: readonly Family[]): string {
  const lines: string[] = []
  for (const { name, help, type, samples } of families) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type === 'info' ? 'gauge' : type}`)
    for (const { labels, value } of samples) {
      const inner = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
      lines.push(`${name}${inner.length > 0 ? `{${inner.join(',')}}` : ''} ${value}`)
    }
  }
  const text = lines.map((written) => `${written}\n`).join('')
  chargeText(text.length)
  return text
}
