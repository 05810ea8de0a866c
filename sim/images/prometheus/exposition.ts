/** The text in which programs tell their metrics. Source: https://prometheus.io/docs/instrumenting/exposition_formats/ */
import { charge, chargeText } from '../../engine/work.ts'
import type { Labels } from './promql/types.ts'

export interface Exposed {
  readonly labels: Labels
  readonly value: number
}

/** A page that is no such text. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError'
}

/** Of computing: a line with its series. */
const stepsOfLine = 10
const metricName = /[a-zA-Z_:][\w:]*/y
const labelName = /\s*([a-zA-Z_]\w*)\s*=\s*"/y
/** Behind a label: another one follows, or none. */
const separator = /\s*(,?)\s*/y
const ofNumber = /^(\S+)(?:\s+-?\d+)?$/

/** Simplified: timestamps and exemplars are left out. @throws ExpositionError */
export function parseExposition(text: string): Exposed[] {
  chargeText(4 * text.length)
  const found: Exposed[] = []
  for (const written of text.split('\n')) {
    charge(stepsOfLine)
    const line = written.trim()
    if (line === '' || line.startsWith('#')) continue
    const name = matchAt(metricName, line, 0)?.[0]
    const rest = name === undefined ? '' : line.slice(name.length).trimStart()
    const [inner, end] = rest.startsWith('{') ? labelsIn(rest, line) : [{}, 0]
    const [number] = rest.slice(end).split(/\s#/)
    const value = ofNumber.exec(number!.trim())?.[1]
    if (name === undefined || value === undefined || (end === 0 && rest.length === line.length - name.length))
      throw new ExpositionError(
        `expected a valid start token, got ${JSON.stringify(line[0])} while parsing: ${JSON.stringify(line)}`,
      )
    found.push({ labels: { __name__: name, ...inner }, value: numberIn(value, line) })
  }
  return found
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at
  return sticky.exec(text)
}

/** @returns the labels in the braces that the text begins with, and where it goes on behind them */
function labelsIn(text: string, whole: string): [Labels, number] {
  const labels: Record<string, string> = {}
  const fail = (what: string): never => {
    throw new ExpositionError(`expected ${what} while parsing: ${JSON.stringify(whole)}`)
  }
  let at = 1
  while (/\s/.test(text[at] ?? '')) at++
  while (text[at] !== '}') {
    charge(2)
    const begin = matchAt(labelName, text, at) ?? fail('label name')
    const from = at + begin[0].length
    let to = from
    while (to < text.length && text[to] !== '"') to += text[to] === '\\' ? 2 : 1
    if (to >= text.length) fail('label value')
    const value = text.slice(from, to).replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
    // An empty label is none.
    if (value !== '') labels[begin[1]!] = value
    const next = matchAt(separator, text, to + 1)!
    at = to + 1 + next[0].length
    if (next[1] === '' && text[at] !== '}') fail('"," or "}"')
  }
  return [labels, at + 1]
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
