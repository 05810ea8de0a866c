/** The languages of the interface, and the one in which the present request is answered. */
import { AsyncLocalStorage } from 'node:async_hooks'

export const locales = ['en', 'zh'] as const
export type Locale = (typeof locales)[number]

/** The language in which the content is written first, and which everything exists in. */
export const original: Locale = 'en'

/** As BCP 47 names them, for `lang` and `hreflang`. */
export const languageTags: Readonly<Record<Locale, string>> = { en: 'en', zh: 'zh-Hans' }

/** Each in its own words, as somebody looks for it who reads no other. */
export const languageNames: Readonly<Record<Locale, string>> = { en: 'English', zh: '中文' }

const current = new AsyncLocalStorage<Locale>()

/** The language of the request that is being answered; English outside of one. */
export function currentLocale(): Locale {
  return current.getStore() ?? original
}

/** Runs `act`, and all that it starts, in a language. */
export function runInLocale<T>(locale: Locale, act: () => T): T {
  return current.run(locale, act)
}

export function isLocale(text: unknown): text is Locale {
  return (locales as readonly unknown[]).includes(text)
}
