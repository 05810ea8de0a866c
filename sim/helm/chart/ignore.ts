/** .helmignore: which files of a folder are no part of its chart. Source: helm.sh/helm/v3/pkg/ignore */
import { HelmError } from '../errors.ts'
import { globTest } from './glob.ts'

type Rule = { isNegated: boolean; isFolder: boolean; matches(path: string): boolean }

/**
 * @returns whether a path is left out
 * @throws HelmError for `**`
 */
export function parseIgnoreFile(text: string): (path: string) => boolean {
  const rules: Rule[] = ['templates/.?*', ...text.split('\n')].flatMap((line) => parseRule(line.trim()) ?? [])
  return (path) => {
    const parts = path.split('/')
    return parts.some((_, at) => isIgnored(rules, parts.slice(0, at + 1).join('/'), at < parts.length - 1))
  }
}

const isIgnored = (rules: readonly Rule[], path: string, isFolder: boolean): boolean =>
  rules.some((rule) => {
    if (rule.isFolder && !isFolder) return false
    return rule.matches(path) !== rule.isNegated
  })

function parseRule(line: string): Rule | undefined {
  if (line === '' || line.startsWith('#')) return undefined
  if (line.includes('**')) throw new HelmError('double-star (**) syntax is not supported')
  const isNegated = line.startsWith('!')
  let pattern = isNegated ? line.slice(1) : line
  const isFolder = pattern.endsWith('/')
  pattern = pattern.replace(/\/$/, '')
  // A slash ties a pattern to the chart's own folder.
  const isRooted = pattern.startsWith('/')
  const test = globTest(pattern.replace(/^\//, ''))
  const isPath = isRooted || pattern.includes('/')
  return { isNegated, isFolder, matches: (path) => test(isPath ? path : path.slice(path.lastIndexOf('/') + 1)) }
}
