/** Up to four clusters of one step side by side, for those who lead a workshop, and on the projector. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { may } from '../../sittings/roles.ts'
import { presentIn } from '../../workshops/people.ts'
import { mostCompared } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { field, fields, query } from '../form.ts'
import { followRoom } from '../live-part.ts'
import { leftOut } from '../unreadable.ts'
import { compare } from './comparison.ts'
import { look } from './look.ts'
import { ownWorkshop } from './own-workshop.ts'
import { seatIn } from './seat-in.ts'
import { cellOf, stateWords } from './seat-status.ts'
import { viewStep } from './steps.ts'

export function comparePages(deps: AppDeps): Record<'show' | 'live' | 'act', RequestHandler> {
  const modelOf = async (req: Request, res: Response, workshop: Workshop) => {
    const room = await deps.rooms.room(workshop.id)
    const people = await presentIn(deps, workshop.id, leftOut(res))
    const challenges = room.steps.filter(({ item }) => item?.startsWith('challenge:'))
    const step =
      challenges.find(({ id }) => id === query(req, 'step')) ??
      challenges.find(({ id }) => id === room.current) ??
      challenges.find(({ id }) => room.open.has(id)) ??
      challenges[0]
    const seats = seatsOf(req)
    const rows = step
      ? await Promise.all(
          people.map(async (person) => {
            const cell = cellOf(await deps.journals.work(seatIn(workshop, person)), step)
            return {
              seat: person.id,
              nickname: person.nickname,
              word: t(stateWords[cell.state].word),
              hasBegun: cell.state !== 'none',
              isOffScreen: room.offScreen.has(person.id),
              isChosen: seats.includes(person.id),
            }
          }),
        )
      : []
    const chosen = seats.filter((seat) => rows.some((row) => row.seat === seat))
    const isTooMany = seats.length > mostCompared
    if (chosen.length > 1 && !isTooMany) await look(deps, res, workshop, chosen)
    return {
      id: workshop.id,
      title: room.title || t('Untitled workshop'),
      isGoing: may('instructor', 'run-room', sittingAt(room.life, deps.now()).state),
      steps: challenges.map((one) => ({ ...viewStep(deps.catalog(), workshop.id, one), isChosen: one === step })),
      step: step?.id ?? '',
      rows: rows.filter(({ hasBegun }) => hasBegun).sort((a, b) => a.nickname.localeCompare(b.nickname)),
      seats: chosen,
      most: mostCompared,
      problem: isTooMany
        ? t('At most {n} clusters can be shown side by side. Leave some out.', { n: mostCompared })
        : '',
      compared:
        step && chosen.length > 1 && !isTooMany
          ? await compare(deps, contextOf(res).learnerId, workshop, step, chosen)
          : undefined,
    }
  }

  return {
    show: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const model = await modelOf(req, res, workshop)
      deps.renderer.send(req, res, {
        template: 'workshops/compare',
        title: t('Side by side'),
        section: 'none',
        wide: true,
        status: model.problem ? 422 : 200,
        model,
      })
    },

    live: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const seats = seatsOf(req)
      followRoom(deps, res, workshop.id, {
        isOfLeaders: true,
        concerns: ({ seat }) => seat === undefined || seats.includes(seat),
        draw: async () => ({
          compared: deps.renderer.part(res, 'workshops/compared', await modelOf(req, res, workshop)),
        }),
      })
    },

    act: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const [step, seats] = [field(req, 'step'), seatIds(fields(req, 'seats'))]
      if (seats.length < 2 || seats.length > mostCompared)
        throw new HttpProblem(422, t('Choose two to {n} clusters.', { n: mostCompared }))
      const people = await presentIn(deps, workshop.id, leftOut(res))
      let isRefused = false
      await deps.rooms.act(workshop.id, contextOf(res).learnerId, (room) => {
        if (!room.steps.some(({ id, item }) => id === step && item?.startsWith('challenge:')))
          throw notFound(t('This step'))
        isRefused = seats.some((seat) => room.offScreen.has(seat) || !people.some(({ id }) => id === seat))
        return isRefused ? [] : [{ act: 'screen-set', data: { screen: { what: 'compare', step, seats } } }]
      })
      if (isRefused)
        throw new HttpProblem(409, t('They keep their cluster off the projector. Ask them, or choose another one.'))
      redirectTo(req, res, `/w/${workshop.id}/compare?step=${encodeURIComponent(step)}&seats=${seats.join(',')}`)
    },
  }
}

/** `seats=a,b` of a link, or one `seats` for each of a form. */
function seatsOf(req: Request): string[] {
  const { seats = [] } = req.query as { seats?: unknown }
  const given = (Array.isArray(seats) ? seats : [seats]).filter((one): one is string => typeof one === 'string')
  return seatIds(given)
}

const seatIds = (given: readonly string[]): string[] => [
  ...new Set(given.flatMap((one) => one.split(',')).filter(Boolean)),
]
