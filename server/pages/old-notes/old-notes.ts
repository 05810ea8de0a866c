/** What study notes say and what is so today, for those who learned with older ones. */
import type { RequestHandler } from 'express'
import type { OldNote } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import { findItem } from '../../practice/items.ts'
import { renderInline } from '../../render/markdown.ts'
import type { AppDeps } from '../deps.ts'
import { linkOf } from '../old-note-links.ts'
import { sectionIds, sectionTitle } from '../sections.ts'

export function oldNotesPage(deps: AppDeps): RequestHandler {
  return (req, res) => {
    const catalog = deps.catalog()
    const viewed = (note: OldNote) => ({
      ...linkOf(note),
      today: renderInline(note.today),
      items: note.items.flatMap((item) => findItem(catalog, item) ?? []),
    })
    deps.renderer.send(req, res, {
      template: 'old-notes/index',
      title: t('Old notes'),
      section: 'lessons',
      model: {
        sections: sectionIds
          .map((id) => ({
            ...{ id, title: sectionTitle(id) },
            notes: catalog.oldNotes.filter((note) => note.section === id).map(viewed),
          }))
          .filter(({ notes }) => notes.length > 0),
      },
    })
  }
}
