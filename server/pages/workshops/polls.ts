/** A step that the room votes on, for both sides: who takes part votes, who leads asks, closes, asks again and reveals. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import type { Participant } from '../../storage/types.ts'
import { voterOf } from '../../workshops/ballots.ts'
import { leadingRole } from '../../workshops/leaders.ts'
import { memberOf, presentIn } from '../../workshops/people.ts'
import { mostRounds, roundOf } from '../../workshops/polls.ts'
import type { Room } from '../../workshops/room.ts'
import type { NewRoomAct, Step } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { field, fields } from '../form.ts'
import { followRoom } from '../live-part.ts'
import { refuseTooMuch } from './going-on.ts'
import { ownWorkshop } from './own-workshop.ts'
import { type PollQuestion, pollQuestionOf } from './poll-question.ts'
import { viewPoll } from './poll-view.ts'
import { predictedRun } from './predicted-run.ts'
import { seatIn } from './seat-in.ts'
import { viewStrip } from './strip.ts'

type Page = 'show' | 'vote' | 'lead' | 'live'

export function pollPages(deps: AppDeps): Record<Page, RequestHandler> {
  const find = async (req: Request) => {
    const workshop = await deps.rooms.find(String(req.params.id))
    if (!workshop) throw notFound(t('This workshop'))
    return { workshop, ...(await stepIn(workshop, req)) }
  }
  const stepIn = async (workshop: Workshop, req: Request) => {
    const room = await deps.rooms.room(workshop.id)
    const step = room.steps.find(({ id }) => id === req.params.step)
    const question = step && pollQuestionOf(deps.catalog(), workshop.id, step)
    if (!step || !question) throw notFound(t('This poll'))
    return { room, step, question }
  }

  const sendLead = async (req: Request, res: Response, workshop: Workshop, room: Room, step: Step) =>
    deps.renderer.send(req, res, {
      template: 'workshops/poll-lead',
      partial: 'workshops/poll-lead-part',
      title: step.title,
      section: 'none',
      wide: true,
      model: await viewLead(deps, workshop, room, step),
    })

  const sendSeat = async (
    req: Request,
    res: Response,
    { workshop, room, step, person }: Vote,
    told: { problem: string; status: number } | undefined = undefined,
  ): Promise<void> => {
    const work = await deps.journals.work(seatIn(workshop, person))
    const strip = viewStrip(deps.catalog(), workshop, room, { id: person.id, work }, deps.now(), step)
    res.locals.workshop = { ...strip, live: `${strip.live}&shows=poll` }
    deps.renderer.send(req, res, {
      template: 'workshops/poll',
      partial: 'workshops/poll-part',
      title: step.title,
      section: 'none',
      status: told?.status ?? 200,
      model: { ...viewVote(deps, workshop, room, step, person.id), problem: told?.problem ?? '' },
    })
  }

  return {
    show: async (req, res) => {
      const { workshop, room, step } = await find(req)
      const { learnerId } = contextOf(res)
      const isRehearsal = workshop.room.rehearsalOf !== undefined
      if (leadingRole(workshop, learnerId) && !isRehearsal) return sendLead(req, res, workshop, room, step)
      const person = await memberOf(deps, workshop.id, learnerId)
      if (!person) return redirectTo(req, res, '/j')
      if (!room.open.has(step.id)) throw new HttpProblem(423, notYet())
      await sendSeat(req, res, { workshop, room, step, person })
    },

    vote: async (req, res) => {
      const { workshop, room: before, step, question } = await find(req)
      const { learnerId } = contextOf(res)
      const person = await memberOf(deps, workshop.id, learnerId)
      if (!person) throw new HttpProblem(403, t('You are not in this workshop. Join it with its code.'))
      if (!before.open.has(step.id)) throw new HttpProblem(423, notYet())
      const given = question.readVote(fields(req, 'answer'))
      if (!given && !lateness(before, step, field(req, 'round'), deps.now()))
        return sendSeat(req, res, { workshop, room: before, step, person }, { problem: question.blank, status: 422 })
      const voter = voterOf(deps.secret, workshop.id, step, person.id)
      let late = ''
      const by = step.poll?.isAnonymous ? '' : learnerId
      const room = await deps.rooms.act(workshop.id, by, (now): NewRoomAct[] => {
        refuseTooMuch(now, voter)
        late = lateness(now, step, field(req, 'round'), deps.now())
        if (late || !given) return []
        const { length: round } = now.polls.get(step.id)!.rounds
        const known = roundOf(now.polls.get(step.id)!).votes.get(voter)
        if (known && JSON.stringify(known) === JSON.stringify(given)) return []
        return [{ act: 'voted', data: { step: step.id, round, voter, given: [...given] } }]
      })
      if (late) return sendSeat(req, res, { workshop, room, step, person }, { problem: late, status: 409 })
      if (!isHtmx(req)) return redirectTo(req, res, `/w/${workshop.id}/polls/${step.id}`)
      await sendSeat(req, res, { workshop, room, step, person })
    },

    lead: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { step, question } = await stepIn(workshop, req)
      const { learnerId } = contextOf(res)
      const pressed = field(req, 'do')
      // A cluster that cannot be run is told here, and not on the projector.
      const ran =
        question.isPredicted && (pressed === 'reveal' || pressed === 'run')
          ? await predictedRun(deps, workshop.id, question)
          : undefined
      const room = await deps.rooms.act(workshop.id, learnerId, (now) =>
        actOf(now, step, question, pressed, ran?.key, deps.now()),
      )
      if (isHtmx(req) && workshop.room.rehearsalOf === undefined) await sendLead(req, res, workshop, room, step)
      else redirectTo(req, res, `/w/${workshop.id}/polls/${step.id}`)
    },

    live: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { step } = await stepIn(workshop, req)
      followRoom(deps, res, workshop.id, {
        isOfLeaders: true,
        concerns: ({ seat }) => seat === undefined,
        draw: async () => {
          const room = await deps.rooms.room(workshop.id)
          const still = room.steps.find(({ id }) => id === step.id) ?? step
          const model = await viewLead(deps, workshop, room, still)
          return { poll: deps.renderer.part(res, 'workshops/poll-lead-part', model) }
        },
      })
    },
  }
}

interface Vote {
  workshop: Workshop
  room: Room
  step: Step
  person: Participant
}

/** The poll as somebody who votes sees it. @param seat whose it is */
export function viewVote(deps: AppDeps, workshop: Workshop, room: Room, step: Step, seat: string) {
  const poll = room.polls.get(step.id)
  const voter = voterOf(deps.secret, workshop.id, step, seat)
  const own = poll && roundOf(poll).votes.get(voter)
  return {
    ...viewPoll(deps.catalog(), workshop, room, step, deps.now())!,
    own: own ?? [],
    hasVoted: own !== undefined,
    back: `/w/${workshop.id}`,
    isRehearsal: workshop.room.rehearsalOf !== undefined,
    problem: '',
  }
}

async function viewLead(deps: AppDeps, workshop: Workshop, room: Room, step: Step) {
  const people = await presentIn(deps, workshop.id, () => undefined)
  const isShown = room.screen.what !== 'step' && 'step' in room.screen && room.screen.step === step.id
  const { state } = sittingAt(room.life, deps.now())
  return {
    ...viewPoll(deps.catalog(), workshop, room, step, deps.now())!,
    workshopTitle: room.title || t('Untitled workshop'),
    people: people.length,
    isShown,
    isRun: isShown && room.screen.what === 'run',
    told: viewTold(deps, workshop, room, step),
    hasBegun: state !== 'draft' && state !== 'scheduled',
  }
}

/** Before everybody is told: what is right, and how many know it; undefined where a cluster has to be run for that. */
function viewTold(deps: AppDeps, workshop: Workshop, room: Room, step: Step) {
  const question = pollQuestionOf(deps.catalog(), workshop.id, step)
  const poll = room.polls.get(step.id)
  if (!question?.hasRight || question.isPredicted || !poll || poll.isRevealed || roundOf(poll).isOpen) return undefined
  const votes = [...roundOf(poll).votes.values()]
  return {
    answer: question.answer(undefined),
    locale: question.locale,
    right: votes.filter((given) => question.isRight(given, undefined)).length,
    count: votes.length,
  }
}

const notYet = (): string => t('This step is not open yet. Your instructor opens it.')

/** Why a vote is not taken, in words; empty when it is. @param round that its form was made for */
function lateness(room: Room, step: Step, round: string, nowMs: number): string {
  const { state } = sittingAt(room.life, nowMs)
  const poll = room.polls.get(step.id)
  if (state === 'paused') return t('The workshop is paused: votes are taken when it goes on.')
  if (state !== 'open') return t('This workshop is over: votes are no longer taken.')
  if (!poll) return t('This vote has not begun yet.')
  if (!roundOf(poll).isOpen) return t('The vote is closed. Yours came too late and is not counted.')
  if (round !== String(poll.rounds.length))
    return t('It is asked again: this was the form of an earlier vote. Vote once more below.')
  return ''
}

function actOf(
  room: Room,
  step: Step,
  question: PollQuestion,
  pressed: string,
  key: string | undefined,
  nowMs: number,
): NewRoomAct[] {
  const poll = room.polls.get(step.id)
  const isOpen = poll !== undefined && roundOf(poll).isOpen
  const of = { step: step.id }
  const shown: NewRoomAct = { act: 'screen-set', data: { screen: { what: 'poll', step: step.id } } }
  const { state } = sittingAt(room.life, nowMs)
  switch (pressed) {
    case 'open': {
      if (state !== 'open') throw new HttpProblem(409, t('The workshop is not open. Begin it or go on, then ask.'))
      if (isOpen) return []
      if (poll?.isRevealed) throw new HttpProblem(409, t('Everybody has seen the answer: it cannot be asked again.'))
      if (poll && poll.rounds.length >= mostRounds)
        throw new HttpProblem(409, t('It has already been asked {n} times.', { n: mostRounds }))
      const opened: NewRoomAct[] = room.open.has(step.id) ? [] : [{ act: 'step-opened', data: of }]
      return [...opened, { act: 'poll-opened', data: of }, shown]
    }
    case 'close':
      return isOpen ? [{ act: 'poll-closed', data: of }] : []
    case 'reopen':
      if (poll?.isRevealed) throw new HttpProblem(409, t('Everybody has seen the answer: it cannot be asked again.'))
      return poll && !isOpen && state === 'open' ? [{ act: 'poll-reopened', data: of }] : []
    case 'reveal':
      if (!poll || isOpen) throw new HttpProblem(409, t('Close the vote first: then the answer can be told.'))
      if (poll.isRevealed || !question.hasRight) return []
      return [{ act: 'poll-revealed', data: key === undefined ? of : { ...of, key } }]
    case 'run': {
      if (!poll || isOpen) throw new HttpProblem(409, t('Close the vote first: then the cluster is run.'))
      if (!question.isPredicted) return []
      const take = room.screen.what === 'run' && room.screen.step === step.id ? room.screen.take + 1 : 1
      return [{ act: 'screen-set', data: { screen: { what: 'run', ...of, take } } }]
    }
    case 'show':
      return [shown]
    case 'hide':
      return [{ act: 'screen-set', data: { screen: { what: 'step' } } }]
    default:
      throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
  }
}
