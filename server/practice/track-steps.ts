/** How far somebody is on each track, and the step of it that comes after what is before them. Pure. */
import type { Catalog, Track } from '../catalog/types.ts'
import { isCounted } from './answer-facts.ts'
import { findItem, type Item } from './items.ts'
import type { Done } from './next-steps.ts'

export interface TrackStanding {
  track: Track
  done: number
  total: number
  /** The first step that is not done; undefined when all are. */
  next: Item | undefined
}

/** What a lesson, a question or a challenge says of a track that it belongs to. */
export interface TrackStep {
  track: Track
  /** From 1; undefined for what is no step of it. */
  place: number | undefined
  /** How many steps of it are done, and how many there are. */
  done: number
  total: number
  /** Undefined when nothing is left but what is before them. */
  next: Item | undefined
  /** It is the track that they made their own. */
  isOwn: boolean
}

/** More would be a list to choose from, not a way to go on. */
const shownTracks = 2

export function trackStandings(catalog: Catalog, done: Done): TrackStanding[] {
  const isDone = doneBy(done)
  return [...catalog.tracks.values()].map((track) => {
    const left = track.steps.map(nameOf).filter((name) => !isDone(name))
    const next = left[0] === undefined ? undefined : findItem(catalog, left[0])
    return { track, total: track.steps.length, done: track.steps.length - left.length, next }
  })
}

/**
 * The tracks that lead on from an item: one's own, those that begin with it, and those with a step done, the furthest first.
 * @param item its name, such as `lesson:pod/probes`
 * @param options.isFirst a track that has it leads on even where nothing else of it is done
 */
export function trackStepsOf(catalog: Catalog, item: string, done: Done, { isFirst = false } = {}): TrackStep[] {
  const isDone = doneBy(done)
  return [...catalog.tracks.values()]
    .flatMap((track) => {
      const names = track.steps.map(nameOf)
      const at = names.indexOf(item)
      const walked = names.filter((name) => name !== item && isDone(name)).length
      const isOwn = done.followed?.item === `track:${track.id}`
      if (at < 0 || (at > 0 && walked === 0 && !isOwn && !isFirst)) return []
      const ahead = [...names.slice(at + 1), ...names.slice(0, at)].find((name) => !isDone(name))
      const next = ahead === undefined ? undefined : findItem(catalog, ahead)
      return [{ track, place: at + 1, done: names.filter(isDone).length, total: names.length, next, walked, isOwn }]
    })
    .sort((a, b) => Number(b.isOwn) - Number(a.isOwn) || b.walked - a.walked)
    .slice(0, shownTracks)
    .map(({ walked: _walked, ...step }) => step)
}

export const nameOf = ({ kind, id }: Track['steps'][number]): string => `${kind}:${id}`

/** A lesson is done when it is marked as read, a question when it was answered right, a challenge when it was passed. */
export function doneBy({ answers, book, passed }: Done): (name: string) => boolean {
  const right = answers.filter((answer) => answer.verdict === 'right' && isCounted(answer))
  const names = new Set([
    ...book.read.map(({ item }) => item),
    ...right.map(({ questionId }) => `question:${questionId}`),
    ...[...passed].map((id) => `challenge:${id}`),
  ])
  return (name) => names.has(name)
}

/** A question was answered, and not right yet: it counts as a step when it is. */
export function triedBy(done: Done): (name: string) => boolean {
  const isDone = doneBy(done)
  const names = new Set(done.answers.map(({ questionId }) => `question:${questionId}`))
  return (name) => names.has(name) && !isDone(name)
}
