/** What learners did in their own practice before there were journals, when each kind of work was a document. */
import { createHash } from 'node:crypto'
import type { Storage, StudyBook } from '../storage/types.ts'
import type { KnownAct } from './acts/registry.ts'
import { actOfAnswer } from './folds/answers.ts'
import type { Seat } from './seat.ts'

export interface FormerWork {
  /** Their ids are always the same, so that what is taken over twice is there once. */
  acts: readonly KnownAct[]
  /** To be called once they are in the journal. */
  forget(): Promise<void>
}

export type FormerPlaces = Pick<Storage, 'answers' | 'studyBooks'>

/** @returns undefined when there is nothing in documents, mostly because it was taken over */
export async function formerWork(places: FormerPlaces, seat: Seat): Promise<FormerWork | undefined> {
  const { participantId } = seat
  const answers = await places.answers.find(participantId)
  const book = await places.studyBooks.find(participantId)
  if (!answers && !book) return undefined
  return {
    acts: [...(answers ?? []).map((answer) => actOfAnswer(answer)), ...(book ? actsOfBook(book) : [])],
    forget: () => forgetFormer(places, seat),
  }
}

/** Also what is damaged. */
export async function forgetFormer({ answers, studyBooks }: FormerPlaces, { participantId }: Seat): Promise<void> {
  await answers.remove(participantId)
  await studyBooks.remove(participantId)
}

/** The acts that make this book. */
export function actsOfBook({ read, bookmarks, notes }: StudyBook): KnownAct[] {
  const id = (act: string, item: string, atMs: number, data: unknown) =>
    createHash('sha256')
      .update(JSON.stringify([act, item, atMs, data]))
      .digest('hex')
      .slice(0, 18)
  const acts: KnownAct[] = [
    ...read.map(({ item, atMs }): KnownAct => ({ act: 'read', item, atMs, data: {}, id: '' })),
    ...bookmarks.map(({ item, atMs }): KnownAct => ({ act: 'bookmarked', item, atMs, data: { isOn: true }, id: '' })),
    ...notes.map(({ item, atMs, text }): KnownAct => ({ act: 'noted', item, atMs, data: { text }, id: '' })),
  ]
  return acts.map((act) => ({ ...act, id: id(act.act, act.item ?? '', act.atMs, act.data) }))
}
