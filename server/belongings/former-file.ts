/** Files of before, which held work as it stood: it is brought along as acts. */
import { z } from 'zod'
import { actsOfWork } from '../journal/work.ts'
import type { FileActs } from './acts-of-file.ts'
import { words } from './file-words.ts'
import { formsAt, most } from './forms.ts'

/** The last of them. 1 had no number, and sandboxes without clock and terminal; 2 no signature, proofs and origins. */
export const formerVersion = 3

export function actsOfFormerFile(data: unknown, nowMs: number): FileActs {
  const { answer, studyBook, attempt, mock } = formsAt(nowMs)
  const schema = z.object({
    answers: z.array(answer).max(most.answers),
    studyBook: studyBook.default({ read: [], bookmarks: [], notes: [] }),
    attempts: z.array(attempt).max(most.attempts),
    mocks: z.array(mock).max(most.mocks).default([]),
  })
  const read = schema.safeParse(data, { error: words })
  return read.success ? { acts: actsOfWork(read.data) } : { issues: read.error.issues }
}
