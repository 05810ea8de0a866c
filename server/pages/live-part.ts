/** A page of a workshop that follows what happens there: its parts are drawn anew, and those that have changed are sent. */
import type { Response } from 'express'
import { runInLocale } from '../i18n/locale.ts'
import { t } from '../i18n/translate.ts'
import { eventStreamHeaders, openLiveResponse } from '../live-response.ts'
import { contextOf } from '../render/page.ts'
import { HttpProblem } from '../render/problem.ts'
import { leadingRole } from '../workshops/leaders.ts'
import type { Change } from '../workshops/rooms.ts'
import type { AppDeps } from './deps.ts'

/** Nothing is sent more often, unless told. */
const usualGatherMs = 500
const heartbeatMs = 15_000
/** Minutes pass without anything that is done. */
export const minuteTickMs = 20_000

/** HTML by the id of the element whose content it is. */
export type Parts = Readonly<Record<string, string>>

export interface LivePart {
  /** Whether it may look otherwise after that. */
  concerns(change: Change): boolean
  /** It ends for who does not lead the workshop any more. */
  isOfLeaders?: true
  /** Asked before each drawing: it ends when they may not look any more. */
  mayGoOn?(): Promise<boolean>
  /** All parts as they are now. */
  draw(): Promise<Parts>
  /** After so many milliseconds it is drawn again, whatever is done; asked after each drawing. */
  nextMs?(): number | undefined
  gatherMs?: number
  /** The stream has ended. */
  over?(): void
}

export function followRoom(
  deps: AppDeps,
  res: Response,
  workshopId: string,
  { concerns, isOfLeaders, mayGoOn, draw, nextMs = () => minuteTickMs, gatherMs = usualGatherMs, over }: LivePart,
): void {
  const { locale, learnerId } = contextOf(res)
  const sent = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined
  /** Something was done while it was drawn. */
  let hasMore = false
  let later: NodeJS.Timeout | undefined
  let stop: (() => void) | undefined
  const tell = async (): Promise<void> => {
    if (isOfLeaders) {
      const workshop = await deps.rooms.find(workshopId)
      if (!workshop || !leadingRole(workshop, learnerId)) return live.end()
    }
    if (mayGoOn && !(await mayGoOn())) return live.end()
    const news = Object.entries(await draw()).filter(([id, html]) => sent.get(id) !== html)
    clearTimeout(later)
    const waitMs = nextMs()
    if (waitMs !== undefined && !live.isOver) later = setTimeout(soon, waitMs)
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
      clearTimeout(later)
      stop?.()
      over?.()
    },
  })
  if (live.isOver) return
  stop = deps.rooms.follow(workshopId, (change) => concerns(change) && soon())
  soon()
}

/**
 * Counts streams by whose they are.
 * @returns takes one, and gives what lets it go again. @throws HttpProblem 429 when there are as many as there may be
 */
export function streamLimit(most: number): (key: string) => () => void {
  const open = new Map<string, number>()
  return (key) => {
    const count = open.get(key) ?? 0
    if (count >= most)
      throw new HttpProblem(429, t('You have {n} live views open. Close one, then reload this page.', { n: most }))
    open.set(key, count + 1)
    return () => {
      const left = open.get(key)! - 1
      if (left > 0) open.set(key, left)
      else open.delete(key)
    }
  }
}
