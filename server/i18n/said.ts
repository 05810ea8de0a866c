/**
 * What the simulator says of a run, in the language of the request. Gradings are stored with its English sentences, so a sentence is recognised by
 * its form (`Service {1} has no endpoints.`), which `server/i18n/said/<locale>.yaml` has in that language; what stands in it, such as a name or
 * a message of the cluster, stays as it is.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { currentLocale, type Locale, original } from './locale.ts'

/** The text in the language of the request; as it is where its form is not known there. */
export function toldHere(text: string): string {
  return toldIn(currentLocale(), text)
}

/** Whether a text of the simulator is shown in English though the request asks for another language. */
export const isToldInEnglish = (text: string): boolean => currentLocale() !== original && toldHere(text) === text

/** @returns the text itself in the original language, and where it is of no form that is known */
export function toldIn(locale: Locale, text: string): string {
  if (locale === original) return text
  const forms = formsOf(locale)
  const clauses = text.split('; ').map((part) => inForm(forms, part))
  if (clauses.every((part) => part !== undefined)) return clauses.join('；')
  const last = text.split('. ').length - 1
  const sentences = text.split('. ').map((part, n) => {
    if (n === last) return inForm(forms, part)
    const told = inForm(forms, part)
    return inForm(forms, `${part}.`) ?? (told && `${told}。`)
  })
  if (sentences.every((part) => part !== undefined)) return sentences.join('')
  return inForm(forms, text) ?? text
}

interface Form {
  /** What stands between the values, in order; one more than there are values. */
  parts: readonly string[]
  /** Which values they are, as their numbers. */
  values: readonly string[]
  translation: string
}

/** A text in one of the forms, or undefined. */
function inForm(forms: readonly Form[], text: string): string | undefined {
  for (const { parts, values, translation } of forms) {
    const found = valuesIn(text, parts)
    if (!found) continue
    const byNumber = new Map(values.map((number, n) => [number, found[n]!]))
    const told = new Map<string, string>()
    for (const [, number = '', as] of translation.matchAll(valuePattern))
      told.set(number, as === ' told' ? listIn(forms, byNumber.get(number)!) : byNumber.get(number)!)
    // What only a short word tells apart is no sentence of the simulator, but perhaps an author's.
    const [opening = '', isLoose] = [found[0], parts[0]!.length <= mostOfWord]
    const isText = translation.includes(`{${values[0]} text}`)
    if (isLoose && !isText && /\s/.test(opening) && told.get(values[0]!) === opening) continue
    return translation.replace(valuePattern, (_, number: string) => told.get(number)!)
  }
  return undefined
}

/** A translation says of a value that it is made of sentences, `{2 told}`, or of the first one that it is several words, `{1 text}`. */
const valuePattern = /\{(\d)( told| text)?\}/g
/** Characters before the first value that tell too little: `no `. */
const mostOfWord = 3

/** Sentences with commas between them; of what was asked often each begins with how often. */
function listIn(forms: readonly Form[], value: string): string {
  const parts = value.split(', ').map((part) => {
    const [, count = '', rest = ''] = /^(\d+ × )?(.*)$/s.exec(part) ?? []
    return { count, rest, told: inForm(forms, rest) }
  })
  const isList = parts.length > 1 && parts.some(({ told }) => told !== undefined)
  if (!isList && parts.length > 1) return inForm(forms, value) ?? value
  return parts.map(({ count, rest, told }) => count + (told ?? rest)).join('，')
}

/**
 * What stands between the parts, each of which begins as early as it can: without going back, since texts hold what others wrote.
 * @returns undefined when the text is not made so
 */
function valuesIn(text: string, parts: readonly string[]): string[] | undefined {
  const [first, ...rest] = parts as [string, ...string[]]
  if (!text.startsWith(first)) return undefined
  if (rest.length === 0) return text === first ? [] : undefined
  const values: string[] = []
  let at = first.length
  for (const [n, part] of rest.entries()) {
    const isLast = n === rest.length - 1
    // A value is never empty.
    const next = isLast ? text.length - part.length : text.indexOf(part, at + 1)
    if (next <= at || (isLast && !text.endsWith(part))) return undefined
    values.push(text.slice(at, next))
    at = next + part.length
  }
  return values
}

const file = z.record(z.string(), z.string().min(1))
const read = new Map<Locale, readonly Form[]>()

/**
 * Those whose beginning is known come first, then those that say most: `{1} is allowed by {2}` before `{1} is {2}`. @throws when the file is
 * no such map
 */
function formsOf(locale: Locale): readonly Form[] {
  const known = read.get(locale)
  if (known) return known
  const forms = Object.entries(saidFileOf(locale))
    .map(([text, translation]) => ({ ...partsOf(text), translation }))
    .sort((a, b) => Number(b.parts[0] !== '') - Number(a.parts[0] !== '') || literalsIn(b) - literalsIn(a))
  read.set(locale, forms)
  return forms
}

/** The English forms and their translations. */
export function saidFileOf(locale: Locale): Record<string, string> {
  const path = fileURLToPath(new URL(`./said/${locale}.yaml`, import.meta.url))
  const found = file.safeParse(parse(readFileSync(path, 'utf8')))
  if (!found.success) throw new Error(`server/i18n/said/${locale}.yaml must map English sentences to translations`)
  return found.data
}

function partsOf(text: string): { parts: string[]; values: string[] } {
  const pieces = text.split(/\{(\d)\}/)
  return { parts: pieces.filter((_, n) => n % 2 === 0), values: pieces.filter((_, n) => n % 2 === 1) }
}

const literalsIn = ({ parts }: Form): number => parts.reduce((sum, part) => sum + part.length, 0)
