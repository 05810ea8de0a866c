/**
 * What study notes still say and what is so today: `old-notes.yaml`, and `old-notes.zh.yaml` with its texts in another language. Each entry
 * says which lessons and questions teach it; these link back.
 */
import { z } from 'zod'
import { type Locale, original } from '../i18n/locale.ts'
import { compareTexts } from '../i18n/overlay.ts'
import { itemName, sections } from './schemas.ts'
import { type Problem, readYaml } from './source.ts'
import type { Catalog, OldNote } from './types.ts'
import { versionOf } from './version.ts'

const text = z.string().min(1)

const notesFile = z.array(
  z.strictObject({
    /** Of the row on its page. */
    id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be lower-case words joined by "-"'),
    section: z.enum(sections),
    /** Markdown in a line. */
    says: text,
    today: text,
    items: z.array(itemName).min(1),
  }),
)

const translatedFile = z.array(z.strictObject({ id: text, of: z.string(), says: text, today: text }))

/** In the order of the file; what is wrong with it is added to `problems`. */
export function readOldNotes(files: ReadonlyMap<string, string>, catalog: Catalog, problems: Problem[]): OldNote[] {
  const at = { file: 'content/old-notes.yaml', line: 1 }
  const source = files.get('old-notes.yaml')
  const read = source === undefined ? undefined : readYaml(source, notesFile, at, problems)
  const ids = new Set<string>()
  for (const [n, note] of (read?.value ?? []).entries()) {
    const complain = (message: string) => problems.push({ ...at, line: read!.lineOf([n]), message })
    if (ids.has(note.id)) complain(`id: "${note.id}" is used twice`)
    ids.add(note.id)
    for (const item of note.items) {
      const [kind, id] = item.split(':') as ['lesson' | 'question' | 'challenge', string]
      if (!catalog[`${kind}s`].has(id)) complain(`items: there is no ${item}`)
    }
  }
  return (read?.value ?? []).map((note) => ({ ...note, locale: original }))
}

/** The version of an entry that its translation says in `of`. */
export const versionOfNote = ({ says, today }: Pick<OldNote, 'says' | 'today'>): string =>
  versionOf(`${says}\n${today}`)

/** The entries in that language; those without a translation of their present words stay as they are. */
export function translateOldNotes(
  notes: readonly OldNote[],
  files: ReadonlyMap<string, string>,
  locale: Locale,
  told: { current: string[]; missing: string[]; outdated: string[] },
  problems: Problem[],
): OldNote[] {
  const at = { file: `content/old-notes.${locale}.yaml`, line: 1 }
  const source = files.get(`old-notes.${locale}.yaml`)
  const read = source === undefined ? undefined : readYaml(source, translatedFile, at, problems)
  const own = new Map((read?.value ?? []).map((note, n) => [note.id, { ...note, line: read!.lineOf([n]) }]))
  for (const { id, line } of own.values())
    if (!notes.some((note) => note.id === id)) problems.push({ ...at, line, message: `${id}: there is no such entry` })
  return notes.map((note) => {
    const found = own.get(note.id)
    const name = `old-notes.yaml: ${note.id}`
    if (!found) {
      told.missing.push(name)
      return note
    }
    if (found.of !== versionOfNote(note)) {
      told.outdated.push(`${name} (of: '${versionOfNote(note)}')`)
      return note
    }
    for (const field of ['says', 'today'] as const)
      for (const message of compareTexts(note[field], found[field]))
        problems.push({ ...at, line: found.line, message: `${note.id}: ${field} ${message}` })
    told.current.push(name)
    return { ...note, says: found.says, today: found.today, locale }
  })
}
