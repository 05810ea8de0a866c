/**
 * Marks a sentence that is told of a run, such as `said`Service ${name} has no endpoints.``: it gives the text as a template literal does. The
 * sentences are found by this mark, so that whoever shows them can say them in another language; gradings keep them in English.
 */
export function said(parts: TemplateStringsArray, ...values: readonly (string | number | undefined)[]): string {
  return parts.reduce((text, part, n) => `${text}${values[n - 1]}${part}`)
}
