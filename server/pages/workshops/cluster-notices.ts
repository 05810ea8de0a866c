/** What somebody in a workshop is told of their own cluster, and what they answer: it is theirs, and they may say no. */
import type { Request, RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import { type ClusterNotices, contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { seatOf } from '../../workshops/people.ts'
import type { Room } from '../../workshops/room.ts'
import { seatsOn } from '../../workshops/room.ts'
import type { NewRoomAct } from '../../workshops/room-acts.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'

export function viewNotices(workshopId: string, room: Room, seat: string): ClusterNotices {
  const { screen, offScreen } = room
  const isThen = screen.what === 'cluster' && screen.past !== undefined
  return {
    action: `/w/${workshopId}/cluster`,
    screen: seatsOn(screen).includes(seat) ? (isThen ? 'then' : 'live') : undefined,
    isOffScreen: offScreen.has(seat),
  }
}

/** Takes an answer. */
export function answerPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const workshop = await deps.rooms.find(String(req.params.id))
    const { learnerId } = contextOf(res)
    const person = workshop && (await seatOf(deps.storage, workshop.id, learnerId))
    if (!workshop || !person) throw notFound(t('This workshop'))
    await deps.rooms.act(workshop.id, learnerId, (room) => answerOf(req, room, person.id))
    // The stream of the page brings what has changed.
    if (isHtmx(req)) res.status(204).end()
    else redirectTo(req, res, `/w/${workshop.id}`)
  }
}

function answerOf(req: Request, { offScreen }: Room, seat: string): NewRoomAct[] {
  const pressed = field(req, 'do')
  switch (pressed) {
    case 'off-screen':
    case 'on-screen': {
      const isOff = pressed === 'off-screen'
      return offScreen.has(seat) === isOff ? [] : [{ act: 'screen-refused', data: { seat, isOff } }]
    }
    default:
      throw new HttpProblem(400, t('This button is not known here. Reload the page and try again.'))
  }
}
