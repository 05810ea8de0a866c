/** What those who lead a workshop did in it, the newest first, and what of it can be taken back. */
import type { Request, RequestHandler, Response } from 'express'
import { t, tn } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import type { Room } from '../../workshops/room.ts'
import type { RoomAct, RoomActName } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import { undoing, undoings } from '../../workshops/undo.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { printDay, printTime } from '../time.ts'
import { leftOut } from '../unreadable.ts'
import { actionOf, mustLead, ownWorkshop } from './own-workshop.ts'

/** So many are shown. */
const mostShown = 200
/** So long the wall offers to undo what was done last. */
const freshMs = 3 * 60_000

/** Of people who take part: not what somebody who leads it did. */
const ofLearners: ReadonlySet<RoomActName> = new Set([
  ...(['joined', 'left', 'hand-raised', 'screen-refused', 'paced', 'voted', 'typing-allowed'] as const),
])

/** Done by a seat as well as by who leads. */
const ofBoth: ReadonlySet<RoomActName> = new Set(['hand-lowered', 'typing-ended'])

export function logPages(deps: AppDeps): Record<'show' | 'undo', RequestHandler> {
  return {
    show: async (req: Request, res: Response) => {
      const workshop = await ownWorkshop(deps, req, res)
      const [room, acts] = await Promise.all([deps.rooms.room(workshop.id), deps.rooms.acts(workshop.id)])
      const people = await deps.storage.participants.listOf(workshop.id, leftOut(res))
      const words = wordsIn(room, new Map(people.map(({ id, nickname }) => [id, nickname])))
      const { learnerId } = contextOf(res)
      const nameOf = namesIn(workshop, acts)
      const own = new Set(people.flatMap((person) => person.learnerId ?? []))
      const shown = acts
        .filter(({ act, data }) => !ofLearners.has(act) && !(ofBoth.has(act) && own.has(data.by)))
        .slice(-mostShown)
        .reverse()
      const undoable = undoings(acts, new Set(shown.map(({ id }) => id)))
      deps.renderer.send(req, res, {
        template: 'workshops/log',
        title: t('Activity'),
        section: 'none',
        model: {
          id: workshop.id,
          title: room.title || t('Untitled workshop'),
          day: shown[0] ? printDay(shown[0].atMs).slice(0, 10) : '',
          entries: shown.map((act) => ({
            id: act.id,
            time: printTime(act.atMs),
            text: words(act),
            who: act.data.by === learnerId ? t('you') : (nameOf.get(act.data.by) ?? t('the owner')),
            isUndoable: undoable.has(act.id),
          })),
        },
      })
    },

    undo: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { learnerId } = contextOf(res)
      const inverse = undoing(await deps.rooms.acts(workshop.id), field(req, 'act'))
      if (!inverse)
        throw new HttpProblem(409, t('This can no longer be undone: something has happened since. Reload the page.'))
      await mustLead(deps, workshop, learnerId, actionOf(inverse.act))
      await deps.rooms.act(workshop.id, learnerId, () => [inverse])
      redirectTo(req, res, `/w/${workshop.id}/${field(req, 'from') === 'wall' ? 'wall' : 'log'}`)
    },
  }
}

/** What somebody did last, shortly before, where it can be taken back. */
export async function lastDone(deps: AppDeps, workshop: Workshop, learnerId: string, nowMs: number) {
  const lastMs = (await deps.rooms.room(workshop.id)).doings.get(learnerId)?.lastMs
  if (lastMs === undefined || nowMs - lastMs > freshMs) return undefined
  const acts = await deps.rooms.acts(workshop.id)
  const last = acts.findLast(({ act, data }) => data.by === learnerId && act !== 'looked')
  if (!last || nowMs - last.atMs > freshMs || !undoing(acts, last.id)) return undefined
  const [room, people] = await Promise.all([
    deps.rooms.room(workshop.id),
    deps.storage.participants.listOf(workshop.id, () => undefined),
  ])
  return { id: last.id, text: wordsIn(room, new Map(people.map(({ id, nickname }) => [id, nickname])))(last) }
}

/** Whoever led it at some time, by learner. */
const namesIn = (workshop: Workshop, acts: readonly RoomAct[]): Map<string, string> =>
  new Map([
    ...acts.flatMap(({ act, data }): [string, string][] =>
      act === 'co-instructor-joined' ? [[data.by, data.name]] : [],
    ),
    ...workshop.room.coInstructors.map(({ learnerId, name }): [string, string] => [learnerId, name]),
  ])

/** An act in words, by the names that steps and seats have now. */
function wordsIn(room: Room, nicknames: ReadonlyMap<string, string>): (act: RoomAct) => string {
  const step = (id: string): string => room.steps.find((one) => one.id === id)?.title ?? t('a step that is gone')
  const name = (seat: string): string => nicknames.get(seat) ?? t('somebody who is gone')
  return (act) => {
    switch (act.act) {
      case 'opened':
        return t('Began the workshop')
      case 'paused':
        return t('Paused it')
      case 'resumed':
        return t('Went on after the pause')
      case 'closed':
        return t('Ended it')
      case 'archived':
        return t('Archived it')
      case 'planned':
        return tn(act.data.steps.length, 'Changed the plan: {n} step', 'Changed the plan: {n} steps')
      case 'step-opened':
        return t('Opened “{title}”', { title: step(act.data.step) })
      case 'step-held':
        return t('Closed “{title}” again', { title: step(act.data.step) })
      case 'announced':
        return act.data.text ? t('Said to everybody: {text}', { text: act.data.text }) : t('Took the notice away')
      case 'screen-set':
        return {
          step: t('Showed the step on the projector'),
          cluster: t('Showed a cluster on the projector'),
          compare: t('Showed clusters side by side on the projector'),
          poll: t('Showed a poll on the projector'),
          run: t('Ran a prediction on the projector'),
        }[act.data.screen.what]
      case 'joining-stopped':
        return t('Stop joining')
      case 'joining-resumed':
        return t('Allow joining again')
      case 'removed':
        return t('Removed {name}', { name: name(act.data.seat) })
      case 'readmitted':
        return t('Let {name} back in', { name: name(act.data.seat) })
      case 'left':
        return t('Somebody left and deleted their work')
      case 'joined':
        return t('{name} joined', { name: act.data.nickname })
      case 'hand-raised':
        return t('Put the hand of {name} up again', { name: name(act.data.seat) })
      case 'hand-taken':
        return t('Took the hand of {name}', { name: name(act.data.seat) })
      case 'hand-left':
        return t('Left the hand of {name} to others', { name: name(act.data.seat) })
      case 'hand-lowered':
        return t('Finished with the hand of {name}', { name: name(act.data.seat) })
      case 'co-instructor-joined':
        return t('{name} became a co-instructor', { name: act.data.name })
      case 'co-instructor-left':
        return t('{name} is no longer a co-instructor', { name: act.data.name })
      case 'typing-offered':
        return t('Offered {name} to type', { name: name(act.data.seat) })
      case 'typing-allowed':
        return t('{name} let {helper} type', { name: name(act.data.seat), helper: act.data.name })
      case 'typing-ended':
        return t('The typing for {name} ended', { name: name(act.data.seat) })
      case 'hint-sent':
        return tn(act.data.seats.length, 'Sent a hint to {n} person: {text}', 'Sent a hint to {n} people: {text}', {
          text: act.data.text,
        })
      case 'hint-withdrawn':
        return t('Took a hint back: {text}', { text: act.data.text })
      case 'looked':
        return t('Looked at the work of {name}', { name: name(act.data.seat) })
      case 'screen-refused':
        return act.data.isOff
          ? t('{name} keeps their cluster off the projector', { name: name(act.data.seat) })
          : t('{name} allows their cluster on the projector', { name: name(act.data.seat) })
      case 'fault-ordered':
        return t('Ordered a fault at “{title}”', { title: step(act.data.step) })
      case 'fault-missed':
        return tn(act.data.missed.length, '{n} cluster was not given a fault', '{n} clusters were not given a fault')
      case 'fault-undone':
        return t('Took a fault back')
      case 'rewound':
        return tn(act.data.clusters, 'Put {n} cluster back', 'Put {n} clusters back')
      case 'rewind-undone':
        return t('Took a rewind back')
      case 'poll-opened':
        return t('Asked the room: {title}', { title: step(act.data.step) })
      case 'poll-closed':
        return t('Closed the vote: {title}', { title: step(act.data.step) })
      case 'poll-reopened':
        return t('Let the vote go on: {title}', { title: step(act.data.step) })
      case 'poll-revealed':
        return t('Told the answer: {title}', { title: step(act.data.step) })
      case 'voted':
        return t('Somebody voted')
      case 'paced':
        return t('{name} gave feedback on the pace', { name: name(act.data.seat) })
    }
  }
}
