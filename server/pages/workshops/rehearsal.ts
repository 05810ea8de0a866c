/** Who leads a workshop walks through it as a learner would, and begins anew as often as they like. */
import type { RequestHandler } from 'express'
import { words } from '../../accounts/words.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { forgetRehearsal, rehearse } from '../../workshops/rehearsals.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { ownWorkshop } from './own-workshop.ts'

export function rehearsalPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const workshop = await ownWorkshop(deps, req, res)
    if (workshop.room.rehearsalOf !== undefined) throw notFound(t('This workshop'))
    const { title, steps } = await deps.rooms.room(workshop.id)
    if (steps.length === 0)
      throw new HttpProblem(422, t('There is no step yet. Add one to the plan, then walk through it.'))
    const { learnerId } = contextOf(res)
    const given = { ...deps, words }
    if (field(req, 'do') === 'anew') await forgetRehearsal(given, workshop, learnerId)
    const named = t('Rehearsal: {title}', { title: title || t('Untitled workshop') }).slice(0, 120)
    const { id } = await rehearse(given, workshop, { learnerId, nickname: t('Rehearsal') }, named)
    redirectTo(req, res, `/w/${id}`)
  }
}
