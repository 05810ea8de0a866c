/** Labels of targets and samples made anew by rules. Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config */
import { hash32 } from '../../engine/random.ts'
import { chargeText } from '../../engine/work.ts'
import { expandGroups } from '../../text/go-regexp.ts'
import { chargeLabels } from './promql/evaluate.ts'
import { type Labels, MOST_LABEL_LENGTH } from './promql/types.ts'
import type { WholeMatcher } from './promql/whole-match.ts'

export interface RelabelRule {
  readonly sources: readonly string[]
  readonly separator: string
  readonly match: WholeMatcher
  readonly target: string
  readonly replacement: string
  readonly modulus: number
  readonly action: string
}

export const relabelActions = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
]

/** @returns undefined for what is dropped, and for labels that would be too long */
export function relabel(given: Labels, rules: readonly RelabelRule[]): Labels | undefined {
  let labels: Record<string, string> = { ...given }
  chargeLabels(Object.keys(labels).length)
  let isTooLong = false
  const set = (name: string, value: string): void => {
    chargeText(name.length + value.length)
    if (name.length + value.length > MOST_LABEL_LENGTH) isTooLong = true
    if (value === '') delete labels[name]
    else labels[name] = value
  }
  for (const { sources, separator, match, target, replacement, modulus, action } of rules) {
    chargeLabels(sources.length)
    const value = sources.map((name) => labels[name] ?? '').join(separator)
    if (isTooLong || value.length > MOST_LABEL_LENGTH) return undefined
    switch (action) {
      case 'keep':
        if (!match(value)) return undefined
        break
      case 'drop':
        if (match(value)) return undefined
        break
      case 'keepequal':
        if (value !== (labels[target] ?? '')) return undefined
        break
      case 'dropequal':
        if (value === (labels[target] ?? '')) return undefined
        break
      case 'replace': {
        const groups = match(value)
        if (groups) set(expandGroups(target, groups), expandGroups(replacement, groups))
        break
      }
      case 'lowercase':
        set(target, value.toLowerCase())
        break
      case 'uppercase':
        set(target, value.toUpperCase())
        break
      case 'hashmod':
        set(target, String(hash32(value) % modulus))
        break
      case 'labelmap':
        chargeLabels(Object.keys(labels).length)
        for (const [name, text] of Object.entries(labels)) {
          const groups = match(name)
          if (groups) set(expandGroups(replacement, groups), text)
        }
        break
      default:
        chargeLabels(Object.keys(labels).length)
        labels = Object.fromEntries(
          Object.entries(labels).filter(([name]) => (match(name) !== undefined) === (action === 'labelkeep')),
        )
    }
  }
  return isTooLong ? undefined : labels
}
