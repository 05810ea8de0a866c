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
