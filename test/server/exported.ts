/** The file of one's data in tests: what its acts come to, and a file of work as it stands. */
import type { KnownAct } from '../../server/journal/acts/registry.ts'
import { fromStored, toStored } from '../../server/journal/stored.ts'
import { actsOfWork, type FoldedWork, workOfActs } from '../../server/journal/work.ts'
import { practiceSeat } from '../../server/seat.ts'
import type { StoredAct } from '../../server/storage/stored-acts.ts'

/** The file with the work that its acts come to beside them, as its learner has it. */
export function exported(text: string) {
  const file = JSON.parse(text)
  const seat = practiceSeat(file.learner?.id ?? 'somebody')
  return { ...file, ...(JSON.parse(JSON.stringify(workOfActs(seat, actsIn(text)))) as FoldedWork) }
}

export const actsIn = (text: string): KnownAct[] => (JSON.parse(text).acts as StoredAct[]).map(fromStored)

const none: FoldedWork = { answers: [], studyBook: { read: [], bookmarks: [], notes: [] }, attempts: [], mocks: [] }

/** An unsigned file that brings work along; what else is given stands in it as well. */
export function fileOfWork(given: Partial<FoldedWork> & Record<string, unknown>): string {
  const {
    answers,
    studyBook,
    attempts,
    mocks,
    signature: _,
    acts: __,
    ...rest
  } = { ...none, ...given } as FoldedWork & Record<string, unknown>
  const acts = actsOfWork({ answers, studyBook, attempts, mocks }).map(toStored)
  return JSON.stringify({ podium: 'data', version: 4, ...rest, acts })
}
