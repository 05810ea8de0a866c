/** A workshop as those see it who take part: its steps, what is said to everybody, a hand to raise, and the pace. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import type { Work } from '../../journal/journals.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import type { Participant } from '../../storage/types.ts'
import { voterOf } from '../../workshops/ballots.ts'
import { leadingRole } from '../../workshops/leaders.ts'
import { refuseDamagedSeat, refuseRemoved, seatOf } from '../../workshops/people.ts'
import { hintFor, type Room } from '../../workshops/room.ts'
import type { NewRoomAct, RoomAct, Step } from '../../workshops/room-acts.ts'
import { printCode, type Workshop } from '../../workshops/rooms.ts'
import { typingAt } from '../../workshops/typing.ts'
import type { AppDeps } from '../deps.ts'
import { field, query } from '../form.ts'
import { followRoom, minuteTickMs, type Parts, streamLimit } from '../live-part.ts'
import { printDate } from '../time.ts'
import { refuseTooMuch } from './going-on.ts'
import { viewVote } from './polls.ts'
import { seatIn } from './seat-in.ts'
import { cellOf, stateWords as cellWords, withVote } from './seat-status.ts'
import { viewStep } from './steps.ts'
import { viewStrip } from './strip.ts'

type Page = 'show' | 'act' | 'pace'

/** Streams of one seat: a few tabs. */
const mostStreams = 6

export function roomPages(deps: AppDeps): Record<Page, RequestHandler> {
  const takeStream = streamLimit(mostStreams)

  const modelOf = async (workshop: Workshop, person: Participant, room: Room) => {
    const work = await deps.journals.work(seatIn(workshop, person))
    const { state } = sittingAt(room.life, deps.now())
    return {
      id: workshop.id,
      title: room.title || t('Workshop'),
      code: printCode(workshop.room.code),
      nickname: person.nickname,
      rehearsalOf: workshop.room.rehearsalOf,
      deletedOn: workshop.retainUntilMs === null ? undefined : printDate(workshop.retainUntilMs),
      state,
      strip: viewStrip(deps.catalog(), workshop, room, { id: person.id, work }, deps.now()),
      pace: room.pace.get(person.id) ?? 'fine',
      steps: room.steps.map((step) => {
        const cell = withVote(cellOf(work, step), room, step, voterOf(deps.secret, workshop.id, step, person.id))
        const { symbol, word } = cellWords[cell.state]
        return {
          ...viewStep(deps.catalog(), workshop.id, step),
          isOpen: room.open.has(step.id),
          isCurrent: room.current === step.id,
          hint: hintFor(room, person.id, step.id),
          state: cell.state,
          symbol,
          word: t(word),
        }
      }),
    }
  }
  const send = async (req: Request, res: Response, workshop: Workshop, person: Participant, room: Room) => {
    deps.renderer.send(req, res, {
      template: 'workshops/room',
      partial: 'workshops/room-part',
      title: room.title || t('Workshop'),
      section: 'none',
      model: await modelOf(workshop, person, room),
    })
  }

  return {
    show: async (req, res) => {
      const found = await find(deps, req, res)
      if (!found) return
      const room = await deps.rooms.room(found.workshop.id)
      refuseRemoved(room, found.person)
      await send(req, res, found.workshop, found.person, room)
    },

    act: async (req, res) => {
      const found = await find(deps, req, res)
      if (!found) return
      const { workshop, person } = found
      const pressed = field(req, 'do')
      const room = await deps.rooms.act(workshop.id, contextOf(res).learnerId, (now) => {
        refuseRemoved(now, person)
        refuseTooMuch(now, contextOf(res).learnerId)
        const { state } = sittingAt(now.life, deps.now())
        if (state !== 'open' && state !== 'paused' && state !== 'draft')
          throw new HttpProblem(409, t('This workshop is over.'))
        return actOf(req, now, person.id, pressed)
      })
      const back = field(req, 'back')
      if (!isHtmx(req)) return redirectTo(req, res, back.startsWith(`/w/${workshop.id}`) ? back : `/w/${workshop.id}`)
      await send(req, res, workshop, person, room)
    },

    // What all pages of a seat follow: the strip, and the steps where they are shown.
    pace: async (req, res) => {
      const found = await find(deps, req, res)
      if (!found) return
      const { workshop, person } = found
      const { steps } = await deps.rooms.room(workshop.id)
      const over = takeStream(person.id)
      // On the page of a step only the strip above it is live.
      const at = query(req, 'at')
      const isPoll = query(req, 'shows') === 'poll'
      /** How often others had done something there when the page was loaded. */
      let known: number | undefined
      let isTyped = false
      const stripOf = (room: Room, work: Work, step: Step) => {
        const strip = viewStrip(deps.catalog(), workshop, room, { id: person.id, work }, deps.now(), step)
        const { news } = strip.cluster
        known ??= news?.count
        return { ...strip, cluster: { ...strip.cluster, news: news && news.count > (known ?? 0) ? news : undefined } }
      }
      const part = (template: string, model: object): string => deps.renderer.part(res, `workshops/${template}`, model)
      const hasVoted = (acts: readonly RoomAct[]): boolean =>
        acts.some(({ act, data }) => {
          const step = act === 'voted' && steps.find(({ id }) => id === data.step)
          return step && voterOf(deps.secret, workshop.id, step, person.id) === data.voter
        })
      followRoom(deps, res, workshop.id, {
        concerns: ({ seat, acts }) => {
          const isOfOthers = acts.length > 0 && acts.every((act) => !matters(act, person.id))
          return seat === person.id || (seat === undefined && (!isOfOthers || hasVoted(acts)))
        },
        draw: async (): Promise<Parts> => {
          const room = await deps.rooms.room(workshop.id)
          if (room.removed.has(person.id)) {
            const words = part('removed', {})
            return { room: words, 'workshop-strip': words, 'workshop-notices': '', poll: '' }
          }
          const step = room.steps.find(({ id }) => id === at && room.open.has(id))
          isTyped = typingAt(room, person.id, deps.now()) !== undefined
          if (!step) return { room: part('room-part', await modelOf(workshop, person, room)) }
          const strip = stripOf(room, await deps.journals.work(seatIn(workshop, person)), step)
          return {
            'workshop-strip': part('strip', strip),
            'workshop-notices': part('strip-notices', strip),
            ...(isPoll && step.poll
              ? { poll: part('poll-part', viewVote(deps, workshop, room, step, person.id) ?? {}) }
              : {}),
          }
        },
        // The minutes for which somebody else may type are counted down.
        nextMs: () => (isTyped ? minuteTickMs : undefined),
        over,
      })
    },
  }
}

/** The workshop of the address and the seat in it; who has none is led to where people join, or to the wall that is theirs. */
async function find(deps: AppDeps, req: Request, res: Response) {
  const workshop = await deps.rooms.find(String(req.params.id))
  if (!workshop) throw notFound(t('This workshop'))
  const { learnerId } = contextOf(res)
  const person = await seatOf(deps.storage, workshop.id, learnerId)
  if (person) return { workshop, person }
  await refuseDamagedSeat(deps, workshop.id, learnerId)
  if (leadingRole(workshop, learnerId)) redirectTo(req, res, `/w/${workshop.id}/wall`)
  // Its number tells nobody its code.
  else redirectTo(req, res, '/j')
  return undefined
}

/** Done by or with others, so that a seat's own page stays as it is: otherwise each hand would have the pages of a whole class drawn anew. */
const ofOneSeat: ReadonlySet<RoomAct['act']> = new Set([
  ...(['joined', 'voted', 'paced', 'looked', 'hand-raised', 'hand-taken', 'hand-left'] as const),
  ...(['typing-offered', 'typing-allowed', 'typing-ended'] as const),
])

const matters = ({ act, data }: RoomAct, seat: string): boolean =>
  !ofOneSeat.has(act) || ('seat' in data && data.seat === seat)

function actOf(req: Request, room: Room, seat: string, pressed: string): NewRoomAct[] {
  const raised = room.hands.some((hand) => hand.seat === seat)
  switch (pressed) {
    case 'hand': {
      const says = field(req, 'says').replaceAll(/\s+/g, ' ').trim().slice(0, 300)
      const mayType = field(req, 'may-type') === 'yes'
      const step = room.current === undefined ? {} : { step: room.current }
      return raised ? [] : [{ act: 'hand-raised', data: { seat, says, ...step, ...(mayType ? { mayType } : {}) } }]
    }
    case 'lower':
      return raised ? [{ act: 'hand-lowered', data: { seat } }] : []
    case 'slower':
    case 'fine':
    case 'faster':
      return room.pace.get(seat) === pressed ? [] : [{ act: 'paced', data: { seat, pace: pressed } }]
    default:
      throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
  }
}
