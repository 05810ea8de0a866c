/** A seat's work: all that acts come to, fold by fold. Pure; `journals.ts` keeps it beside the stream. */
import type { SeatId } from '../seat.ts'
import type { KnownAct } from './acts/registry.ts'
import { actOfAnswer, answers } from './folds/answers.ts'
import { actOfAttempt, attempts } from './folds/attempts.ts'
import { candidacy } from './folds/candidacy.ts'
import { actOfDaily, dailies } from './folds/dailies.ts'
import { actOfFollowed, followed, leftTrack } from './folds/followed.ts'
import { helped } from './folds/helped.ts'
import { actOfMock, mocks } from './folds/mocks.ts'
import { actOfShared, shared } from './folds/shared.ts'
import { actsOfBook, studyBook } from './folds/study-book.ts'

/** All that is made of acts. */
const folds = { answers, attempts, mocks, studyBook, followed, shared, dailies, helped, candidacy }
type Folds = typeof folds
type FoldName = keyof Folds

type Views = { readonly [Name in FoldName]: ReturnType<Folds[Name]['view']> }

/** What most have nothing of. */
type Rare = 'followed' | 'shared' | 'dailies' | 'helped' | 'candidacy'

/** What a seat's acts come to. */
export type FoldedWork = Omit<Views, Rare> & Partial<Pick<Views, Rare>> & { leftTrack?: string }

/** On the way: more acts can be taken in. */
export interface WorkStates {
  states: { [Name in FoldName]: ReturnType<Folds[Name]['begin']> }
  /** Of each fold, until an act changes it. */
  views: { [Name in FoldName]?: ReturnType<Folds[Name]['view']> }
}

export const beginWork = (seat: SeatId): WorkStates => ({
  states: {
    answers: answers.begin(seat),
    attempts: attempts.begin(seat),
    mocks: mocks.begin(seat),
    studyBook: studyBook.begin(seat),
    followed: followed.begin(seat),
    shared: shared.begin(seat),
    dailies: dailies.begin(seat),
    helped: helped.begin(seat),
    candidacy: candidacy.begin(seat),
  },
  views: {},
})

/** @param nameOf the present name of an item that may have had another one */
export function takeInAct({ states, views }: WorkStates, act: KnownAct, nameOf: (item: string) => string): void {
  const named = act.item === undefined ? act : { ...act, item: nameOf(act.item) }
  if (answers.apply(states.answers, named, nameOf)) views.answers = undefined
  if (attempts.apply(states.attempts, named, nameOf)) views.attempts = undefined
  if (mocks.apply(states.mocks, named, nameOf)) views.mocks = undefined
  if (studyBook.apply(states.studyBook, named, nameOf)) views.studyBook = undefined
  followed.apply(states.followed, named, nameOf)
  if (shared.apply(states.shared, named, nameOf)) views.shared = undefined
  if (dailies.apply(states.dailies, named, nameOf)) views.dailies = undefined
  if (helped.apply(states.helped, named, nameOf)) views.helped = undefined
  if (candidacy.apply(states.candidacy, named, nameOf)) views.candidacy = undefined
}

export function viewWork({ states, views }: WorkStates): FoldedWork {
  views.answers ??= answers.view(states.answers)
  views.attempts ??= attempts.view(states.attempts)
  views.mocks ??= mocks.view(states.mocks)
  views.studyBook ??= studyBook.view(states.studyBook)
  const track = followed.view(states.followed)
  const left = leftTrack(states.followed)
  views.shared ??= shared.view(states.shared)
  views.helped ??= helped.view(states.helped)
  views.dailies ??= dailies.view(states.dailies)
  views.candidacy ??= candidacy.view(states.candidacy)
  return {
    answers: views.answers,
    attempts: views.attempts,
    mocks: views.mocks,
    studyBook: views.studyBook,
    ...(track ? { followed: track } : {}),
    ...(left === undefined ? {} : { leftTrack: left }),
    ...(views.shared.length > 0 ? { shared: views.shared } : {}),
    ...(views.dailies.length > 0 ? { dailies: views.dailies } : {}),
    ...(views.helped.length > 0 ? { helped: views.helped } : {}),
    ...(views.candidacy.isAny ? { candidacy: views.candidacy } : {}),
  }
}

/** What these acts come to, and nothing else. */
export function workOfActs(
  seat: SeatId,
  acts: Iterable<KnownAct>,
  nameOf: (item: string) => string = (item) => item,
): FoldedWork {
  const states = beginWork(seat)
  for (const act of acts) takeInAct(states, act, nameOf)
  return viewWork(states)
}

/** The acts that bring work along as it is, from where there was no journal. Always the same for the same work. */
export const actsOfWork = (work: FoldedWork): KnownAct[] => [
  ...work.answers.map((answer) => actOfAnswer(answer)),
  ...actsOfBook(work.studyBook),
  ...(work.followed ? [actOfFollowed(work.followed)] : []),
  ...work.attempts.map(actOfAttempt),
  ...work.mocks.map(actOfMock),
  ...(work.shared ?? []).map(actOfShared),
  ...(work.dailies ?? []).map(actOfDaily),
]
