/** What is thrown when something is not done, as a status and in words. */
import { msg, t } from '../i18n/translate.ts'
import { ActRefused, JournalFull } from '../journal/journals.ts'
import type { WhyNot } from '../journal/may-act.ts'
import { LabRefusal } from '../labs/types.ts'
import { HttpProblem } from '../render/problem.ts'
import { DocumentUnreadable } from '../storage/documents.ts'
import { StoreAway } from '../storage/store.ts'
import { unreadableWords } from './unreadable.ts'

export interface Refused {
  status: number
  message: string
}

/** @returns undefined for an error that nobody meant to be told */
export function readRefused(error: unknown): Refused | undefined {
  if (error instanceof HttpProblem || error instanceof LabRefusal)
    return { status: error.status, message: error.message }
  if (error instanceof DocumentUnreadable) return { status: 500, message: unreadableWords(error) }
  if (error instanceof StoreAway)
    return {
      status: 503,
      message: error.mayBeDone
        ? t('The database went away while this was saved. Look whether it is there before you do it again.')
        : t('The database does not answer. What was saved before is there; try again in a moment.'),
    }
  if (error instanceof JournalFull)
    return {
      status: 422,
      message: t(
        'You have done as much here as is kept for one learner, so nothing was saved of this. Download your data and delete it here to go on.',
      ),
    }
  if (error instanceof ActRefused) return { status: 409, message: t(whyNot[error.why]) }
  return undefined
}

const whyNot: Readonly<Record<WhyNot, string>> = {
  'not-open': msg('This is not open, so nothing was saved of this. What was saved before is there.'),
  over: msg('Your time is over, so nothing was saved of this. What was saved before is there.'),
  'on-break': msg('You are on a break, so nothing was saved of this. Come back from it first.'),
  'no-hints': msg('There are no hints here.'),
  'no-attempts': msg('You have made all attempts that this challenge gives you. What you did counts.'),
  'exam-over': msg('This exam is over, so nothing was saved of this. What was saved before counts.'),
}
