/** The controls of an explorer's form: what they take, how their text is read, and how they stand in an address. Pure. */

import { t } from '../i18n/translate.ts'

// Labels, hints and groups' titles are given in English, marked by `msg`, and translated where they are shown.

interface Choice {
  kind: 'choice'
  label: string
  initial: string
  options: { value: string; label: string }[]
}

interface Whole {
  kind: 'whole'
  label: string
  initial: string
  min: number
  max: number
  /** What an empty field means; a field without it must be filled in. */
  empty?: string
  /** When the control has an effect, if not always. */
  hint?: string
}

export type Field = Choice | Whole
/** By name, in order. The names are also those in the address and in a lesson's presets. */
export type Fields = Readonly<Record<string, Field>>

export const choice = (label: string, initial: string, options: Record<string, string>): Choice => ({
  kind: 'choice',
  label,
  initial,
  options: Object.entries(options).map(([value, text]) => ({ value, label: text })),
})

export const whole = (label: string, initial: string, min: number, max: number, empty?: string): Whole => ({
  kind: 'whole',
  label,
  initial,
  min,
  max,
  ...(empty === undefined ? {} : { empty }),
})

/** The text of every control, as given or as it is at first, and what to fix in each by itself. */
export function readFields(fields: Fields, given: Readonly<Record<string, string | undefined>>) {
  const values: Record<string, string> = {}
  const problems: Record<string, string> = {}
  for (const [name, field] of Object.entries(fields)) {
    values[name] = (given[name] ?? field.initial).trim().slice(0, 20).trim()
    const problem = checkField(field, values[name])
    if (problem) problems[name] = problem
  }
  return { values, problems }
}

function checkField(field: Field, value: string): string | undefined {
  if (field.kind === 'choice')
    return field.options.some((option) => option.value === value)
      ? undefined
      : t('must be one of {values}', { values: field.options.map((option) => option.value).join(', ') })
  if (value === '' && field.empty !== undefined) return undefined
  const isWhole = /^\d{1,6}$/.test(value)
  if (isWhole && Number(value) >= field.min && Number(value) <= field.max) return undefined
  const { min, max, empty } = field
  return empty === undefined
    ? t('must be a whole number from {min} to {max}', { min, max })
    : t('must be a whole number from {min} to {max}, or empty: {empty}', { min, max, empty: t(empty) })
}

/** What differs from the form's first state: the short form of an address. */
export function settingsQuery(fields: Fields, values: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams()
  for (const [name, field] of Object.entries(fields))
    if (values[name] !== undefined && values[name] !== field.initial) query.set(name, values[name])
  return query.toString()
}
