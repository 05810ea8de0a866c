/** What reading YAML costs, and how deep it may be nested: looked at before the library reads it, which recurses and takes its time. */
import { charge, chargeText } from '../engine/work.ts'

export const MOST_YAML_DEPTH = 200

/** Of computing: a token, with its node. */
const stepsOfToken = 50
/** An anchor, alias or tag: where it may not stand it is an error. */
const stepsOfProperty = 100

export const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

/** Charges what it takes to read the text. @throws WorkExceeded */
export function chargeYaml(text: string): void {
  charge(stepsOfToken * countOf(text, /[\n,:]/g) + stepsOfProperty * countOf(text, /(?<=^|[\s,[{:(-])[&*!]/g))
}

/** The line where nesting passes the limit, judged by brackets and indentation: the parser itself recurses. */
export function lineTooDeep(text: string): number | undefined {
  chargeText(16 * text.length)
  let line = 1
  let open = 0
  let columns = 0
  let atStart = true
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '\n') {
      line++
      columns = 0
      atStart = true
      continue
    }
    if (atStart && (char === ' ' || ((char === '-' || char === '?') && text[i + 1] === ' '))) {
      columns++
      if (columns > 2 * MOST_YAML_DEPTH && char !== ' ') return line
      continue
    }
    atStart = false
    if (quote) {
      if (char === '\\' && quote === '"') i++
      else if (char === quote) quote = ''
    } else if ((char === '"' || char === "'") && /[\s[{,:]/.test(text[i - 1] ?? ' ')) quote = char
    else if (char === '[' || char === '{') {
      if (++open > MOST_YAML_DEPTH) return line
    } else if (char === ']' || char === '}') open = Math.max(0, open - 1)
  }
  return undefined
}
