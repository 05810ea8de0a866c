/**
 * `-o go-template`: the part of Go's text/template that people use with kubectl.
 * Simplified: fields, `range`, `if`, `with`, `else`, `end`, literals, `len`, `index`, `eq`, `ne`, `not`, `and`, `or`, `printf`-less; no variables, no pipes.
 */
import { KubectlError } from '../errors.ts'
import { isMap, printNumber, sortedKeys } from './json.ts'

type Part =
  | { type: 'text'; text: string }
  | { type: 'print'; expression: string }
  | { type: 'block'; keyword: 'range' | 'if' | 'with'; expression: string; body: Part[]; otherwise: Part[] }

/** @throws KubectlError `error parsing template …` */
export function printGoTemplate(template: string, value: unknown): string {
  const fail = (why: string): never => {
    throw new KubectlError(`error parsing template ${template}, template: output:1: ${why}`)
  }
  return render(parse(template, fail), value, value, fail)
}

type Fail = (why: string) => never

function parse(template: string, fail: Fail): Part[] {
  const root: Part[] = []
  const stack: { parts: Part[]; block?: Extract<Part, { type: 'block' }> }[] = [{ parts: root }]
  const pieces = template.split(/(\{\{-?[\s\S]*?-?\}\})/)
  for (const [at, piece] of pieces.entries()) {
    const top = stack[stack.length - 1]
    if (!piece.startsWith('{{')) {
      let text = piece
      if (pieces[at - 1]?.endsWith('-}}')) text = text.trimStart()
      if (pieces[at + 1]?.startsWith('{{-')) text = text.trimEnd()
      if (text) top.parts.push({ type: 'text', text })
      continue
    }
    const action = piece.replace(/^\{\{-?\s*/, '').replace(/\s*-?\}\}$/, '')
    const [keyword] = action.split(/\s/, 1)
    if (keyword === 'end') {
      if (stack.length === 1) fail('unexpected {{end}}')
      stack.pop()
    } else if (keyword === 'else') {
      if (!top.block) fail('unexpected {{else}}')
      top.parts = top.block?.otherwise ?? []
    } else if (keyword === 'range' || keyword === 'if' || keyword === 'with') {
      const block: Extract<Part, { type: 'block' }> = {
        type: 'block',
        keyword: keyword as 'range' | 'if' | 'with',
        expression: action.slice(keyword.length).trim(),
        body: [],
        otherwise: [],
      }
      top.parts.push(block)
      stack.push({ parts: block.body, block })
    } else if (!action.startsWith('/*')) top.parts.push({ type: 'print', expression: action })
  }
  if (stack.length > 1) fail('unexpected EOF')
  return root
}

function render(parts: readonly Part[], dot: unknown, root: unknown, fail: Fail): string {
  return parts
    .map((part) => {
      if (part.type === 'text') return part.text
      const value = evaluate(part.expression, dot, root, fail)
      if (part.type === 'print') return printValue(value)
      if (part.keyword === 'range') {
        const items = Array.isArray(value) ? value : isMap(value) ? sortedKeys(value).map((key) => value[key]) : []
        if (items.length === 0) return render(part.otherwise, dot, root, fail)
        return items.map((item) => render(part.body, item, root, fail)).join('')
      }
      if (!isTrue(value)) return render(part.otherwise, dot, root, fail)
      return render(part.body, part.keyword === 'with' ? value : dot, root, fail)
    })
    .join('')
}

const isTrue = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : isMap(value) ? Object.keys(value).length > 0 : Boolean(value)

function evaluate(expression: string, dot: unknown, root: unknown, fail: Fail): unknown {
  const words = expression.match(/"(?:[^"\\]|\\.)*"|\([^()]*\)|[^\s()]+/g) ?? []
  if (words.length === 0) return fail('missing value for command')
  const operand = (word: string): unknown => {
    if (word.startsWith('(')) return evaluate(word.slice(1, -1), dot, root, fail)
    if (word.startsWith('"')) return JSON.parse(word)
    if (/^-?\d+(\.\d+)?$/.test(word)) return Number(word)
    if (word === 'true' || word === 'false') return word === 'true'
    if (word === '.') return dot
    if (word === '$') return root
    if (!/^\$?\./.test(word)) return fail(`function "${word}" not defined`)
    let value = word.startsWith('$') ? root : dot
    for (const name of word.replace(/^\$?\./, '').split('.')) value = isMap(value) ? value[name] : undefined
    return value
  }
  if (words.length === 1) return operand(words[0])
  const [name, ...rest] = words
  const values = rest.map(operand)
  switch (name) {
    case 'len':
      return Array.isArray(values[0])
        ? values[0].length
        : isMap(values[0])
          ? Object.keys(values[0]).length
          : String(values[0] ?? '').length
    case 'index':
      return values
        .slice(1)
        .reduce(
          (value, key) =>
            isMap(value) || Array.isArray(value) ? (value as Record<string, unknown>)[String(key)] : undefined,
          values[0],
        )
    case 'eq':
      return values.slice(1).some((value) => value === values[0])
    case 'ne':
      return values[0] !== values[1]
    case 'not':
      return !isTrue(values[0])
    case 'and':
      return values.find((value) => !isTrue(value)) ?? values[values.length - 1]
    case 'or':
      return values.find(isTrue) ?? values[values.length - 1]
    default:
      return fail(`function "${name}" not defined`)
  }
}

function printValue(value: unknown): string {
  if (value === undefined || value === null) return '<no value>'
  if (typeof value === 'number') return printNumber(value)
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`
  if (isMap(value))
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${printValue(value[key])}`)
      .join(' ')}]`
  return String(value)
}
