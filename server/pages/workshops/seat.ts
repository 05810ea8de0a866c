/** One seat of a workshop, for those who lead it: its cluster as it is or was, what was done there, and what fails. Its owner is told who looks. */
import type { Request, RequestHandler, Response } from 'express'
import { wordsOfCommand } from '../../../sim/forms.ts'
import { t } from '../../i18n/translate.ts'
import { LabRefusal } from '../../labs/types.ts'
import { lineOf } from '../../labs/views/command-line.ts'
import { openOrUnsaved, work } from '../../practice/open-attempt.ts'
import { contextOf } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { may } from '../../sittings/roles.ts'
import type { Attempt, Participant } from '../../storage/types.ts'
import { type Room, seatsOn } from '../../workshops/room.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import { printClock } from '../clock.ts'
import { summaryOf } from '../cluster-summary.ts'
import type { AppDeps } from '../deps.ts'
import { originalFiles } from '../desk/workspace.ts'
import { query } from '../form.ts'
import { followRoom } from '../live-part.ts'
import { timeScripts } from '../scripts.ts'
import { marksOver, sliderOf, type TimeBar } from '../time-bar.ts'
import { look } from './look.ts'
import { ownWorkshop } from './own-workshop.ts'
import { seatIn } from './seat-in.ts'
import { cellOf, stateWords } from './seat-status.ts'
import { viewStep } from './steps.ts'
import { viewSeatTyping } from './typing.ts'

/** Of the lines that were run, the last ones are shown. */
const mostLines = 40

export function seatPages(deps: AppDeps): Record<'show' | 'live', RequestHandler> {
  const find = async (req: Request, res: Response): Promise<{ workshop: Workshop; person: Participant }> => {
    const workshop = await ownWorkshop(deps, req, res)
    const person = await deps.storage.participants.find(workshop.id, String(req.params.seat))
    if (!person) throw notFound(t('This seat'))
    return { workshop, person }
  }

  return {
    show: async (req, res) => {
      const { workshop, person } = await find(req, res)
      const room = await look(deps, res, workshop, [person.id])
      deps.renderer.send(req, res, {
        template: 'workshops/seat',
        partial: 'workshops/seat-part',
        title: person.nickname,
        section: 'none',
        wide: true,
        scripts: timeScripts,
        model: await modelOf(deps, res, workshop, person, room, query(req, 'step'), momentOf(query(req, 'at'))),
      })
    },

    live: async (req, res) => {
      const { workshop, person } = await find(req, res)
      const [step, atMs] = [query(req, 'step'), momentOf(query(req, 'at'))]
      followRoom(deps, res, workshop.id, {
        isOfLeaders: true,
        concerns: ({ seat }) => seat === undefined || seat === person.id,
        draw: async () => {
          const model = await modelOf(
            deps,
            res,
            workshop,
            person,
            await look(deps, res, workshop, [person.id]),
            step,
            atMs,
          )
          return { 'seat-part': deps.renderer.part(res, 'workshops/seat-part', model) }
        },
      })
    },
  }
}

/** A virtual moment of an address; undefined for the present. */
export const momentOf = (text: string): number | undefined => (/^\d{1,12}$/.test(text) ? Number(text) : undefined)

async function modelOf(
  deps: AppDeps,
  res: Response,
  workshop: Workshop,
  person: Participant,
  room: Room,
  wanted: string,
  atMs: number | undefined,
) {
  const { learnerId } = contextOf(res)
  const seat = seatIn(workshop, person)
  const done = await deps.journals.work(seat)
  const steps = room.steps.map((step) => {
    const cell = cellOf(done, step)
    return {
      ...viewStep(deps.catalog(), workshop.id, step),
      item: step.item,
      cell,
      word: t(stateWords[cell.state].word),
    }
  })
  const challenges = steps.filter(({ kind, cell }) => kind === 'challenge' && cell.state !== 'none')
  const latest = [...challenges].sort((a, b) => (b.cell.lastMs ?? 0) - (a.cell.lastMs ?? 0))[0]
  const shown = challenges.find(({ id }) => id === wanted) ?? latest
  const hand = room.hands.find((one) => one.seat === person.id)
  const href = `/w/${workshop.id}/seats/${person.id}`
  return {
    id: workshop.id,
    href,
    title: room.title || t('Untitled workshop'),
    seat: person.id,
    nickname: person.nickname,
    isRemoved: room.removed.has(person.id),
    says: hand?.says,
    isGoing: may('instructor', 'run-room', sittingAt(room.life, deps.now()).state),
    isOnScreen: seatsOn(room.screen).includes(person.id),
    isOffScreen: room.offScreen.has(person.id),
    steps: steps.map(({ cell, ...step }) => ({
      ...step,
      symbol: stateWords[cell.state].symbol,
      state: cell.state,
      tries: cell.tries,
      failing: cell.failing,
      hasCluster: challenges.some(({ id }) => id === step.id),
      isShown: step.id === shown?.id,
    })),
    step: shown?.id ?? '',
    typing: viewSeatTyping(room, person.id, learnerId, deps.now()),
    desk: shown && (await viewDesk(shown.item!.slice('challenge:'.length), shown.id)),
  }

  async function viewDesk(id: string, step: string) {
    const found = deps.catalog().challenges.get(id)
    if (!found) return undefined
    const { challenge, attempt } = await openOrUnsaved(deps, seat, { challenge: found }, done.attempts)
    const isPast = atMs !== undefined && atMs < attempt.clockMs
    const files = (params: Record<string, string | number>) =>
      Object.entries({ ...originalFiles(challenge, params), ...attempt.drafts }).map(([name, text]) => ({ name, text }))
    const lines = attempt.log
      .slice(-mostLines)
      .map((entry) => ({ at: printClock(entry.atMs), line: lineOf(entry.command) }))
    const time = barOf(href, step, attempt, isPast ? atMs : attempt.clockMs)
    try {
      // As whoever looks: it is their patience, not the learner's.
      const action = { do: 'look' as const, ...(isPast ? { atMs } : {}) }
      const { view, checks, params } = await work(deps, learnerId, challenge, attempt, action)
      // How checks stand is known of the present alone.
      return {
        view,
        checks: isPast ? [] : checks,
        lines,
        files: files(params),
        time,
        summary: summaryOf(view),
        problem: '',
      }
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      return { view: undefined, checks: [], lines, files: files({}), time, summary: '', problem: error.message }
    }
  }
}

/** Time under the seat's cluster: looked back at, never moved. */
function barOf(href: string, step: string, { log, clockMs: endMs }: Attempt, atMs: number): TimeBar {
  const isPast = atMs < endMs
  const marks = marksOver(
    endMs,
    log.map((entry) => ({ atMs: entry.atMs, words: wordsOfCommand(entry.command) })),
  )
  return {
    clock: printClock(atMs),
    endClock: printClock(endMs),
    atMs: Math.floor(atMs),
    endMs: Math.floor(endMs),
    isPast,
    speed: 0,
    state: isPast ? t('in the past · now {clock}', { clock: printClock(endMs) }) : t('time waits for them'),
    slider: sliderOf(atMs, endMs, false, marks, {
      action: href,
      kept: [{ name: 'step', value: step }],
      isPushed: true,
    }),
    speeds: [],
    buttons: [],
    does: undefined,
    back: isPast ? { href: `${href}?step=${step}`, target: undefined } : undefined,
    branch: undefined,
    mayPlay: false,
  }
}
