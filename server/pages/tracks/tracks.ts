/** Tracks: a list, and each with its steps as days; and making one one's own, with a day by which one wants to be through. */
import type { Request, RequestHandler, Response } from 'express'
import type { Track } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import type { Item } from '../../practice/items.ts'
import { daysLeftOf, daysUntil, followedTrack, mostDays, plan, plannedSteps } from '../../practice/own-track.ts'
import { takeSeat } from '../../practice/take-seat.ts'
import { trackStandings } from '../../practice/track-steps.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import type { AppDeps } from '../deps.ts'
import { doneOf } from '../done.ts'
import { field } from '../form.ts'

const dayMs = 24 * 3_600_000
/** Days that are shown unfolded: what lies further ahead is there to be looked up. */
const openDays = 2

interface Refused {
  until: string
  problem: string
}

export function trackPages(deps: AppDeps): Record<'index' | 'show' | 'own', RequestHandler> {
  return {
    index: async (_req, res) => {
      const done = await doneOf(deps, res)
      deps.renderer.send(_req, res, {
        template: 'tracks/index',
        title: t('Tracks'),
        section: 'study',
        model: { tracks: trackStandings(deps.catalog(), done), own: done.followed?.item },
      })
    },

    show: async (req, res) => {
      await sendTrack(deps, req, res, getTrack(deps, req))
    },

    own: async (req, res) => {
      const track = getTrack(deps, req)
      const item = `track:${track.id}`
      const isBegun = field(req, 'do') === 'begin'
      const isOn = field(req, 'do') !== 'leave'
      const typed = field(req, 'until').trim()
      const problem = isOn ? problemOf(typed, deps.now()) : undefined
      if (problem !== undefined) {
        await sendTrack(deps, req, res, track, { until: typed.slice(0, 40), problem })
        return
      }
      const until = isOn && typed !== '' ? typed : null
      const seat = await takeSeat(deps, contextOf(res).seat)
      await deps.journals.write(seat, ({ followed }) => {
        // The page may be from before: who has a track by now keeps it, with its day.
        if (isBegun && followed) return []
        const isOwn = followed?.item === item
        const isSame = isOn ? isOwn && followed.until === until : !isOwn
        return isSame ? [] : [{ act: 'followed', item, data: { isOn, until } }]
      })
      // Who begins is at the first step.
      const first = isBegun ? await nextStepOf(deps, res, track) : undefined
      redirectTo(req, res, first?.href ?? `/tracks/${track.id}`)
    },
  }
}

function getTrack(deps: AppDeps, req: Request): Track {
  const id = String(req.params.id)
  const track = deps.catalog().tracks.get(id)
  if (!track) throw notFound(t('The track "{name}"', { name: id }))
  return track
}

async function nextStepOf(deps: AppDeps, res: Response, track: Track): Promise<Item | undefined> {
  const done = await doneOf(deps, res)
  return plannedSteps(deps.catalog(), track, done).find(({ isDone }) => !isDone)?.item
}

/** Why it can be no day to be through by; empty is none. */
function problemOf(until: string, nowMs: number): string | undefined {
  if (until === '') return undefined
  const time = /^\d{4}-\d{2}-\d{2}$/.test(until) ? Date.parse(`${until}T00:00:00Z`) : Number.NaN
  // A day that there is not, such as the 31st of April, is read as one of the next month.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== until)
    return t('Write a day as year-month-day, such as {example}.', { example: dayAfter(nowMs, 14) })
  const days = daysUntil(until, nowMs)!
  // Where it is today already, it may be yesterday here.
  if (days < 0) return t('That day is over. Choose today or a later one.')
  return days > mostDays ? t('That is more than a year away. Choose an earlier day.') : undefined
}

const dayAfter = (nowMs: number, days: number): string => new Date(nowMs + days * dayMs).toISOString().slice(0, 10)

async function sendTrack(deps: AppDeps, req: Request, res: Response, track: Track, refused?: Refused): Promise<void> {
  const done = await doneOf(deps, res)
  const catalog = deps.catalog()
  const steps = plannedSteps(catalog, track, done)
  const left = steps.filter(({ isDone }) => !isDone)
  const isOwn = done.followed?.item === `track:${track.id}`
  const other = isOwn ? undefined : followedTrack(catalog, done.followed)
  const until = isOwn ? (done.followed?.until ?? '') : ''
  const days = daysUntil(until || null, deps.now())
  const planned = plan(left, days ?? daysLeftOf(track, steps))
  deps.renderer.send(req, res, {
    template: 'tracks/page',
    title: track.title,
    section: 'study',
    ...(refused ? { status: 422 } : {}),
    model: {
      track,
      isOwn,
      other: other && { title: other.title, locale: other.locale },
      until: refused?.until ?? until,
      problem: refused?.problem ?? '',
      minDay: dayAfter(deps.now(), 0),
      maxDay: dayAfter(deps.now(), mostDays - 1),
      daysLeft: days,
      total: steps.length,
      doneSteps: steps.filter(({ isDone }) => isDone),
      minutesLeft: left.reduce((sum, { minutes }) => sum + minutes, 0),
      next: left[0]?.item,
      days: planned.slice(0, openDays),
      laterDays: planned.slice(openDays),
      openDays,
    },
  })
}
