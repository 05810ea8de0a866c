/** Field selectors: `status.phase!=Running,spec.nodeName=n1`. Source: k8s.io/apimachinery/pkg/fields */
import { charge, chargeText } from '../../engine/work.ts'

export interface FieldTerm {
  field: string
  isEqual: boolean
  value: string
}

/** @throws Error worded as the server's parser */
export function parseFieldSelector(text: string): FieldTerm[] {
  chargeText(text.length)
  const terms = splitTerms(text).filter((term) => term !== '')
  charge(stepsOfParsed * terms.length)
  return terms.map(parseTerm)
}

/** Of computing: to read a term, and to check it. */
const stepsOfParsed = 5
export const stepsOfFieldTerm = 0.5

/** Commas part terms, except behind a backslash. */
const splitTerms = (text: string): string[] => text.match(/(?:\\.|[^,\\])+/g) ?? []

function parseTerm(term: string): FieldTerm {
  const match = /^([^=!]*)(!=|==|=)(.*)$/.exec(term)
  if (!match) throw new Error(`invalid selector: '${term}'; can't understand '${term}'`)
  const [, field, operator, raw] = match
  return { field, isEqual: operator !== '!=', value: unescapeValue(raw) }
}

function unescapeValue(raw: string): string {
  const bad = /\\([^\\,=])|(?<!\\)=/.exec(raw.replace(/\\[\\,=]/g, ''))
  if (bad) throw new Error(`invalid field selector: invalid escape sequence or character in value: ${raw}`)
  return raw.replace(/\\([\\,=])/g, '$1')
}

/**
 * A test for objects, given as their selectable fields.
 * @throws Error naming a field that the kind cannot be selected by: `field label not supported: spec.foo`
 */
export function fieldsMatch(terms: readonly FieldTerm[], fields: Readonly<Record<string, string>>): boolean {
  for (const { field } of terms)
    if (!Object.hasOwn(fields, field)) throw new Error(`field label not supported: ${field}`)
  charge(2 * stepsOfFieldTerm * terms.length)
  return terms.every(({ field, isEqual, value }) => (fields[field] === value) === isEqual)
}
