/**
 * Label selectors: as objects, and as text. Source: k8s.io/apimachinery/pkg/labels.
 * Several terms are and-ed; an empty selector matches everything.
 */
import { charge } from '../../engine/work.ts'
import { labelValueErrors, qualifiedNameErrors } from './names.ts'
import type { LabelSelector, LabelSelectorRequirement } from './object.ts'
import { selectorText } from './selector-text.ts'

type Labels = Readonly<Record<string, string>> | undefined

/** Gt and Lt exist in text only. */
export interface SelectorTerm {
  key: string
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt'
  values: readonly string[]
}

/** A selector made ready to match many objects. */
export interface CompiledSelector {
  terms: readonly SelectorTerm[]
  matches(labels: Labels): boolean
}

/** @param selector text as after `-l`, or the object; undefined matches everything. @throws Error as parseSelector */
export function compileSelector(selector: LabelSelector | string | undefined): CompiledSelector {
  const terms = selector === undefined ? [] : typeof selector === 'string' ? parseSelector(selector) : termsOf(selector)
  const sizes = terms.reduce((sum, { values }) => sum + values.length, 0)
  charge((terms.length + sizes) / 4)
  return {
    terms,
    matches(labels) {
      if (terms.length < few) return terms.every((term) => termMatches(term, labels))
      const first = terms.findIndex((term) => !termMatches(term, labels))
      charge(stepsOfTerm * (first < 0 ? terms.length : first))
      return first < 0
    },
  }
}

/** Whether the labels satisfy the selector. An absent selector matches nothing, an empty one everything. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false
  let checked = 0
  let isMatch = true
  for (const key in selector.matchLabels) {
    checked++
    isMatch = labels?.[key] === selector.matchLabels[key]
    if (!isMatch) break
  }
  if (checked > few) charge(checked)
  const { matchExpressions } = selector
  if (!isMatch || !matchExpressions) return isMatch
  if (matchExpressions.length > few) charge(stepsOfTerm * matchExpressions.length)
  return matchExpressions.every(({ key, operator, values = [] }) => termMatches({ key, operator, values }, labels))
}

/** So few terms, or values of one, cost next to nothing. */
const few = 8
/** Of computing: to check a term, to look through its values (a step each so many), and to read one from a text. */
const stepsOfTerm = 0.8
const valuesPerStep = 16
const stepsOfToken = 4

function termsOf(selector: LabelSelector): SelectorTerm[] {
  const terms: SelectorTerm[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }))
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) terms.push({ key, operator, values })
  return terms
}

export function termMatches(term: SelectorTerm, labels: Labels): boolean {
  if (term.values.length > few) charge(term.values.length / valuesPerStep)
  const value = labels !== undefined && Object.hasOwn(labels, term.key) ? labels[term.key] : undefined
  switch (term.operator) {
    case 'In':
      return value !== undefined && term.values.includes(value)
    case 'NotIn':
      return value === undefined || !term.values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default: {
      if (value === undefined || !/^[+-]?\d+$/.test(value) || !/^[+-]?\d+$/.test(term.values[0] ?? '')) return false
      return term.operator === 'Gt' ? Number(value) > Number(term.values[0]) : Number(value) < Number(term.values[0])
    }
  }
}

/** The selector as text, as `Scale.status.selector` and tables hold it. */
export const printSelector = (selector: LabelSelector): string => selectorText(selector)

/** The object for a text; terms with `>` and `<` have none. */
export function selectorFromText(text: string): LabelSelector {
  const matchExpressions: LabelSelectorRequirement[] = []
  const matchLabels: Record<string, string> = {}
  for (const { key, operator, values } of parseSelector(text)) {
    if (operator === 'Gt' || operator === 'Lt') throw new Error(`"${operator}" is not a valid label selector operator`)
    if (operator === 'In' && values.length === 1) matchLabels[key] = values[0]
    else matchExpressions.push({ key, operator, ...(values.length > 0 ? { values: [...values] } : {}) })
  }
  return {
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
  }
}

/** `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, `a>1`, joined by commas. @throws Error worded as the server's parser */
export function parseSelector(text: string): SelectorTerm[] {
  return new Parser(text).parse()
}

type Token = { kind: 'identifier' | 'symbol' | 'end'; text: string }

const SYMBOLS = ['==', '!=', '=', '!', '>', '<', ',', '(', ')']

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  for (let i = 0; i < text.length; ) {
    if (/\s/.test(text[i])) {
      i++
      continue
    }
    const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, i))
    if (symbol) {
      charge(stepsOfToken)
      tokens.push({ kind: 'symbol', text: symbol })
      i += symbol.length
      continue
    }
    const word = wordAt(text, i)
    charge(stepsOfToken + word.length / valuesPerStep)
    tokens.push({ kind: 'identifier', text: word })
    i += word.length
  }
  return tokens
}

function wordAt(text: string, at: number): string {
  const word = /[^\s=!(),><]+/y
  word.lastIndex = at
  return word.exec(text)![0]
}

class Parser {
  readonly #tokens: Token[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokenize(text)
  }

  parse(): SelectorTerm[] {
    const terms: SelectorTerm[] = []
    if (this.#peek().kind === 'end') return terms
    for (;;) {
      const token = this.#peek()
      if (token.kind !== 'identifier' && token.text !== '!')
        throw new Error(`found '${token.text}', expected: !, identifier, or 'end of string'`)
      terms.push(this.#requirement())
      const next = this.#take()
      if (next.kind === 'end') return sorted(terms)
      if (next.text !== ',') throw new Error(`found '${next.text}', expected: ',' or 'end of string'`)
      const after = this.#peek()
      if (after.kind !== 'identifier' && after.text !== '!')
        throw new Error(`found '${after.text}', expected: identifier after ','`)
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' }
  }

  #take(): Token {
    const token = this.#peek()
    this.#at++
    return token
  }

  #requirement(): SelectorTerm {
    try {
      return this.#term()
    } catch (error) {
      throw new Error(`unable to parse requirement: ${(error as Error).message}`)
    }
  }

  #term(): SelectorTerm {
    const isNegated = this.#peek().text === '!' && this.#peek().kind === 'symbol'
    if (isNegated) this.#take()
    const key = this.#take()
    if (key.kind !== 'identifier') throw new Error(`found '${key.text}', expected: identifier`)
    checkKey(key.text)
    if (isNegated) return { key: key.text, operator: 'DoesNotExist', values: [] }
    const next = this.#peek()
    if (next.kind === 'end' || next.text === ',') return { key: key.text, operator: 'Exists', values: [] }
    const operator = this.#operator()
    const values = operator.isSet ? this.#values() : [this.#exactValue()]
    for (const value of values) checkValue(key.text, value, operator.operator)
    return { key: key.text, operator: operator.operator, values }
  }

  #operator(): { operator: SelectorTerm['operator']; isSet: boolean } {
    const { text } = this.#take()
    if (text === '=' || text === '==') return { operator: 'In', isSet: false }
    if (text === '!=') return { operator: 'NotIn', isSet: false }
    if (text === '>') return { operator: 'Gt', isSet: false }
    if (text === '<') return { operator: 'Lt', isSet: false }
    if (text === 'in') return { operator: 'In', isSet: true }
    if (text === 'notin') return { operator: 'NotIn', isSet: true }
    throw new Error(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`)
  }

  #exactValue(): string {
    const next = this.#peek()
    if (next.kind === 'end' || next.text === ',') return ''
    this.#take()
    if (next.kind === 'identifier') return next.text
    throw new Error(`found '${next.text}', expected: identifier`)
  }

  #values(): string[] {
    const open = this.#take()
    if (open.text !== '(') throw new Error(`found '${open.text}' expected: '('`)
    const values: string[] = []
    for (;;) {
      const token = this.#take()
      if (token.kind === 'identifier') {
        values.push(token.text)
        const next = this.#take()
        if (next.text === ')') return [...new Set(values)].sort()
        if (next.text !== ',') throw new Error(`found '${next.text}', expected: ',' or ')'`)
        if (this.#peek().text === ')' || this.#peek().text === ',') values.push('')
        if (this.#peek().text === ')') {
          this.#take()
          return [...new Set(values)].sort()
        }
      } else if (token.text === ')') return [...new Set(values.length > 0 ? values : [''])].sort()
      else if (token.text === ',') values.push('')
      else throw new Error(`found '${token.text}', expected: ',', ')' or identifier`)
    }
  }
}

const sorted = (terms: SelectorTerm[]): SelectorTerm[] =>
  terms.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))

function checkKey(key: string): void {
  const errors = qualifiedNameErrors(key)
  if (errors.length > 0) throw new Error(`<nil>: Invalid value: ${JSON.stringify(key)}: ${errors.join('; ')}`)
}

function checkValue(key: string, value: string, operator: SelectorTerm['operator']): void {
  const at = `values[0][${key}]: Invalid value: ${JSON.stringify(value)}`
  if ((operator === 'Gt' || operator === 'Lt') && !/^[+-]?\d+$/.test(value))
    throw new Error(`${at}: for 'Gt', 'Lt' operators, the value must be an integer`)
  const errors = labelValueErrors(value)
  if (errors.length > 0) throw new Error(`${at}: ${errors.join('; ')}`)
}
