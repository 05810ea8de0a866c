/** What somebody has read, answered and passed, as it is stored; a page beside which it stands is shown without what is damaged. */
import type { Response } from 'express'
import { type Done, passedOf } from '../practice/next-steps.ts'
import type { AppDeps } from './deps.ts'
import { workOf } from './work.ts'

export async function doneOf(deps: AppDeps, res: Response): Promise<Done> {
  const { answers, attempts, studyBook: book } = await workOf(deps, res)
  return {
    answers,
    book,
    passed: passedOf(attempts),
  }
}
