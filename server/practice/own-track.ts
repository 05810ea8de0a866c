/** The track that somebody is on: where they are on it, what comes next, and how what is left falls into days. Pure. */
import type { Catalog, Track } from '../catalog/types.ts'
import { findItem, type Item } from './items.ts'
import type { Done } from './next-steps.ts'
import { doneBy, nameOf, type TrackStep, trackStandings, trackStepsOf, triedBy } from './track-steps.ts'

/** A step, and how long it takes. */
export interface PlannedStep {
  item: Item
  minutes: number
  isDone: boolean
  /** It was answered, and not right yet. */
  isTried: boolean
}

/** What stands above every page. */
export interface OwnTrack {
  track: Track
  /** They made it their own. */
  isOwn: boolean
  done: number
  total: number
  minutesLeft: number
  /** The step that the page is, from 1. */
  here: number | undefined
  /** The first step after the page's, or of all, that is not done. */
  next: Item | undefined
}

export interface Day {
  steps: PlannedStep[]
  minutes: number
}

const dayMs = 24 * 3_600_000
/** What a day takes where nobody has said by when they want to be through. */
const usualMinutes = 60
/** Of one question, with what its answer tells. */
const questionMinutes = 3
/** Further away nobody plans. */
export const mostDays = 366

/** The steps of a track in order; what the content does not have any more is left out. */
export function plannedSteps(catalog: Catalog, track: Track, done: Done): PlannedStep[] {
  const isDone = doneBy(done)
  const isTried = triedBy(done)
  return track.steps.flatMap((step) => {
    const name = nameOf(step)
    const item = findItem(catalog, name)
    return item ? [{ item, minutes: minutesOf(catalog, item), isDone: isDone(name), isTried: isTried(name) }] : []
  })
}

function minutesOf(catalog: Catalog, { kind, id }: Item): number {
  if (kind === 'lesson') return catalog.lessons.get(id)!.minutes
  return kind === 'challenge' ? catalog.challenges.get(id)!.spec.minutes : questionMinutes
}

/** The track that somebody made their own; undefined where it is gone. */
export const followedTrack = (catalog: Pick<Catalog, 'tracks'>, followed: Done['followed']): Track | undefined =>
  followed && catalog.tracks.get(followed.item.slice('track:'.length))

/**
 * The track that somebody is on: the one that they made their own, else the one with most steps done, as long as one is left; none that they
 * left themselves.
 * @param item the name of what the page shows, if it shows one. @returns undefined where no step of any was done
 */
export function trackInHand(catalog: Catalog, done: Done, item?: string): OwnTrack | undefined {
  const own = followedTrack(catalog, done.followed)
  const furthest = (): Track | undefined =>
    trackStandings(catalog, done)
      .filter(({ track, done: steps, next }) => steps > 0 && next && done.leftTrack !== `track:${track.id}`)
      .sort((a, b) => b.done - a.done)[0]?.track
  const track = own ?? furthest()
  if (!track) return undefined
  const steps = plannedSteps(catalog, track, done)
  const left = steps.filter(({ isDone }) => !isDone)
  const at = steps.findIndex(({ item: one }) => `${one.kind}:${one.id}` === item)
  const ahead = [...steps.slice(at + 1), ...steps.slice(0, Math.max(at, 0))]
  return {
    track,
    isOwn: own !== undefined,
    done: steps.length - left.length,
    total: steps.length,
    minutesLeft: minutesIn(left),
    here: at < 0 ? undefined : at + 1,
    next: ahead.find(({ isDone }) => !isDone)?.item,
  }
}

/** The tracks that lead on from an item; where it is a step of none, the track that somebody is on. As `trackStepsOf`. */
export function waysOnFrom(catalog: Catalog, item: string, done: Done, options?: { isFirst?: boolean }): TrackStep[] {
  const steps = trackStepsOf(catalog, item, done, options)
  const inHand = steps.length > 0 ? undefined : trackInHand(catalog, done, item)
  if (!inHand?.next) return steps
  const { track, total, next } = inHand
  return [{ track, place: undefined, done: inHand.done, total, next, isOwn: inHand.isOwn }]
}

/**
 * How many days there are, today and the last one included; undefined without a last one, 0 or less when it is over. Days are those of UTC: the
 * server does not know another one's.
 * @param until as 2026-05-31
 */
export function daysUntil(until: string | null, nowMs: number): number | undefined {
  if (until === null) return undefined
  return Math.round((Date.parse(`${until}T00:00:00Z`) - Math.floor(nowMs / dayMs) * dayMs) / dayMs) + 1
}

/** The days that a track is written for, as far as they are left; undefined for one that is written for none. */
export function daysLeftOf({ days }: Track, steps: readonly PlannedStep[]): number | undefined {
  if (days === undefined || steps.length === 0) return undefined
  const left = minutesIn(steps.filter(({ isDone }) => !isDone))
  return Math.max(1, Math.ceil((days * left) / minutesIn(steps)))
}

/**
 * What is left, in order, day by day: as evenly as its steps allow over so many days, or an hour a day. A day is never empty.
 * @param days at least 1; undefined without a last day
 */
export function plan(left: readonly PlannedStep[], days: number | undefined): Day[] {
  const all = minutesIn(left)
  const count = days === undefined ? Math.max(1, Math.round(all / usualMinutes)) : Math.max(1, days)
  const planned = new Map<number, PlannedStep[]>()
  let before = 0
  for (const step of left) {
    // By its middle, so that a long step goes to the day that most of it falls on.
    const day = Math.min(count - 1, Math.floor(((before + step.minutes / 2) * count) / all))
    planned.set(day, [...(planned.get(day) ?? []), step])
    before += step.minutes
  }
  return [...planned.values()].map((steps) => ({ steps, minutes: minutesIn(steps) }))
}

const minutesIn = (steps: readonly PlannedStep[]): number => steps.reduce((sum, { minutes }) => sum + minutes, 0)
