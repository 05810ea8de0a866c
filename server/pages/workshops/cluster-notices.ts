/** What somebody in a workshop is told of their own cluster, and what they answer: it is theirs, and they may say no. */
import type { Request, RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import { lineOf } from '../../labs/views/command-line.ts'
import { type ClusterNotices, contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { givenFault } from '../../storage/given-faults.ts'
import type { Attempt } from '../../storage/types.ts'
import { seatOf } from '../../workshops/people.ts'
import type { Room } from '../../workshops/room.ts'
import { seatsOn } from '../../workshops/room.ts'
import type { NewRoomAct, Step } from '../../workshops/room-acts.ts'
import { printClock } from '../clock.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'

/** @param step that the page is; of all steps without one */
export function viewNotices(
  workshopId: string,
  room: Room,
  seat: string,
  attempts: readonly Attempt[],
  step: Step | undefined,
): ClusterNotices {
  const { screen, offScreen } = room
  const isThen = screen.what === 'cluster' && screen.past !== undefined
  return {
    action: `/w/${workshopId}/cluster`,
    screen: seatsOn(screen).includes(seat) ? (isThen ? 'then' : 'live') : undefined,
    isOffScreen: offScreen.has(seat),
    faults: openAt(attempts, step).flatMap(faultsTold),
  }
}

const openAt = (attempts: readonly Attempt[], step: Step | undefined): Attempt[] =>
  attempts.filter(({ state, challengeId }) => state === 'open' && (!step || step.item === `challenge:${challengeId}`))

/** The last of the faults that have come, as far as it may be told. */
function faultsTold({ log, clockMs }: Attempt): string[] {
  const last = log.findLast((entry) => (givenFault(entry)?.dueMs ?? Number.POSITIVE_INFINITY) <= clockMs)
  const given = last && givenFault(last)
  if (!last || !given) return []
  const at = printClock(given.dueMs)
  return given.isSecret
    ? [t('Something happened in your cluster at {at}. Find out what.', { at })]
    : [t('Your instructor let this happen in your cluster at {at}: {fault}.', { at, fault: lineOf(last.command) })]
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
