/** The work of a seat, replayed for those who lead the workshop. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import { openOrUnsaved } from '../../practice/open-attempt.ts'
import { contextOf } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { mayLead } from '../../workshops/leaders.ts'
import type { AppDeps } from '../deps.ts'
import type { ReplayPlace } from '../replay/place.ts'
import { replayPages } from '../replay/replay.ts'
import { look } from './look.ts'
import { ownWorkshop } from './own-workshop.ts'
import { seatIn } from './seat-in.ts'

export const seatReplayPages = (deps: AppDeps): Record<'show' | 'ask' | 'fork', RequestHandler> =>
  replayPages(deps, attemptOfSeat(deps))

/** The work of a seat at a step of a workshop. Its owner is told who looks. */
const attemptOfSeat =
  (deps: AppDeps) =>
  async (req: Request, res: Response): Promise<ReplayPlace> => {
    const workshop = await ownWorkshop(deps, req, res)
    const person = await deps.storage.participants.find(workshop.id, String(req.params.seat))
    const room = await deps.rooms.room(workshop.id)
    const step = room.steps.find(({ id }) => id === String(req.params.step))
    const present = deps.catalog().challenges.get(step?.item?.replace(/^challenge:/, '') ?? '')
    if (!person || !step || !present) throw notFound(t('This seat'))
    const seat = seatIn(workshop, person)
    const { attempts } = await deps.journals.work(seat)
    const { challenge, attempt } = await openOrUnsaved(deps, seat, { challenge: present }, attempts)
    if (!attempts.some(({ id }) => id === attempt.id))
      throw new HttpProblem(409, t('Nothing has been done at this step yet: there is nothing to look back at.'))
    await look(deps, res, workshop, [person.id])
    return {
      seat,
      attempt: attempt.id,
      challenge,
      href: `/w/${workshop.id}/seats/${person.id}/replay/${step.id}`,
      whose: person.nickname,
      back: { href: `/w/${workshop.id}/seats/${person.id}?step=${step.id}`, text: person.nickname },
      withHidden: true,
      mayFork: mayLead(workshop, contextOf(res).learnerId, 'fork-cluster', 'open'),
    }
  }
