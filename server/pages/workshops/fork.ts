/** A copy of a seat's cluster for whoever leads the workshop: a sandbox of their own from the same seed and log. The learner's stays as it is. */
import type { RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import { LabRefusal } from '../../labs/types.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { look } from './look.ts'
import { ownWorkshop } from './own-workshop.ts'
import { momentOf } from './seat.ts'
import { openWorkAt } from './shown-cluster.ts'

export function forkPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const workshop = await ownWorkshop(deps, req, res)
    const person = await deps.storage.participants.find(workshop.id, String(req.params.seat))
    const { steps } = await deps.rooms.room(workshop.id)
    const step = steps.find(({ id }) => id === field(req, 'step'))
    const open = person && (await openWorkAt(deps, workshop, person, step))
    if (!open) throw notFound(t('This seat'))
    const { challenge, attempt } = open
    const { learnerId } = contextOf(res)
    const atMs = Math.min(momentOf(field(req, 'at')) ?? attempt.clockMs, attempt.clockMs)
    try {
      await look(deps, res, workshop, [person.id])
      const { log, ...world } = await deps.labs.world(learnerId, { spec: challenge.spec, seed: attempt.seed })
      const sandbox = await deps.sandboxes.create(learnerId, {
        ...world,
        // Nobody's name: a sandbox is shown to a class.
        name: t('Copy: {title}', { title: challenge.title }).slice(0, 60),
        past: { log: [...log, ...attempt.log.filter((entry) => entry.atMs <= atMs)], virtualMs: atMs },
      })
      redirectTo(req, res, `/sandboxes/${sandbox.id}`)
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      throw new HttpProblem(error.status, error.message)
    }
  }
}
