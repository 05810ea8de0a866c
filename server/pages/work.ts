/** What the visitor of a page has done. */
import type { Response } from 'express'
import type { Work } from '../journal/journals.ts'
import { contextOf } from '../render/page.ts'
import type { AppDeps } from './deps.ts'
import { leftOut } from './unreadable.ts'

/** The page says what it is shown without, if something of it waits for repair. */
export async function workOf({ journals }: AppDeps, res: Response): Promise<Work> {
  const work = await journals.work(contextOf(res).seat)
  for (const error of work.unreadable) leftOut(res)(error)
  return work
}
