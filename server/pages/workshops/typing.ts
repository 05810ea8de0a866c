/** Typing in a learner's cluster with their consent: offered and ended, and the desk on which it is done. Each act says whose it is. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import type { Journals } from '../../journal/journals.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import type { Room } from '../../workshops/room.ts'
import type { NewRoomAct } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import { type Typing, typingAt } from '../../workshops/typing.ts'
import type { AppDeps } from '../deps.ts'
import { deskPages } from '../desk/desk.ts'
import type { Desk } from '../desk/types.ts'
import { field } from '../form.ts'
import { refuseUnlessOpen } from './going-on.ts'
import { leaderName, ownWorkshop } from './own-workshop.ts'
import { seatIn } from './seat-in.ts'
import { findItem } from './steps.ts'

type Page = 'answer' | 'show' | 'act' | 'draft'

export function typingPages(deps: AppDeps): Record<Page, RequestHandler> {
  const on =
    (page: 'show' | 'act' | 'draft'): RequestHandler =>
    async (req, res, next) => {
      // Whether they agreed is asked for each act, and told in words of its own.
      const workshop = await ownWorkshop(deps, req, res, ['consent'])
      const { learnerId } = contextOf(res)
      const seat = String(req.params.seat)
      const allowedNow = async (): Promise<Typing> => {
        const known = typingAt(await deps.rooms.room(workshop.id), seat, deps.now())
        if (known?.by === learnerId) return known
        throw new HttpProblem(
          403,
          t(
            'They do not let you type in their cluster, or no longer do. Offer it on their page, or wait for their hand.',
          ),
        )
      }
      const { name } = await allowedNow()
      const helped = { ...deps, journals: inNameOf(deps.journals, name, allowedNow) }
      return deskPages(helped, (deskReq, deskRes) => findDesk(workshop, deskReq, deskRes))[page](req, res, next)
    }

  const findDesk = async (workshop: Workshop, req: Request, res: Response): Promise<Desk> => {
    const person = await deps.storage.participants.find(workshop.id, String(req.params.seat))
    const room = await deps.rooms.room(workshop.id)
    const step = room.steps.find(({ id }) => id === req.params.step)
    const item = findItem(deps.catalog(), step?.item)
    const challenge = item?.kind === 'challenge' ? deps.catalog().challenges.get(item.id) : undefined
    if (!person || !step || !challenge) throw notFound(t('This step'))
    res.locals.seat = seatIn(workshop, person)
    const back = `/w/${workshop.id}/seats/${person.id}`
    const typing = typingAt(room, person.id, deps.now())
    return {
      task: { challenge },
      href: `${back}/desk/${step.id}`,
      isOpenBook: false,
      isHelp: true,
      section: 'none',
      frame: {
        template: 'workshops/typing-desk',
        model: { nickname: person.nickname, back, minutes: typing ? minutesLeft(typing, deps.now()) : 0 },
        scripts: [],
      },
    }
  }

  return {
    show: on('show'),
    act: on('act'),
    draft: on('draft'),

    answer: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { learnerId } = contextOf(res)
      const person = await deps.storage.participants.find(workshop.id, String(req.params.seat))
      if (!person) throw notFound(t('This seat'))
      const pressed = field(req, 'do')
      if (pressed !== 'offer' && pressed !== 'end')
        throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
      if (pressed === 'offer') await refuseUnlessOpen(deps, workshop.id)
      const { id: seat } = person
      let isLate = false
      await deps.rooms.act(workshop.id, learnerId, (room): NewRoomAct[] => {
        const [typing, offer] = [typingAt(room, seat, deps.now()), room.offers.get(seat)]
        if (pressed === 'end') {
          const isOwn = typing?.by === learnerId || offer?.by === learnerId
          return isOwn ? [{ act: 'typing-ended', data: { seat } }] : []
        }
        isLate = (typing ?? offer) !== undefined && (typing ?? offer)!.by !== learnerId
        if (isLate || typing || offer) return []
        return [{ act: 'typing-offered', data: { seat, name: leaderName(workshop, contextOf(res)) } }]
      })
      if (isLate) throw new HttpProblem(409, t('Somebody else who leads this workshop is with them.'))
      if (isHtmx(req)) res.status(204).end()
      else redirectTo(req, res, `/w/${workshop.id}/seats/${seat}`)
    },
  }
}

/** The same journals, in which every act says who did it, and none is done that is not allowed at that moment. */
const inNameOf = (journals: Journals, by: string, allowed: () => Promise<unknown>): Journals => ({
  ...journals,
  write: async (seat, decide) => {
    await allowed()
    return journals.write(seat, (work) => decide(work).map((act) => ({ ...act, by })))
  },
})

const minutesLeft = ({ untilMs }: Typing, nowMs: number): number => Math.max(0, Math.ceil((untilMs - nowMs) / 60_000))

/** Of one seat, for one of those who lead. */
export function viewSeatTyping(room: Room, seat: string, learnerId: string, nowMs: number) {
  const [typing, offer] = [typingAt(room, seat, nowMs), room.offers.get(seat)]
  const isOwn = (typing ?? offer)?.by === learnerId
  const minutes = typing ? minutesLeft(typing, nowMs) : 0
  return {
    is: typing ? ('allowed' as const) : offer ? ('offered' as const) : ('none' as const),
    isOwn,
    minutes,
    name: (typing ?? offer)?.name ?? '',
  }
}

/** Offers without an answer, and who may type where: they stand in the queue with the hands. */
export function viewTyping(room: Room, nowMs: number) {
  const seats = [...new Set([...room.typing.keys(), ...room.offers.keys()])]
  return seats.flatMap((seat) => {
    const [typing, offer] = [typingAt(room, seat, nowMs), room.offers.get(seat)]
    const known = typing ?? offer
    return known ? [{ seat, name: known.name, isOffer: !typing, minutes: typing ? minutesLeft(typing, nowMs) : 0 }] : []
  })
}
