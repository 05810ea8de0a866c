/**
 * The part of Helm's templates that our chart uses, so that it is tested where no Helm is: values, `if eq`, `if ne`, `range` over a map, `quote`,
 * `default`, `printf`, `toYaml`, `nindent`. Whatever else stands in a template is refused, and has to be added here first.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'

type Values = Record<string, unknown>

export interface Chart {
  values: Values
  /** By name, as text. */
  templates: Map<string, string>
  appVersion: string
}

export function readChart(folder: string): Chart {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const names = readdirSync(join(folder, 'templates')).sort()
  return {
    values: parse(read('values.yaml')) as Values,
    templates: new Map(names.map((name) => [name, read(join('templates', name))])),
    appVersion: String((parse(read('Chart.yaml')) as Values).appVersion),
  }
}

/** The objects of a release, in the order of their files. @throws Error for what is not known here, and for a value that is not there */
export function renderChart(chart: Chart, release: string, over: Values = {}): Values[] {
  const scope = {
    Values: merged(chart.values, over),
    Release: { Name: release, Namespace: release },
    Chart: { AppVersion: chart.appVersion },
  }
  return [...chart.templates].flatMap(([name, text]) => {
    const rendered = render(text, scope, name)
    const object = name.endsWith('.txt') ? undefined : (parse(rendered) as Values | null)
    return object ? [object] : []
  })
}

function merged(base: Values, over: Values): Values {
  const isMap = (value: unknown): value is Values =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  const keys = new Set([...Object.keys(base), ...Object.keys(over)])
  return Object.fromEntries(
    [...keys].map((key) => {
      const [one, other] = [base[key], over[key]]
      return [key, isMap(one) && isMap(other) ? merged(one, other) : (other ?? one)]
    }),
  )
}

type Part = { text: string } | { act: string }

/** A dash at an edge takes the white space on its side away. */
function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let at = 0
  let trims = false
  for (const match of text.matchAll(/\{\{(-?)([\s\S]*?)(-?)\}\}/g)) {
    let before = text.slice(at, match.index)
    if (trims) before = before.trimStart()
    if (match[1]) before = before.trimEnd()
    parts.push({ text: before }, { act: match[2]!.trim() })
    trims = match[3] === '-'
    at = match.index + match[0].length
  }
  const rest = text.slice(at)
  return [...parts, { text: trims ? rest.trimStart() : rest }]
}

function render(text: string, scope: Values, name: string): string {
  const parts = partsOf(text)
  let at = 0
  /** Up to the `else` or `end` that is its own. */
  const block = (variables: Values, isShown: boolean): { text: string; ended: string } => {
    let shown = ''
    while (at < parts.length) {
      const part = parts[at++]!
      if ('text' in part) {
        if (isShown) shown += part.text
        continue
      }
      const [word = '', ...rest] = wordsOf(part.act)
      if (word === 'end' || word === 'else') return { text: shown, ended: word }
      if (word === 'if') {
        const holds = isShown && Boolean(evaluate(rest, variables))
        const then = block(variables, holds)
        const other = then.ended === 'else' ? block(variables, isShown && !holds) : undefined
        shown += then.text + (other?.text ?? '')
      } else if (word === 'range') {
        const [key, value, , ...of] = rest
        const map = isShown ? (evaluate(of, variables) as Values) : {}
        const begin = at
        for (const [name, each] of Object.entries(map).sort()) {
          at = begin
          shown += block({ ...variables, [key!]: name, [value!]: each }, true).text
        }
        at = begin
        block(variables, false)
      } else if (isShown) shown += String(evaluate([word, ...rest], variables))
    }
    return { text: shown, ended: '' }
  }
  const lookUp = (path: string, variables: Values): unknown => {
    if (path.startsWith('$')) return variables[path]
    let value: unknown = scope
    for (const step of path.slice(1).split('.')) value = (value as Values | undefined)?.[step]
    if (value === undefined) throw new Error(`${name}: there is no ${path}`)
    return value
  }
  const one = (word: string, variables: Values): unknown => {
    if (/^["']/.test(word)) return JSON.parse(word)
    if (/^\d+$/.test(word)) return Number(word)
    if (word.startsWith('(')) return evaluate(wordsOf(word.slice(1, -1)), variables)
    if (/^[.$]\w/.test(word)) return lookUp(word, variables)
    throw new Error(`${name}: ${word} is not known here`)
  }
  const functions: Record<string, (...given: unknown[]) => unknown> = {
    eq: (a, b) => a === b,
    ne: (a, b) => a !== b,
    quote: (value) => JSON.stringify(String(value)),
    default: (otherwise, value) => value || otherwise,
    printf: (form, ...values) => String(form).replaceAll('%s', () => String(values.shift())),
    toYaml: (value) => stringify(value).trimEnd(),
    nindent: (count, value) => `\n${String(value).replace(/^/gm, ' '.repeat(Number(count)))}`,
  }
  /** A pipe hands its value on as the last argument. */
  const evaluate = (words: readonly string[], variables: Values): unknown => {
    const calls = words
      .join('\u0000')
      .split('\u0000|\u0000')
      .map((call) => call.split('\u0000'))
    let piped: unknown[] = []
    for (const [head, ...args] of calls) {
      const act = functions[head!]
      if (!act && (args.length > 0 || piped.length > 0)) throw new Error(`${name}: ${head} is not known here`)
      piped = [act ? act(...args.map((arg) => one(arg, variables)), ...piped) : one(head!, variables)]
    }
    return piped[0]
  }
  const { text: all, ended } = block({}, true)
  if (ended !== '') throw new Error(`${name}: there is an ${ended} too many`)
  return all
}

/** Texts and what stands in parentheses are one word each. */
const wordsOf = (act: string): string[] =>
  act.replace(/,/g, ' ').match(/"(?:[^"\\]|\\.)*"|\((?:[^()"]|"[^"]*")*\)|[^\s]+/g) ?? []
