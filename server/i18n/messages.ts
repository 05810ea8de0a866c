/** The translated texts of the interface: `server/i18n/<locale>/<area>.yaml`, each file a map from the English text. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Locale } from './locale.ts'

const file = z.record(z.string(), z.string().min(1))
const read = new Map<Locale, ReadonlyMap<string, string>>()
const readFiles = new Map<Locale, Record<string, Record<string, string>>>()

/** English to translation. @throws when a file is no such map, or when two files disagree on a text */
export function messagesOf(locale: Locale): ReadonlyMap<string, string> {
  const known = read.get(locale)
  if (known) return known
  const messages = new Map<string, string>()
  for (const [name, texts] of Object.entries(messageFilesOf(locale)))
    for (const [text, translation] of Object.entries(texts)) {
      if (messages.has(text) && messages.get(text) !== translation)
        throw new Error(`${name}: “${text}” is translated otherwise in another file`)
      messages.set(text, translation)
    }
  read.set(locale, messages)
  return messages
}

/** By file name, in the order of names. */
export function messageFilesOf(locale: Locale): Record<string, Record<string, string>> {
  const known = readFiles.get(locale)
  if (known) return known
  const folder = folderOf(locale)
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
  const files = Object.fromEntries(
    names.map((name) => {
      const found = file.safeParse(parse(readFileSync(`${folder}/${name}`, 'utf8')) ?? {})
      if (!found.success) throw new Error(`server/i18n/${locale}/${name} must map English texts to translations`)
      return [name, found.data]
    }),
  )
  readFiles.set(locale, files)
  return files
}

function folderOf(locale: Locale): string {
  return fileURLToPath(new URL(`./${locale}`, import.meta.url))
}
