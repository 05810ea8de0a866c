/** What is wrong with a file, where a schema says nothing of its own. */
import type { z } from 'zod'
import { t } from '../i18n/translate.ts'

/** For zod's `error`. */
export function words(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? t('is missing')
        : t('must be of the type {type}', { type: String(issue.expected) })
    case 'invalid_value':
      return t('must be one of {values}', { values: issue.values.map((value) => JSON.stringify(value)).join(', ') })
    case 'too_big':
      return t('must be {most} or less', { most: String(issue.maximum) })
    case 'too_small':
      return t('must be {least} or more', { least: String(issue.minimum) })
    case 'unrecognized_keys':
      return t('has unknown fields: {keys}', { keys: issue.keys.join(', ') })
    case 'invalid_union':
      return t('has none of the forms that it can have')
    default:
      return undefined
  }
}
