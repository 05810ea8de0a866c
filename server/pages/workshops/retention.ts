/** Until when a workshop is kept, as its owner chooses. */
import type { RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { keptUntil } from '../../storage/retention.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { printDate } from '../time.ts'
import { ownWorkshop } from './own-workshop.ts'

/** Days after it ended. */
const choices: readonly number[] = [7, 30, 90, 180, 365]

/** What the report offers. @param endedMs undefined while it goes on */
export const viewRetention = (retainUntilMs: number | null, endedMs: number | undefined) => ({
  until: retainUntilMs === null ? undefined : printDate(retainUntilMs),
  choices:
    endedMs === undefined
      ? []
      : choices.map((days) => ({
          days,
          date: printDate(keptUntil(endedMs, days)),
          isChosen: retainUntilMs === keptUntil(endedMs, days),
        })),
})

export function retentionPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const workshop = await ownWorkshop(deps, req, res)
    const closed = (await deps.rooms.acts(workshop.id)).findLast(({ act }) => act === 'closed')
    if (!closed) throw new HttpProblem(409, t('It is going on. End it first, then delete it.'))
    const days = field(req, 'days')
    if (days !== 'keep' && !choices.includes(Number(days))) throw new HttpProblem(422, t('Choose how long it is kept.'))
    const untilMs = days === 'keep' ? null : keptUntil(closed.atMs, Number(days))
    if (untilMs !== null && untilMs <= deps.now())
      throw new HttpProblem(422, t('That day is over: choose a later one, or delete the workshop now.'))
    await deps.storage.sittings.update(workshop.id, (sitting) => ({ ...sitting, retainUntilMs: untilMs }))
    deps.logger.info({ workshop: workshop.id, by: contextOf(res).learnerId, untilMs }, 'retention of a workshop')
    redirectTo(req, res, `/w/${workshop.id}/report#kept`)
  }
}
