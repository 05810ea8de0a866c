/**
 * How much one learner has at most. Pages go through all of it for each request, in the thread that answers everybody; an honest person
 * does not get there in years.
 */
import type { FoldedWork } from '../journal/work.ts'
import type { Counts } from './belongings.ts'

export const mostOf = {
  answers: 20_000,
  attempts: 2000,
  exams: 500,
  interviews: 500,
  read: 2000,
  bookmarks: 1000,
  notes: 1000,
} satisfies Partial<Counts>

/** The limits that both together would pass; nothing of what one of them alone is over, if the other adds nothing to it. Pure. */
export function limitsPassed(current: FoldedWork, given: FoldedWork): Partial<Counts> {
  const [before, more] = [namesIn(current), namesIn(given)]
  const passed = (Object.keys(mostOf) as (keyof typeof mostOf)[]).filter((what) => {
    const all = new Set([...before[what], ...more[what]])
    return all.size > mostOf[what] && all.size > before[what].length
  })
  return Object.fromEntries(passed.map((what) => [what, mostOf[what]]))
}

function namesIn({ answers, attempts, mocks, studyBook }: FoldedWork): Record<keyof typeof mostOf, string[]> {
  const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id)
  const items = (list: readonly { item: string }[]) => list.map(({ item }) => item)
  return {
    answers: ids(answers),
    attempts: ids(attempts),
    exams: ids(mocks.filter(({ kind }) => kind !== 'interview')),
    interviews: ids(mocks.filter(({ kind }) => kind === 'interview')),
    read: items(studyBook.read),
    bookmarks: items(studyBook.bookmarks),
    notes: items(studyBook.notes),
  }
}
