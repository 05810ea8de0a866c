/** Where a thing comes from that was read in from a file, in words. */
import { t } from '../i18n/translate.ts'
import type { Origin } from '../storage/origin.ts'
import { printDay } from './time.ts'

export function originTold({ from, atMs }: Origin): string {
  const at = printDay(atMs)
  return from === 'learner'
    ? t('From another learner’s file, read in {at} UTC.', { at })
    : t('From a file of another server, read in {at} UTC.', { at })
}
