/** The wall and the queue of hands, for those who lead a workshop: drawn from the journals of its seats, and followed live. */
import type { Request, RequestHandler, Response } from 'express'
import { renderSVG } from 'uqr'
import { runInLocale } from '../../i18n/locale.ts'
import { t } from '../../i18n/translate.ts'
import { eventStreamHeaders, openLiveResponse } from '../../live-response.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { may } from '../../sittings/roles.ts'
import { leadingRole } from '../../workshops/leaders.ts'
import { presentIn } from '../../workshops/people.ts'
import type { NewRoomAct } from '../../workshops/room-acts.ts'
import { printCode, type Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { seatsLeftOut } from '../unreadable.ts'
import { joinAddress, leaderName, ownWorkshop, stateWords } from './own-workshop.ts'
import { lastDone } from './room-log.ts'
import { seatIn } from './seat-in.ts'
import { cellOf } from './seat-status.ts'
import { viewStep } from './steps.ts'
import { viewTyping } from './typing.ts'
import { createWalls, seatCells, withVotes } from './wall-live.ts'
import { type SeatCells, viewColumn, viewRows } from './wall-view.ts'

type Page = 'wall' | 'live' | 'hands' | 'hint'

const heartbeatMs = 15_000

export function wallPages(deps: AppDeps): Record<Page, RequestHandler> {
  const walls = createWalls(deps)

  const modelOf = async (req: Request, res: Response, workshop: Workshop, known: readonly SeatCells[]) => {
    const { learnerId } = contextOf(res)
    const room = await deps.rooms.room(workshop.id)
    const seats = withVotes(deps, workshop, room, known)
    const nowMs = deps.now()
    const { state } = sittingAt(room.life, nowMs)
    const address = `${joinAddress(deps, req)}/${workshop.room.code}`
    const nameOf = new Map(seats.map(({ person }) => [person.id, person.nickname]))
    // Of a workshop that closes nothing is owed: it is over for everybody in it.
    const isOver = state === 'closing' || !may('instructor', 'run-room', state)
    return {
      id: workshop.id,
      isOwner: leadingRole(workshop, learnerId) === 'instructor',
      leaders: workshop.room.coInstructors.length + 1,
      title: room.title || t('Untitled workshop'),
      code: printCode(workshop.room.code),
      address,
      qr: renderSVG(address, { border: 1 }),
      projector: `/p/${workshop.room.projectorToken}`,
      state,
      stateTitle: t(stateWords[state]),
      banner: room.banner,
      isOver,
      isJoiningStopped: room.isJoiningStopped && !isOver,
      removed: isOver
        ? []
        : [...room.removed].map((seat) => ({ seat, nickname: room.members.get(seat)?.nickname ?? '' })),
      people: seats.length,
      columns: room.steps.map((step, n) => ({
        ...viewStep(deps.catalog(), workshop.id, step),
        isOpen: room.open.has(step.id),
        isCurrent: room.current === step.id,
        ...viewColumn(seats, n),
      })),
      rows: viewRows(seats, room, nowMs),
      slower: [...room.pace.values()].filter((pace) => pace === 'slower').length,
      faster: [...room.pace.values()].filter((pace) => pace === 'faster').length,
      typing: viewTyping(room, nowMs).map((one) => ({ ...one, nickname: nameOf.get(one.seat) ?? '' })),
      hands: room.hands.map((hand) => ({
        seat: hand.seat,
        nickname: nameOf.get(hand.seat) ?? '',
        says: hand.says,
        mayType: hand.mayType,
        minutes: Math.max(0, Math.floor((nowMs - hand.atMs) / 60_000)),
        taken: hand.taken?.name,
      })),
    }
  }
  const send = async (req: Request, res: Response, workshop: Workshop): Promise<void> => {
    const [cells, last] = await Promise.all([
      seatCells(deps, workshop, seatsLeftOut(res)),
      lastDone(deps, workshop, contextOf(res).learnerId, deps.now()),
    ])
    const model = { ...(await modelOf(req, res, workshop, cells)), last }
    deps.renderer.send(req, res, {
      template: 'workshops/wall',
      partial: 'workshops/wall-part',
      title: model.title,
      section: 'none',
      wide: true,
      scripts: ['js/wall.js'],
      model,
    })
  }

  return {
    wall: async (req, res) => send(req, res, await ownWorkshop(deps, req, res)),

    hands: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { learnerId } = contextOf(res)
      const [pressed = '', seat = ''] = field(req, 'do').split(':')
      if (!['take', 'leave', 'done'].includes(pressed))
        throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
      let isLate = false
      await deps.rooms.act(workshop.id, learnerId, (room): NewRoomAct[] => {
        const hand = room.hands.find((one) => one.seat === seat)
        isLate = !hand || (pressed === 'take' && hand.taken !== undefined && hand.taken.by !== learnerId)
        if (isLate || !hand) return []
        if (pressed === 'take')
          return [{ act: 'hand-taken', data: { seat, name: leaderName(workshop, contextOf(res)) } }]
        return [{ act: pressed === 'leave' ? 'hand-left' : 'hand-lowered', data: { seat } }]
      })
      if (isLate) throw new HttpProblem(409, t('Somebody was quicker: this hand is taken, or down again.'))
      if (isHtmx(req)) await send(req, res, workshop)
      else redirectTo(req, res, `/w/${workshop.id}/wall#hands`)
    },

    hint: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const [step, cause] = [field(req, 'step'), field(req, 'cause')]
      const text = field(req, 'text').replaceAll(/\s+/g, ' ').trim().slice(0, 500)
      if (text === '') throw new HttpProblem(422, t('Type what you want to tell them.'))
      const planned = (await deps.rooms.room(workshop.id)).steps.find(({ id }) => id === step)
      const seats: string[] = []
      for (const person of planned ? await presentIn(deps, workshop.id, () => undefined) : []) {
        const { state, reasons } = cellOf(await deps.journals.work(seatIn(workshop, person)), planned!)
        if (state === 'failing' && reasons.includes(cause)) seats.push(person.id)
      }
      if (seats.length === 0) throw new HttpProblem(409, t('Nobody fails because of this any more.'))
      await deps.rooms.act(workshop.id, contextOf(res).learnerId, () => [
        { act: 'hint-sent', data: { step, cause: cause.slice(0, 300), text, seats } },
      ])
      redirectTo(req, res, `/w/${workshop.id}/wall`)
    },

    live: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { locale, learnerId } = contextOf(res)
      /** What the page shows: each part by the id that it has there. */
      const shown = new Map<string, string>()
      const part = (template: string, data: object): string => deps.renderer.part(res, template, data)

      const tell = async (seats: readonly SeatCells[]): Promise<void> => {
        // Who no longer leads it is shown no more.
        const now = await deps.rooms.find(workshop.id)
        if (!now || !leadingRole(now, learnerId)) return live.end()
        const model = await modelOf(req, res, now, seats)
        if (live.isOver) return
        const rows = model.rows.map((row): [string, string] => {
          const key = `${locale} ${JSON.stringify(row)}`
          return [`seat-${row.id}`, walls.drawn(workshop, row.id, key, () => part('workshops/wall-row', { row }))]
        })
        const text = newsOf(shown, rows, {
          'wall-head': part('workshops/wall-head', model),
          hands: part('workshops/hands', model),
          'wall-order': model.rows.map(({ n }) => n).join(' '),
        })
        if (text) live.write(`${text.replaceAll(/^/gm, 'data: ')}\n\n`)
      }
      let stop: (() => void) | undefined
      const live = openLiveResponse(res, {
        status: 200,
        headers: eventStreamHeaders,
        heartbeat: { everyMs: heartbeatMs, text: ': still here\n\n' },
        over: () => stop?.(),
      })
      if (live.isOver) return
      const failed = (error: unknown): void => {
        deps.logger.error({ err: error }, 'a wall could not be drawn')
        live.end()
      }
      // One after the other, so that the last told is what stands.
      let turn = Promise.resolve()
      stop = walls.follow(workshop, (seats) => {
        turn = turn.then(() => runInLocale(locale, () => tell(seats))).catch(failed)
      })
    },
  }
}

/**
 * What has changed of a page, as parts for htmx; `shown` is what it shows, and is brought up to date. Rows change where they stand: in which
 * order they are is told in numbers, so that a hand that goes up moves one row and does not send all.
 */
function newsOf(shown: Map<string, string>, rows: readonly [string, string][], parts: Record<string, string>): string {
  const isFirst = shown.size === 0
  const there = new Set([...rows.map(([id]) => id), ...Object.keys(parts)])
  const isLess = [...shown.keys()].some((id) => !there.has(id))
  const news: string[] = []
  const put = (target: string, swap: string, html: string): void =>
    void news.push(`<hx-partial hx-target="#${target}" hx-swap="${swap}">${html}</hx-partial>`)
  if (isFirst || isLess) put('wall-rows', 'innerMorph', rows.map(([, html]) => html).join(''))
  else {
    for (const [id, html] of rows) if (shown.has(id) && shown.get(id) !== html) put(id, 'outerMorph', html)
    const joined = rows.filter(([id]) => !shown.has(id))
    if (joined.length > 0) put('wall-rows', 'beforeend', joined.map(([, html]) => html).join(''))
  }
  for (const [id, html] of Object.entries(parts))
    if (shown.get(id) !== html) put(id, id === 'wall-order' ? 'innerHTML' : 'innerMorph', html)
  shown.clear()
  for (const [id, html] of [...rows, ...Object.entries(parts)]) shown.set(id, html)
  return news.join('\n')
}
