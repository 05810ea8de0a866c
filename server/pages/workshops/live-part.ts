/** Parts of a workshop's page that follow what happens in its room: as server-sent events, each when it differs from what was sent. */
import type { Response } from 'express'
import { runInLocale } from '../../i18n/locale.ts'
import { eventStreamHeaders, openLiveResponse } from '../../live-response.ts'
import { contextOf } from '../../render/page.ts'
import type { Change, Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'

/** Nothing is sent more often. */
const gatherMs = 500
const heartbeatMs = 15_000

interface LiveParts {
  workshop: Workshop
  matters(change: Change): boolean
  /** HTML by the ids of the elements that it stands in. */
  draw(): Promise<[id: string, html: string][]>
}

/** Answers with a stream that goes on until the browser leaves. */
export function sendLive(deps: AppDeps, res: Response, { workshop, matters, draw }: LiveParts): void {
  const { locale } = contextOf(res)
  const shown = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined
  let stop: (() => void) | undefined
  const tell = async (): Promise<void> => {
    timer = undefined
    for (const [id, html] of await draw()) {
      if (shown.get(id) === html) continue
      shown.set(id, html)
      const news = `<hx-partial hx-target="#${id}" hx-swap="innerMorph">${html}</hx-partial>`
      live.write(`${news.replaceAll(/^/gm, 'data: ')}\n\n`)
    }
  }
  const soon = (): void => {
    if (timer || live.isOver) return
    timer = setTimeout(() => {
      runInLocale(locale, tell).catch((error: unknown) => {
        deps.logger.error({ err: error }, 'a live part of a workshop could not be drawn')
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
      stop?.()
    },
  })
  if (live.isOver) return
  stop = deps.rooms.follow(workshop.id, (change) => matters(change) && soon())
  soon()
}
