/** Puts the cluster of a seat on the projector, as it is now or as it was at a moment, and takes it off again. */
import type { RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { seatsOn } from '../../workshops/room.ts'
import type { NewRoomAct, Screen } from '../../workshops/room-acts.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { ownWorkshop } from './own-workshop.ts'
import { momentOf } from './seat.ts'
import { seatIn } from './seat-in.ts'

export function screenPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const workshop = await ownWorkshop(deps, req, res)
    const person = await deps.storage.participants.find(workshop.id, String(req.params.seat))
    if (!person) throw notFound(t('This seat'))
    const { id: seat } = person
    const step = field(req, 'step')
    const atMs = momentOf(field(req, 'at'))
    const isOff = field(req, 'do') === 'off'
    const last = atMs === undefined ? undefined : (await deps.journals.acts(seatIn(workshop, person))).at(-1)
    let isRefused = false
    await deps.rooms.act(workshop.id, contextOf(res).learnerId, (room): NewRoomAct[] => {
      if (isOff) return seatsOn(room.screen).includes(seat) ? [shows({ what: 'step' })] : []
      isRefused = room.offScreen.has(seat)
      if (isRefused) return []
      if (!room.steps.some(({ id, item }) => id === step && item?.startsWith('challenge:')))
        throw notFound(t('This step'))
      const past = last && atMs !== undefined ? { act: last.id, atMs } : undefined
      return [shows({ what: 'cluster', step, seat, lines: field(req, 'lines') === 'yes', ...(past ? { past } : {}) })]
    })
    if (isRefused)
      throw new HttpProblem(409, t('They keep their cluster off the projector. Ask them, or choose another one.'))
    redirectTo(req, res, `/w/${workshop.id}/seats/${seat}?step=${encodeURIComponent(step)}`)
  }
}

const shows = (screen: Screen): NewRoomAct => ({ act: 'screen-set', data: { screen } })
