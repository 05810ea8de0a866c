/** What learners did in their own practice before there were journals, when each kind of work was a document. */

import type { SeatId } from '../seat.ts'
import { type DocumentUnreadable, unlessDamaged } from '../storage/documents.ts'
import type { Storage } from '../storage/types.ts'
import type { KnownAct } from './acts/registry.ts'
import { actsOfWork } from './work.ts'

export interface FormerWork {
  /** Their ids are always the same, so that what is taken over twice is there once. */
  acts: readonly KnownAct[]
  /** What waits for repair: it is asked for again. */
  unreadable: readonly DocumentUnreadable[]
  /** To be called once the acts are in the journal. */
  forget(): Promise<void>
}

export type FormerPlaces = Pick<Storage, 'answers' | 'attempts' | 'mocks' | 'studyBooks'>

/** What is in documents still: nothing, mostly, because it was taken over. */
export async function formerWork(places: FormerPlaces, { participantId }: SeatId): Promise<FormerWork> {
  const unreadable: DocumentUnreadable[] = []
  const told = (error: DocumentUnreadable): void => void unreadable.push(error)
  const answers = await unlessDamaged(places.answers.find(participantId), told)
  const book = await unlessDamaged(places.studyBooks.find(participantId), told)
  const attempts = await places.attempts.listOf(participantId, told)
  const mocks = await places.mocks.listOf(participantId, told)
  return {
    acts: actsOfWork({
      answers: answers ?? [],
      studyBook: book ?? { read: [], bookmarks: [], notes: [] },
      attempts,
      mocks,
    }),
    unreadable,
    async forget() {
      if (answers) await places.answers.remove(participantId)
      if (book) await places.studyBooks.remove(participantId)
      for (const { id } of attempts) await places.attempts.remove(participantId, id)
      for (const { id } of mocks) await places.mocks.remove(participantId, id)
    },
  }
}

/** Also what is damaged. */
export async function forgetFormer(places: FormerPlaces, { participantId }: SeatId): Promise<void> {
  await places.answers.remove(participantId)
  await places.studyBooks.remove(participantId)
  await places.attempts.removeOf(participantId)
  await places.mocks.removeOf(participantId)
}
