/** How much a learner may write into the files of one task. */
import { t } from '../../i18n/translate.ts'
import { maxDraftLength } from '../../practice/attempts.ts'

export const isTooLong = (texts: Iterable<string>): boolean => [...texts].join('').length > maxDraftLength

export const tooLongWords = (): string => t('All files together may have 256 KB at most. This change was not saved.')
