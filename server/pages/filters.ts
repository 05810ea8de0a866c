/** Lists that are narrowed by what their address asks for: a select for each property, and what fits. */
import type { Request } from 'express'
import { t } from '../i18n/translate.ts'
import { query } from './form.ts'

export interface FilterSpec<T> {
  name: string
  label: string
  /** Values with the words for them. */
  choices: readonly (readonly [value: string, label: string])[]
  fits(item: T, value: string): boolean
}

export interface FilterModel {
  action: string
  isFiltered: boolean
  /** Of all that could be shown. */
  count: number
  total: number
  fields: { name: string; label: string; value: string; choices: FilterSpec<never>['choices'] }[]
}

/** What the address asks for, as far as there is such a thing; a value that is not known is none. */
export function narrow<T>(
  req: Request,
  action: string,
  items: readonly T[],
  specs: readonly FilterSpec<T>[],
): { shown: T[]; filter: FilterModel } {
  const asked = specs.map((spec) => {
    const value = query(req, spec.name)
    return { spec, value: spec.choices.some(([known]) => known === value) ? value : '' }
  })
  const shown = items.filter((item) => asked.every(({ spec, value }) => value === '' || spec.fits(item, value)))
  return {
    shown,
    filter: {
      action,
      isFiltered: asked.some(({ value }) => value !== ''),
      count: shown.length,
      total: items.length,
      fields: asked.map(({ spec: { name, label, choices }, value }) => ({ name, label, value, choices })),
    },
  }
}

export function levelChoices() {
  return ['1', '2', '3', '4', '5'].map((level) => [level, t('Level {n}', { n: level })] as const)
}
