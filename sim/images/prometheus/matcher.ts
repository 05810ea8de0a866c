/** Matchers as Alertmanager and amtool take them. Source: https://prometheus.io/docs/alerting/latest/configuration/#matcher */
import { parsePromql } from './promql/parse.ts'
import { type Matcher, PromqlError } from './promql/types.ts'

/** A configuration, or a question, that Alertmanager does not take. */
export class ConfigurationRefused extends Error {
  override readonly name = 'ConfigurationRefused'
}
export const refuse = (why: string): never => {
  throw new ConfigurationRefused(why)
}

/** `severity="critical"`, `team=~"a|b"`; quotes may be left out. @throws ConfigurationRefused */
export function parseMatcher(text: string): Matcher {
  const [, label, op, value] = /^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s.exec(text) ?? []
  if (label === undefined) return refuse(`bad matcher format: ${text}`)
  const quoted = /^"/.test(value) ? value : JSON.stringify(value)
  try {
    // As a selector of PromQL writes it.
    const found = parsePromql(`{__name__=~".+",${label}${op}${quoted}}`)
    return found.is === 'selector' ? found.matchers[1] : refuse(`bad matcher format: ${text}`)
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error
    return refuse(`bad matcher format: ${text}`)
  }
}

/** As the API tells of one. */
export const tellMatcher = ({ label, op, value }: Matcher) => ({
  name: label,
  value,
  isRegex: op.includes('~'),
  isEqual: !op.startsWith('!'),
})
