/** Labels and selectors in one line, as tables show them. Sources: labels.FormatLabels, metav1.FormatLabelSelector */
import type { LabelSelector } from './object.ts'

/** `a=1,b=2` sorted by key; `<none>` when there are none. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',')
}

/** `app=web,tier in (a,b),!old`; `<none>` when it selects everything or is absent. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  const text = selector ? selectorText(selector) : ''
  return text || '<none>'
}

/** The selector as a query string understands it; '' selects everything. */
export function selectorText(selector: LabelSelector): string {
  const terms: { key: string; text: string }[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }))
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const list = [...values].sort().join(',')
    if (operator === 'In') terms.push({ key, text: `${key} in (${list})` })
    else if (operator === 'NotIn') terms.push({ key, text: `${key} notin (${list})` })
    else terms.push({ key, text: operator === 'Exists' ? key : `!${key}` })
  }
  return terms
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map((term) => term.text)
    .join(',')
}

/** The selector as Go prints it with %v, which some messages do: `&LabelSelector{MatchLabels:map[string]string{app: web,},…}`, or `nil`. */
export function goSelectorText(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const terms = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  return `&LabelSelector{MatchLabels:map[string]string{${labels.map(([key, value]) => `${key}: ${value},`).join('')}},MatchExpressions:[]LabelSelectorRequirement{${terms.join('')}},}`
}
