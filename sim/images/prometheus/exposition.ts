/** The text in which programs tell their metrics. Source: https://prometheus.io/docs/instrumenting/exposition_formats/ */
import { chargeText } from '../../engine/work.ts'
import type { Labels } from './promql/types.ts'

export interface Exposed {
  readonly labels: Labels
  readonly value: number
}

/** A page that is no such text. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError'
}

const line = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*(?:#.*)?$/
const pair = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/y

/** Simplified: timestamps are left out. @throws ExpositionError */
export function parseExposition(text: string): Exposed[] {
  chargeText(text.length)
  const found: Exposed[] = []
  for (const written of text.split('\n')) {
    const trimmed = written.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const [, name, inner = '', number] = line.exec(trimmed) ?? []
    if (name === undefined)
      throw new ExpositionError(
        `expected a valid start token, got ${JSON.stringify(trimmed[0])} while parsing: ${JSON.stringify(trimmed)}`,
      )
    found.push({ labels: { __name__: name, ...labelsIn(inner, trimmed) }, value: numberIn(number, trimmed) })
  }
  return found
}

function labelsIn(inner: string, whole: string): Labels {
  const labels: Record<string, string> = {}
  pair.lastIndex = 0
  while (pair.lastIndex < inner.length) {
    const match = pair.exec(inner)
    if (!match) throw new ExpositionError(`expected label name while parsing: ${JSON.stringify(whole)}`)
    const value = match[2].replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
    // An empty label is none.
    if (value !== '') labels[match[1]] = value
  }
  return labels
}

function numberIn(text: string, whole: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  const value = Number(text)
  if (Number.isNaN(value))
    throw new ExpositionError(
      `strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax while parsing: ${JSON.stringify(whole)}`,
    )
  return value
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter' | 'info'
  readonly samples: readonly { readonly labels: Labels; readonly value: number }[]
}

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
  return lines.map((written) => `${written}\n`).join('')
}
