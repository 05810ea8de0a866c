/** What a workshop shows on the projector: how to join, what everybody is at, and what is said. It names nobody, and takes nothing. */
import type { Request, RequestHandler, Response } from 'express'
import { renderSVG } from 'uqr'
import { runInLocale } from '../../i18n/locale.ts'
import { t } from '../../i18n/translate.ts'
import { eventStreamHeaders, openLiveResponse } from '../../live-response.ts'
import { contextOf } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { seatsOn } from '../../workshops/room.ts'
import { printCode, type Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { viewScreen } from './screens.ts'
import { joinAddress, stateWords } from './workshops.ts'

const gatherMs = 500
/** Minutes pass without anything that is done. */
const minuteMs = 20_000
const heartbeatMs = 15_000
/** Screens that one workshop has at a time. */
const mostScreens = 20

export function projectorPages(deps: AppDeps): Record<'show' | 'live', RequestHandler> {
  const screens = new Map<string, number>()

  const find = async (req: Request): Promise<Workshop> => {
    const workshop = await deps.rooms.ofProjector(String(req.params.token))
    if (!workshop) throw notFound(t('This page'))
    return workshop
  }
  const modelOf = async (req: Request, workshop: Workshop) => {
    const [room, people] = await Promise.all([
      deps.rooms.room(workshop.id),
      deps.storage.participants.listOf(workshop.id),
    ])
    const nowMs = deps.now()
    const { state } = sittingAt(room.life, nowMs)
    const address = joinAddress(deps, req)
    return {
      title: room.title || t('Workshop'),
      code: printCode(workshop.room.code),
      address,
      qr: renderSVG(`${address}/${workshop.room.code}`, { border: 1 }),
      people: people.length,
      state,
      stateTitle: t(stateWords[state]),
      banner: room.banner,
      screen: await viewScreen(deps, workshop, room),
    }
  }

  return {
    show: async (req, res) => {
      const workshop = await find(req)
      const model = await modelOf(req, workshop)
      deps.renderer.send(req, res, {
        template: 'workshops/projector',
        title: model.title,
        section: 'none',
        wide: true,
        scripts: ['js/time.js', 'js/projector.js'],
        model: { ...model, live: `/p/${workshop.room.projectorToken}/live` },
      })
    },

    live: async (req: Request, res: Response) => {
      const workshop = await find(req)
      const { locale } = contextOf(res)
      const count = (change: number): void => {
        const left = (screens.get(workshop.id) ?? 0) + change
        if (left > 0) screens.set(workshop.id, left)
        else screens.delete(workshop.id)
      }
      if ((screens.get(workshop.id) ?? 0) >= mostScreens)
        throw new HttpProblem(
          429,
          t('You have {n} live views open. Close one, then reload this page.', { n: mostScreens }),
        )
      count(1)
      /** Whose clusters are on the screen. */
      let seats: readonly string[] = []
      const shown = new Map<string, string>()
      let timer: NodeJS.Timeout | undefined
      let minutes: NodeJS.Timeout | undefined
      let stop: (() => void) | undefined
      const tell = async (): Promise<void> => {
        timer = undefined
        seats = seatsOn((await deps.rooms.room(workshop.id)).screen)
        const model = await modelOf(req, workshop)
        // Who comes in does not disturb what is shown.
        for (const id of ['projector-now', 'projector-join']) {
          const part = deps.renderer.part(res, `workshops/${id}`, model)
          if (shown.get(id) === part) continue
          shown.set(id, part)
          const news = `<hx-partial hx-target="#${id}" hx-swap="innerMorph">${part}</hx-partial>`
          live.write(`${news.replaceAll(/^/gm, 'data: ')}\n\n`)
        }
      }
      const soon = (): void => {
        if (timer || live.isOver) return
        timer = setTimeout(
          () =>
            void runInLocale(locale, tell).catch((error: unknown) => {
              deps.logger.error({ err: error }, 'a projector could not be drawn')
              live.end()
            }),
          gatherMs,
        )
      }
      const live = openLiveResponse(res, {
        status: 200,
        headers: eventStreamHeaders,
        heartbeat: { everyMs: heartbeatMs, text: ': still here\n\n' },
        over: () => {
          clearTimeout(timer)
          clearInterval(minutes)
          stop?.()
          count(-1)
        },
      })
      if (live.isOver) return
      stop = deps.rooms.follow(workshop.id, ({ seat }) => {
        if (seat === undefined || seats.includes(seat)) soon()
      })
      minutes = setInterval(soon, minuteMs)
      soon()
    },
  }
}
