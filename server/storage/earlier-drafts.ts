/** Texts of files that gave way to others: kept, the latest few, so that they can be had back. Pure. */
import { canonical } from './canonical.ts'
import type { EarlierDraft } from './types.ts'

/** Of an attempt. */
export const mostEarlierDrafts = 12
/** How large they may be together, in characters. */
const mostCharacters = 512 * 1024

/** With some more; each text of a file is there once, as it was given way last. The order in which they come makes no difference. */
export function withEarlier(known: readonly EarlierDraft[], more: readonly EarlierDraft[]): EarlierDraft[] {
  const latest = new Map<string, EarlierDraft>()
  for (const draft of [...known, ...more]) {
    const key = canonical([draft.file, draft.text])
    const other = latest.get(key)
    if (!other || other.atMs < draft.atMs) latest.set(key, draft)
  }
  const all = [...latest]
    .sort(([a, one], [b, other]) => other.atMs - one.atMs || (a < b ? 1 : -1))
    .map(([, draft]) => draft)
  const fitting: EarlierDraft[] = []
  let characters = 0
  for (const draft of all.slice(0, mostEarlierDrafts)) {
    characters += draft.text.length
    if (characters > mostCharacters) break
    fitting.push(draft)
  }
  return fitting.reverse()
}
