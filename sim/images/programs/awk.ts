/** awk's most used lines: `[/regex/ | NR==2 | $1=="x"] { print $1, $NF }`, BEGIN and END. Simplified: no variables, no functions. */
import type { Program } from '../../runtime/process.ts'
import { decodeEscapes } from '../../runtime/shell/format.ts'
import { compileRegex, RegexError } from './regex.ts'
import { complain, linesOf, readInputs, withOptions } from './support.ts'

interface Line {
  fields: readonly string[]
  number: number
}

interface Rule {
  when: 'BEGIN' | 'END' | ((line: Line) => boolean)
  print: (line: Line) => string
}

const rulePattern =
  /\s*(BEGIN|END|\/((?:[^/\\]|\\.)*)\/|(NR|NF|\$\d+|\$NF)\s*(==|!=|>=|<=|>|<|~)\s*("[^"]*"|\/[^/]*\/|-?\d+))?\s*(?:\{\s*print\b\s*([^{}]*?)\s*;?\s*\})?\s*;?/y

function operand(text: string): ((line: Line) => string) | undefined {
  if (/^"(?:[^"\\]|\\.)*"$/.test(text)) {
    const literal = decodeEscapes(text.slice(1, -1)).text
    return () => literal
  }
  if (/^-?\d+$/.test(text)) return () => text
  if (text === 'NR') return ({ number }) => String(number)
  if (text === 'NF') return ({ fields }) => String(fields.length - 1)
  if (text === '$NF') return ({ fields }) => fields[fields.length - 1]
  const field = /^\$(\d+)$/.exec(text)
  return field ? ({ fields }) => fields[Number(field[1])] ?? '' : undefined
}

/** Rules of a program; undefined when it holds what is not understood here. */
function parseProgram(text: string): Rule[] | undefined {
  const rules: Rule[] = []
  const source = text.trim()
  rulePattern.lastIndex = 0
  while (rulePattern.lastIndex < source.length) {
    const match = rulePattern.exec(source)
    if (!match || match[0].trim() === '') return undefined
    const [whole, word, regexText, left, operator, right, printed = ''] = match
    const parts = printed.match(/"(?:[^"\\]|\\.)*"|\$?\w+|,|\S/g) ?? ['$0']
    const values = parts.map((part) => (part === ',' ? () => ' ' : operand(part)))
    if (values.some((value) => value === undefined) || (word === undefined && !whole.includes('{'))) return undefined
    let when: Rule['when'] = () => true
    if (word === 'BEGIN' || word === 'END') when = word
    else if (regexText !== undefined) {
      const regex = compileRegex(regexText, { isExtended: true })
      when = ({ fields }) => regex.test(fields[0])
    } else if (left !== undefined) {
      const value = operand(left)!
      const regex = operator === '~' ? compileRegex(right.slice(1, -1), { isExtended: true }) : undefined
      const wanted = operand(right)
      when = (line) => {
        const found = value(line)
        if (regex) return regex.test(found)
        const other = wanted?.(line) ?? ''
        const order = Number.isNaN(Number(found) - Number(other))
          ? found < other
            ? -1
            : found > other
              ? 1
              : 0
          : Number(found) - Number(other)
        return (
          { '==': order === 0, '!=': order !== 0, '>': order > 0, '<': order < 0, '>=': order >= 0, '<=': order <= 0 }[
            operator
          ] ?? false
        )
      }
    }
    rules.push({ when, print: (line) => values.map((value) => value!(line)).join('') })
  }
  return rules
}

export const awkProgram: Program = withOptions(
  'F:v:f:',
  function* (process, options) {
    const [source = '', ...paths] = options.rest
    let rules: Rule[] | undefined
    try {
      rules = parseProgram(source)
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
    }
    if (!rules) {
      complain(process, `this awk only matches and prints: can't run '${source}'`)
      return 2
    }
    const print = (rule: Rule, line: Line): void => process.stdout.write(`${rule.print(line)}\n`)
    let line: Line = { fields: [''], number: 0 }
    for (const rule of rules) if (rule.when === 'BEGIN') print(rule, line)
    if (rules.every((rule) => rule.when === 'BEGIN')) return 0
    const { text, failed } = yield* readInputs(process, paths)
    const separator = options.value('F')
    for (const content of linesOf(text)) {
      const words = separator ? content.split(separator) : content.trim().split(/\s+/)
      line = { fields: [content, ...words], number: line.number + 1 }
      for (const rule of rules) if (typeof rule.when === 'function' && rule.when(line)) print(rule, line)
    }
    for (const rule of rules) if (rule.when === 'END') print(rule, line)
    return failed ? 2 : 0
  },
  { stopsAtFirst: true },
)
