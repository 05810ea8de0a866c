/** What a learner has, in words with numbers. */
import type { Counts } from '../belongings/belongings.ts'
import { tn } from '../i18n/translate.ts'

/** Only of what there is; `12 answers`, `1 bookmark`. */
export function inWords(counts: Partial<Counts>): string[] {
  const all: [keyof Counts, (n: number) => string][] = [
    ['answers', (n) => tn(n, '{n} answer to a question', '{n} answers to questions')],
    ['attempts', (n) => tn(n, '{n} attempt at a challenge', '{n} attempts at challenges')],
    ['gradings', (n) => tn(n, '{n} result of a grading', '{n} results of gradings')],
    ['exams', (n) => tn(n, '{n} mock exam', '{n} mock exams')],
    ['interviews', (n) => tn(n, '{n} mock interview', '{n} mock interviews')],
    ['read', (n) => tn(n, '{n} lesson marked as read', '{n} lessons marked as read')],
    ['bookmarks', (n) => tn(n, '{n} bookmark', '{n} bookmarks')],
    ['notes', (n) => tn(n, '{n} note', '{n} notes')],
    ['sandboxes', (n) => tn(n, '{n} sandbox', '{n} sandboxes')],
  ]
  return all.flatMap(([what, words]) => {
    const n = counts[what] ?? 0
    return n > 0 ? [words(n)] : []
  })
}
