/** expr: arithmetic, comparison and texts, by precedence. */
import { countCodePoints } from '../../engine/code-points.ts'
import type { Program } from '../../runtime/process.ts'
import { compileRegex, RegexError } from '../../text/regex.ts'
import { atOnce, complain } from './support.ts'

class ExprError extends Error {
  override readonly name = 'ExprError'
}

const levels: readonly (readonly string[])[] = [
  ['|'],
  ['&'],
  ['<', '<=', '=', '==', '!=', '>=', '>'],
  ['+', '-'],
  ['*', '/', '%'],
  [':'],
]

function evaluate(words: readonly string[]): string {
  let at = 0
  const integer = (text: string): bigint => {
    if (!/^-?\d{1,18}$/.test(text)) throw new ExprError('non-numeric argument')
    return BigInt(text)
  }
  const isTrue = (text: string): boolean => text !== '' && text !== '0'
  const match = (text: string, pattern: string): string => {
    const regex = compileRegex(`^${pattern.replace(/^\^/, '')}`)
    const found = regex.exec(text)
    if (/\\\(/.test(pattern)) return found?.groups[1] ?? ''
    return String(found ? found.end : 0)
  }
  let depth = 0
  function primary(): string {
    if (depth >= 100) throw new ExprError('syntax error')
    depth++
    const value = operand()
    depth--
    return value
  }
  function operand(): string {
    const word = words[at++]
    if (word === undefined) throw new ExprError('syntax error')
    if (word === '(') {
      const value = level(0)
      if (words[at++] !== ')') throw new ExprError('syntax error')
      return value
    }
    if (at < words.length) {
      if (word === 'length') return String(countCodePoints(primary()))
      if (word === 'match') return match(primary(), primary())
      if (word === 'index') {
        const [text, characters] = [primary(), primary()]
        return String([...text].findIndex((char) => characters.includes(char)) + 1)
      }
      if (word === 'substr') {
        const [text, from, length] = [primary(), Number(primary()), Number(primary())]
        return from > 0 && length > 0 ? text.slice(from - 1, from - 1 + length) : ''
      }
    }
    return word
  }
  function level(n: number): string {
    if (n >= levels.length) return primary()
    let left = level(n + 1)
    while (at < words.length && levels[n].includes(words[at])) {
      const operator = words[at++]
      const right = level(n + 1)
      left = apply(operator, left, right)
    }
    return left
  }
  function apply(operator: string, left: string, right: string): string {
    if (operator === '|') return isTrue(left) ? left : right
    if (operator === '&') return isTrue(left) && isTrue(right) ? left : '0'
    if (operator === ':') return match(left, right)
    if (levels[2].includes(operator)) {
      const isNumeric = /^-?\d{1,18}$/.test(left) && /^-?\d{1,18}$/.test(right)
      const [a, b] = isNumeric ? [BigInt(left), BigInt(right)] : [left, right]
      const holds =
        operator === '<'
          ? a < b
          : operator === '<='
            ? a <= b
            : operator === '>'
              ? a > b
              : operator === '>='
                ? a >= b
                : (a === b) === (operator !== '!=')
      return holds ? '1' : '0'
    }
    const [a, b] = [integer(left), integer(right)]
    if ((operator === '/' || operator === '%') && b === 0n) throw new ExprError('division by zero')
    return String(
      operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : operator === '/' ? a / b : a % b,
    )
  }
  const value = level(0)
  if (at < words.length) throw new ExprError('syntax error')
  return value
}

export const expr: Program = function* (process) {
  yield* atOnce
  if (process.argv.length < 2) {
    complain(process, 'too few arguments')
    return 2
  }
  try {
    const value = evaluate(process.argv.slice(1))
    process.stdout.write(`${value}\n`)
    return value === '' || value === '0' ? 1 : 0
  } catch (error) {
    if (!(error instanceof ExprError || error instanceof RegexError)) throw error
    complain(process, error.message)
    return 2
  }
}
