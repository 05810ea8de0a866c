/** What somebody has read, answered and passed, as it is stored; a page beside which it stands is shown without what is damaged. */
import type { Response } from 'express'
import type { Work } from '../journal/journals.ts'
import { type Done, passedOf } from '../practice/next-steps.ts'
import type { AppDeps } from './deps.ts'
import { workOf } from './work.ts'

export async function doneOf(deps: AppDeps, res: Response): Promise<Done> {
  return doneIn(await workOf(deps, res))
}

/** The same of work that was read already. */
export function doneIn({ answers, attempts, studyBook: book, followed, leftTrack }: Work): Done {
  return {
    answers,
    book,
    passed: passedOf(attempts),
    ...(followed ? { followed } : {}),
    ...(leftTrack === undefined ? {} : { leftTrack }),
  }
}
