/** The live view: server-sent events with the parts of a sandbox's page that have changed, for htmx to put in place. */
import type { Request, Response } from 'express'
import { runInLocale } from '../../i18n/locale.ts'
import { t } from '../../i18n/translate.ts'
import { eventStreamHeaders, type LiveResponse, openLiveResponse } from '../../live-response.ts'
import { contextOf } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import type { AppDeps } from '../deps.ts'
import type { Seen, WorkspaceModel } from './view.ts'

/** Between two looks at a cluster that changes. */
const lookMs = 250
/** Ages grow without anything that changes. */
const ageMs = 5000
/** Something is sent at least so often, so that nobody in between takes the connection for dead. */
const heartbeatMs = 15_000
/** Live views that one learner may have open. */
const maxFeeds = 10

/** What is replaced, by its id, and the template that draws it. */
const parts: readonly { target: string; template: string }[] = [
  { target: '#time-clock', template: 'time/clock' },
  { target: '#moment-marks', template: 'time/marks' },
  { target: '#sandbox-summary', template: 'sandboxes/summary' },
  { target: '#sandbox-first', template: 'sandboxes/first' },
  { target: '#sandbox-events', template: 'cluster/events' },
  ...['pods', 'services', 'objects', 'notes'].map((part) => ({
    target: `#board-${part}`,
    template: `cluster/board/${part}`,
  })),
]

export function liveFeed(deps: AppDeps, modelOf: (req: Request, seen: Seen) => Promise<WorkspaceModel>) {
  const open = new Map<string, number>()
  const count = (who: string, change: number) => {
    const next = (open.get(who) ?? 0) + change
    if (next > 0) open.set(who, next)
    else open.delete(who)
  }

  /** @param find who may see what; asked again each time, since a link may be taken back */
  return async (req: Request, res: Response, find: () => Promise<Seen>): Promise<void> => {
    const seen = await find()
    const { learnerId, locale } = contextOf(res)
    if ((open.get(learnerId) ?? 0) >= maxFeeds)
      throw new HttpProblem(429, t('You have {n} live views open. Close one, then reload this page.', { n: maxFeeds }))
    count(learnerId, 1)

    const sent = new Map<string, string>()
    let saidSettled = ''
    let isLooking = false
    let isDue = false
    let lastMs = 0
    let timer: NodeJS.Timeout | undefined
    let ages: NodeJS.Timeout | undefined

    const changed = async (): Promise<string> => {
      const model = await modelOf(req, await find())
      const drawn = { box: model, time: model.time, slider: model.time.slider, ...model.board }
      const fresh = parts.flatMap(({ target, template }) => {
        const html = deps.renderer.part(res, template, drawn)
        if (sent.get(target) === html) return []
        sent.set(target, html)
        return [`<hx-partial hx-target="${target}" hx-swap="innerMorph">${html}</hx-partial>`]
      })
      // Read out only when the cluster has come to rest: on the way there it would never stop talking.
      if (model.isSettled && model.summary !== saidSettled) {
        saidSettled = model.summary
        const html = deps.renderer.part(res, 'sandboxes/status', drawn)
        fresh.push(`<hx-partial hx-target="#sandbox-status" hx-swap="innerHTML">${html}</hx-partial>`)
      }
      return fresh.join('\n')
    }

    const look = async (): Promise<void> => {
      if (isLooking) {
        isDue = true
        return
      }
      isLooking = true
      isDue = false
      lastMs = performance.now()
      try {
        const text = await changed()
        if (text !== '') live?.write(`${text.replace(/^/gm, 'data: ')}\n\n`)
      } catch {
        // Deleted, or not shared any more: the page says so when it is loaded again.
        live?.write('event: gone\ndata: gone\n\n')
        live?.end()
      }
      isLooking = false
      if (isDue) soon()
    }
    /** Nothing is looked at before the response is open, or after it is over. */
    const soon = (): void => {
      if (timer || !live || live.isOver) return
      timer = setTimeout(
        () => {
          timer = undefined
          // Whoever called has another request's language, or none.
          void runInLocale(locale, look)
        },
        Math.max(0, lastMs + lookMs - performance.now()),
      )
    }

    let live: LiveResponse | undefined
    // Whoever looks on comes again, and to the process that keeps it now.
    const stopHearing = deps.sandboxes.whenMoved(seen.summary.id, () => live?.end())
    let subscription: { stop(): void }
    try {
      // Before the head: a sandbox that cannot be opened is told by the answer's status.
      subscription = await deps.sandboxes.subscribe(seen.summary.id, soon)
    } catch (error) {
      count(learnerId, -1)
      stopHearing()
      throw error
    }
    live = openLiveResponse(res, {
      status: 200,
      headers: eventStreamHeaders,
      heartbeat: { everyMs: heartbeatMs, text: ': still here\n\n' },
      over: () => {
        clearTimeout(timer)
        clearInterval(ages)
        subscription.stop()
        stopHearing()
        count(learnerId, -1)
      },
    })
    if (live.isOver) return
    ages = setInterval(soon, ageMs)
    void look()
  }
}
