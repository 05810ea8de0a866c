/** Links to what old notes say, from the pages of what sets them right. */
import type { Catalog, OldNote } from '../catalog/types.ts'
import { renderInline } from '../render/markdown.ts'

export const linkOf = ({ id, locale, says }: OldNote) => ({ id, locale, says: renderInline(says) })

/** @param item `lesson:pod/probes` */
export const oldNotesOf = ({ oldNotes }: Catalog, item: string) =>
  oldNotes.filter(({ items }) => items.includes(item)).map(linkOf)
