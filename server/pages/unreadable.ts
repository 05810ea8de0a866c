/** Documents that wait for repair: a page that can do without one is shown without it, and says so; the others say what they lack. */
import type { Response } from 'express'
import type { CandidateStanding } from '../hiring/candidates.ts'
import { msg, t } from '../i18n/translate.ts'
import { contextOf } from '../render/page.ts'
import { HttpProblem } from '../render/problem.ts'
import type { DocumentUnreadable } from '../storage/documents.ts'
import type { OnUnreadable } from '../storage/types.ts'

/** By the kind of the document. */
const names: Record<string, string> = {
  learners: msg('Your settings'),
  'sign-ins': msg('The list of browsers that you are signed in with'),
  accounts: msg('Your account'),
  answers: msg('Your answers to questions'),
  journals: msg('Something that you did here'),
  scores: msg('The scores of a candidate'),
  sittings: msg('A workshop or an exercise'),
  participants: msg('The seat of a participant or a candidate'),
  'hiring-jobs': msg('A job'),
  candidates: msg('The identity of a candidate'),
  'item-locks': msg('The items that cannot be practised while an exercise is open'),
  'study-books': msg('Your bookmarks, your notes and which lessons you have read'),
  attempts: msg('An attempt at a challenge'),
  mocks: msg('A mock exam or interview'),
  'gradings-owed': msg('What you handed in to be graded'),
  sandboxes: msg('A sandbox'),
  'sandbox-logs': msg('The commands of a sandbox'),
  terminals: msg('The files of a terminal'),
}

/** Of the journal of a sitting itself, in which it stands whether that is open. */
const ofSitting = msg('What happened in a workshop or an exercise')

/** Above the journals of a sitting's seats, `sitting/seat/part`, lies its own, `sitting/part`. */
const isOfSitting = ({ kind, key }: DocumentUnreadable): boolean => kind === 'journals' && key.split('/').length === 2

/** What it is, in words. */
const nameOf = (error: DocumentUnreadable): string =>
  t(isOfSitting(error) ? ofSitting : (names[error.kind] ?? msg('Something that is stored about you')))

/** Why a page cannot be shown. */
export const unreadableWords = (error: DocumentUnreadable): string => cannotBeRead(nameOf(error))

const cannotBeRead = (what: string): string =>
  t(
    '{what}: this cannot be read. Nothing has been overwritten, and it is kept for repair: please tell whoever runs this server. You can still use pages that do not need it.',
    { what },
  )

const perhaps: Readonly<Record<string, string>> = {
  sittings: msg('A workshop or an exercise whose owner is unknown'),
  'hiring-jobs': msg('A job whose owner is unknown'),
}

/** Has a list say of damaged documents that they may be missing in it: what they belong to stands in them. */
export const perhapsLeftOut =
  (res: Response): OnUnreadable =>
  (error) =>
    leftOut(res, perhaps[error.kind])(error)

/** Has a page say of which seats of a workshop it shows nothing, or not all, and of how many. */
export const seatsLeftOut =
  (res: Response): OnUnreadable =>
  (error) =>
    leftOut(res, error.kind === 'participants' ? undefined : msg('The work of a participant'))(error)

const ofCandidate = msg('The work of a candidate')
/** Kinds whose own names say what it is to whoever looks. */
const ofOthers: ReadonlySet<string> = new Set(['participants', 'scores'])

/** @throws HttpProblem 500 when what a candidate did waits for repair, in words for others than themselves */
export function refuseUnreadable({ state }: Pick<CandidateStanding, 'state'>): void {
  if (state === 'unreadable') throw new HttpProblem(500, cannotBeRead(t(ofCandidate)))
}

/** Has a page say of which candidates it can say nothing, and of how many. */
export const candidatesLeftOut =
  (res: Response): OnUnreadable =>
  (error) =>
    leftOut(res, isOfSitting(error) || ofOthers.has(error.kind) ? undefined : ofCandidate)(error)

/**
 * Has the page say that it is shown without that, and of how many.
 * @param what it is to who looks at the page, where that is not who did it: a text that has a translation
 */
export const leftOut =
  (res: Response, what?: string): OnUnreadable =>
  (error) => {
    const context = contextOf(res)
    const documents = new Map(context.unreadable)
    // The same may be asked for twice.
    documents.set(`${error.kind} ${error.key}`, what === undefined ? nameOf(error) : t(what))
    context.unreadable = documents
    const counts = new Map<string, number>()
    for (const name of documents.values()) counts.set(name, (counts.get(name) ?? 0) + 1)
    context.leftOut = [...counts].map(([name, n]) => (n === 1 ? name : t('{what} ({n})', { what: name, n })))
  }
