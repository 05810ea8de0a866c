/** Moments and spans of time, as the language of the request writes them. */
import { currentLocale, languageTags, original } from '../i18n/locale.ts'
import { t } from '../i18n/translate.ts'

/** `2 h 5 min`, `4 min 10 s`, `12 s`. */
export function printSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return t('{n} s', { n: seconds })
  const minutes = Math.floor(seconds / 60)
  if (minutes >= 60) return t('{hours} h {minutes} min', { hours: Math.floor(minutes / 60), minutes: minutes % 60 })
  return seconds % 60
    ? t('{minutes} min {seconds} s', { minutes, seconds: seconds % 60 })
    : t('{n} min', { n: minutes })
}

/** Day and time of a moment, in UTC: `2026-03-02 09:20`. */
export function printDay(ms: number): string {
  const locale = currentLocale()
  if (locale === original) return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
  const format = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' } as const
  return new Intl.DateTimeFormat(languageTags[locale], format).format(ms)
}

/** Its day, in UTC: `2026-03-02`. */
export function printDate(ms: number): string {
  const locale = currentLocale()
  if (locale === original) return new Date(ms).toISOString().slice(0, 10)
  return new Intl.DateTimeFormat(languageTags[locale], { dateStyle: 'long', timeZone: 'UTC' }).format(ms)
}

/** Of a moment, in UTC: `09:20:00`. */
export const printTime = (ms: number): string => new Date(ms).toISOString().slice(11, 19)
