/** A page of those who lead a workshop, which follows what happens there: its parts are drawn anew, and those that have changed are sent. */
import type { Response } from 'express'
import { runInLocale } from '../../i18n/locale.ts'
import { eventStreamHeaders, openLiveResponse } from '../../live-response.ts'
import { contextOf } from '../../render/page.ts'
import { leadingRole } from '../../workshops/leaders.ts'
import type { AppDeps } from '../deps.ts'

/** Nothing is sent more often, unless told. */
const usualGatherMs = 500
const heartbeatMs = 15_000
/** Minutes pass without anything that is done. */
const ageMs = 20_000

/** HTML by the id of the element whose content it is. */
export type Parts = Readonly<Record<string, string>>

/**
 * @param concerns whether what was done in that seat matters here; what is done in the room always does
 * @param draw all parts as they are now
 */
export function followRoom(
  deps: AppDeps,
  res: Response,
  workshopId: string,
  {
    concerns,
    draw,
    gatherMs = usualGatherMs,
  }: { concerns(seat: string): boolean; draw(): Promise<Parts>; gatherMs?: number },
): void {
  const { locale, learnerId } = contextOf(res)
  const sent = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined
  /** Something was done while it was drawn. */
  let hasMore = false
  let ages: NodeJS.Timeout | undefined
  let stop: (() => void) | undefined
  const tell = async (): Promise<void> => {
    // Who no longer leads it is shown no more.
    const workshop = await deps.rooms.find(workshopId)
    if (!workshop || !leadingRole(workshop, learnerId)) return live.end()
    const news = Object.entries(await draw()).filter(([id, html]) => sent.get(id) !== html)
    if (news.length === 0) return
    for (const [id, html] of news) sent.set(id, html)
    const text = news
      .map(([id, html]) => `<hx-partial hx-target="#${id}" hx-swap="innerMorph">${html}</hx-partial>`)
      .join('\n')
    live.write(`${text.replaceAll(/^/gm, 'data: ')}\n\n`)
  }
  const soon = (): void => {
    hasMore = timer !== undefined
    if (timer || live.isOver) return
    timer = setTimeout(
      () =>
        void runInLocale(locale, tell)
          .catch((error: unknown) => {
            deps.logger.error({ err: error }, 'a live part of a workshop could not be drawn')
            live.end()
          })
          .finally(() => {
            timer = undefined
            if (hasMore) soon()
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
      clearInterval(ages)
      stop?.()
    },
  })
  if (live.isOver) return
  stop = deps.rooms.follow(workshopId, ({ seat }) => {
    if (seat === undefined || concerns(seat)) soon()
  })
  ages = setInterval(soon, ageMs)
  soon()
}
