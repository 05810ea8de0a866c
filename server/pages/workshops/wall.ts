/** The wall and the queue of hands, for those who lead a workshop: drawn from the journals of its seats, and followed live. */
import type { Request, RequestHandler, Response } from 'express'
import { renderSVG } from 'uqr'
import { runInLocale } from '../../i18n/locale.ts'
import { t } from '../../i18n/translate.ts'
import { eventStreamHeaders, openLiveResponse } from '../../live-response.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import type { NewRoomAct } from '../../workshops/room-acts.ts'
import { printCode, type Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { seatIn } from './seat-in.ts'
import { cellOf } from './seat-status.ts'
import { viewStep } from './steps.ts'
import { viewTyping } from './typing.ts'
import { type SeatCells, viewColumn, viewRows } from './wall-view.ts'
import { joinAddress, ownWorkshop, stateWords } from './workshops.ts'

type Page = 'wall' | 'live' | 'hands' | 'hint'

const gatherMs = 500
/** Minutes grow without anything that is done. */
const ageMs = 20_000
const heartbeatMs = 15_000

export function wallPages(deps: AppDeps): Record<Page, RequestHandler> {
  const seatCells = async (workshop: Workshop): Promise<SeatCells[]> => {
    const [room, people] = await Promise.all([
      deps.rooms.room(workshop.id),
      deps.storage.participants.listOf(workshop.id),
    ])
    return Promise.all(
      people.map(async (person) => {
        const work = await deps.journals.work(seatIn(workshop, person))
        return { person, cells: room.steps.map((step) => cellOf(work, step)) }
      }),
    )
  }
  const modelOf = async (req: Request, workshop: Workshop, seats: readonly SeatCells[]) => {
    const room = await deps.rooms.room(workshop.id)
    const nowMs = deps.now()
    const { state } = sittingAt(room.life, nowMs)
    const address = `${joinAddress(deps, req)}/${workshop.room.code}`
    const nameOf = new Map(seats.map(({ person }) => [person.id, person.nickname]))
    return {
      id: workshop.id,
      title: room.title || t('Untitled workshop'),
      code: printCode(workshop.room.code),
      address,
      qr: renderSVG(address, { border: 1 }),
      projector: `/p/${workshop.room.projectorToken}`,
      state,
      stateTitle: t(stateWords[state]),
      banner: room.banner,
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
    const model = await modelOf(req, workshop, await seatCells(workshop))
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
      const { learnerId, account } = contextOf(res)
      const [pressed = '', seat = ''] = field(req, 'do').split(':')
      let isLate = false
      await deps.rooms.act(workshop.id, learnerId, (room): NewRoomAct[] => {
        const hand = room.hands.find((one) => one.seat === seat)
        isLate = !hand || (pressed === 'take' && hand.taken !== undefined && hand.taken.by !== learnerId)
        if (isLate || !hand) return []
        if (pressed === 'take') return [{ act: 'hand-taken', data: { seat, name: account ?? t('your instructor') } }]
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
      const { steps } = await deps.rooms.room(workshop.id)
      const at = steps.findIndex(({ id }) => id === step)
      const seats = (await seatCells(workshop))
        .filter(({ cells }) => cells[at]?.state === 'failing' && cells[at].reasons.includes(cause))
        .map(({ person }) => person.id)
      if (seats.length === 0) throw new HttpProblem(409, t('Nobody fails by this any more.'))
      await deps.rooms.act(workshop.id, contextOf(res).learnerId, () => [
        { act: 'hint-sent', data: { step, cause: cause.slice(0, 300), text, seats } },
      ])
      redirectTo(req, res, `/w/${workshop.id}/wall`)
    },

    live: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { locale } = contextOf(res)
      const seats = new Map((await seatCells(workshop)).map((seat) => [seat.person.id, seat]))
      const dirty = new Set<string>()
      /** What the page shows: each part by the id that it has there. */
      const shown = new Map<string, string>()
      let order = ''
      let timer: NodeJS.Timeout | undefined
      let stop: (() => void) | undefined
      let ages: NodeJS.Timeout | undefined

      const renew = async (): Promise<void> => {
        const room = await deps.rooms.room(workshop.id)
        const changed = [...dirty]
        dirty.clear()
        for (const id of changed) {
          const person = await deps.storage.participants.find(workshop.id, id)
          if (!person) continue
          const work = await deps.journals.work(seatIn(workshop, person))
          seats.set(id, { person, cells: room.steps.map((step) => cellOf(work, step)) })
        }
        // Steps were added, or put in another order; or somebody has joined.
        const people = await deps.storage.participants.listOf(workshop.id)
        if (people.length !== seats.size || [...seats.values()].some(({ cells }) => cells.length !== room.steps.length))
          for (const seat of await seatCells(workshop)) seats.set(seat.person.id, seat)
      }
      const tell = async (): Promise<void> => {
        await renew()
        const model = await modelOf(req, workshop, [...seats.values()])
        const part = (template: string, data: object): string => deps.renderer.part(res, template, data)
        const rows = model.rows.map((row) => [`seat-${row.id}`, part('workshops/wall-row', { row })] as const)
        const now = rows.map(([id]) => id).join(' ')
        const fresh = new Map<string, string>([
          ['wall-head', part('workshops/wall-head', model)],
          ['hands', part('workshops/hands', model)],
          ...(now === order ? rows : [['wall-rows', rows.map(([, html]) => html).join('')] as const]),
        ])
        order = now
        const news = [...fresh].filter(([id, html]) => shown.get(id) !== html)
        for (const [id, html] of [...fresh, ...rows]) shown.set(id, html)
        const text = news
          .map(([id, html]) => {
            const swap = id.startsWith('seat-') ? 'outerMorph' : 'innerMorph'
            return `<hx-partial hx-target="#${id}" hx-swap="${swap}">${html}</hx-partial>`
          })
          .join('\n')
        if (text) live.write(`${text.replaceAll(/^/gm, 'data: ')}\n\n`)
      }
      const soon = (): void => {
        if (timer || live.isOver) return
        timer = setTimeout(() => {
          timer = undefined
          runInLocale(locale, tell).catch((error: unknown) => {
            deps.logger.error({ err: error }, 'a wall could not be drawn')
            live.end()
          })
        }, gatherMs)
      }
      const live = openLiveResponse(res, {
        status: 200,
        headers: eventStreamHeaders,
        heartbeat: { everyMs: heartbeatMs, text: ': still here\n\n' },
        over: () => {
          clearTimeout(timer)
          clearInterval(ages)
          stop?.()
        },
      })
      if (live.isOver) return
      stop = deps.rooms.follow(workshop.id, ({ seat }) => {
        if (seat !== undefined) dirty.add(seat)
        soon()
      })
      ages = setInterval(soon, ageMs)
      soon()
    },
  }
}
