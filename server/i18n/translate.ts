/**
 * The texts of the interface. They stand in the code in English, which is also their key, as in gettext; `server/i18n/zh` has them
 * in Chinese. A text is written out where it is used (`t('Next question')`), so that a test can find all of them; one that is kept
 * in a table first is marked there by `msg`.
 */
import { escapeHtml } from '../escape-html.ts'
import { currentLocale, original } from './locale.ts'
import { messagesOf } from './messages.ts'

/** What is put in the place of `{name}`. */
export type Values = Readonly<Record<string, string | number>>

/** A text in the language of the request, its `{name}` filled in. What is not translated stays English. */
export function t(text: string, values: Values = {}): string {
  return fill(translated(text), values)
}

/** By number: `tn(n, '{n} lesson', '{n} lessons')`. The key is the second form; `n` is filled in unless told otherwise. */
export function tn(n: number, one: string, other: string, values: Values = {}): string {
  const text = currentLocale() === original && n === 1 ? one : translated(other)
  return fill(text, { n, ...values })
}

/**
 * A text with markup, as HTML: `th('See <a>the keys</a>.', { a: '<a href="/help">' })`. The text's tags are names for those given,
 * which are trusted; everything else is escaped.
 */
export function th(text: string, tags: Readonly<Record<string, string>>, values: Values = {}): string {
  let html = escapeHtml(translated(text))
  for (const [name, tag] of Object.entries(tags)) {
    const element = /^<([a-z][a-z0-9]*)/.exec(tag)?.[1] ?? name
    html = html.replaceAll(escapeHtml(`<${name}>`), tag).replaceAll(escapeHtml(`</${name}>`), `</${element}>`)
  }
  return html.replace(/\{(\w+)\}/g, (all, name) => (name in values ? escapeHtml(String(values[name])) : all))
}

/** Marks a text that `t` is given later on, by way of a table. */
export function msg(text: string): string {
  return text
}

function translated(text: string): string {
  const locale = currentLocale()
  return locale === original ? text : (messagesOf(locale).get(text) ?? text)
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all))
}
