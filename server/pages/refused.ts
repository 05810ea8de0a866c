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
        ? t('The database went away while this was saved. Check whether it was saved before you do it again.')
        : t('The database does not answer. Everything saved before is there; try again in a moment.'),
    }
  if (error instanceof JournalFull)
    return {
      status: 422,
      message: t(
        'You have reached the limit of what is kept for one learner, so this was not saved. Download your data and delete it here to go on.',
      ),
    }
  if (error instanceof ActRefused) return { status: 409, message: t(whyNot[error.why]) }
  return undefined
}

const whyNot: Readonly<Record<WhyNot, string>> = {
  'not-open': msg('This is not open, so your change was not saved. Everything saved before is there.'),
  over: msg('Your time is over, so your change was not saved. Everything saved before is there.'),
  'on-break': msg('You are on a break, so this was not saved. End the break first.'),
  'no-hints': msg('There are no hints here.'),
  'no-attempts': msg('You have used all the attempts that this challenge allows. Your work counts.'),
  'exam-over': msg('This exam is over, so your change was not saved. Everything saved before counts.'),
}
