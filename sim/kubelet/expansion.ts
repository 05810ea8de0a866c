import { chargeText } from '../engine/work.ts'

/**
 * `$(VAR)` in commands, arguments and environment values; `$$(VAR)` stands for itself, and so does an unknown name.
 * Source: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 * @param most characters; what would be longer is cut off after them
 */
export function expandVariables(
  text: string,
  lookup: (name: string) => string | undefined,
  most = Number.POSITIVE_INFINITY,
): string {
  chargeText(text.length)
  if (!text.includes('$')) return text
  let result = ''
  let at = 0
  while (at < text.length) {
    const dollar = text.indexOf('$', at)
    if (dollar < 0 || dollar + 1 >= text.length) break
    result += text.slice(at, dollar)
    const next = text[dollar + 1]
    const end = next === '(' ? text.indexOf(')', dollar + 2) : -1
    if (next === '$') {
      result += '$'
      at = dollar + 2
    } else if (end >= 0) {
      const value = lookup(text.slice(dollar + 2, end)) ?? text.slice(dollar, end + 1)
      chargeText(value.length)
      result += value
      at = end + 1
      if (result.length > most) return result.slice(0, most)
    } else {
      result += text.slice(dollar, dollar + 2)
      at = dollar + 2
    }
  }
  return result + text.slice(at)
}
