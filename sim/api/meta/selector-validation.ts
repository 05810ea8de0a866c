/** What a label selector must be. Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation */
import { type FieldError, forbiddenField, invalid, required } from './field-error.ts'
import { labelValueErrors } from './names.ts'
import type { LabelSelector } from './object.ts'
import { validateLabelName, validateLabels } from './object-meta.ts'

export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!selector) return []
  const errors = validateLabels(selector.matchLabels, `${path}.matchLabels`)
  for (const [index, { key, operator, values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        errors.push(
          forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        )
    } else errors.push(invalid(`${at}.operator`, operator ?? '', 'not a valid selector operator'))
    errors.push(...validateLabelName(key ?? '', `${at}.key`))
    for (const [place, value] of values.entries())
      for (const why of labelValueErrors(value)) errors.push(invalid(`${at}.values[${place}]`, value, why))
  }
  return errors
}

/** Selects everything: no terms at all. */
export const isEmptySelector = (selector: LabelSelector): boolean =>
  Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
