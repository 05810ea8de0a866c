/**
 * How all seats of a workshop stand, kept while somebody watches: what changes in the room or in a seat's journal is taken up within half a
 * second, once for all who watch, and only what changed is folded anew.
 */

import type { OnUnreadable } from '../../storage/types.ts'
import { voterOf } from '../../workshops/ballots.ts'
import { presentIn } from '../../workshops/people.ts'
import type { Room } from '../../workshops/room.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { seatIn } from './seat-in.ts'
import { cellOf, nothing, withVote } from './seat-status.ts'
import type { SeatCells } from './wall-view.ts'

const gatherMs = 500
/** Minutes grow without anything that is done. */
const ageMs = 20_000

/** Everybody in it, in the order in which they came. @param onUnreadable is told of whom nothing, or not all, can be shown */
export async function seatCells(
  deps: AppDeps,
  { id }: Pick<Workshop, 'id'>,
  onUnreadable: OnUnreadable,
): Promise<SeatCells[]> {
  const [room, people] = await Promise.all([deps.rooms.room(id), presentIn(deps, id, onUnreadable)])
  const seats = await Promise.all(
    people.map(async (person) => {
      const work = await deps.journals.work(seatIn({ id }, person))
      for (const error of work.unreadable) onUnreadable(error)
      return { person, cells: room.steps.map((step) => cellOf(work, step)) }
    }),
  )
  return seats.sort(byArrival)
}

/** Those cells with what was voted: a step that the room votes on is done by who has voted. One that was planned since has none yet. */
export const withVotes = (deps: AppDeps, { id }: Pick<Workshop, 'id'>, room: Room, seats: readonly SeatCells[]) =>
  seats.map(({ person, cells }) => ({
    person,
    cells: room.steps.map((step, n) =>
      withVote(cells[n] ?? nothing, room, step, voterOf(deps.secret, id, step, person.id)),
    ),
  }))

const byArrival = ({ person: a }: SeatCells, { person: b }: SeatCells): number =>
  a.joinedAtMs - b.joinedAtMs || (a.id < b.id ? -1 : 1)

export interface Walls {
  /** @param told with all seats, in the order of `seatCells`; first of all once. @returns stops it */
  follow(workshop: Pick<Workshop, 'id'>, told: (seats: readonly SeatCells[]) => void): () => void
  /**
   * What that seat's row looks like; drawn once for all who watch.
   * @param key the same for what looks the same
   */
  drawn(workshop: Pick<Workshop, 'id'>, seat: string, key: string, draw: () => string): string
}

interface Watched {
  viewers: Set<(seats: readonly SeatCells[]) => void>
  seats: Map<string, SeatCells>
  /** Of the steps that the cells are of. */
  items: string
  /** Seats in which something was done since. */
  changed: Set<string>
  isStale: boolean
  rows: Map<string, { key: string; html: string }>
  timer: NodeJS.Timeout | undefined
  stop(): void
}

export function createWalls(deps: AppDeps): Walls {
  const watched = new Map<string, Watched>()

  const renew = async (id: string, wall: Watched): Promise<void> => {
    const { seats } = wall
    const changed = new Set(wall.changed)
    wall.changed.clear()
    wall.isStale = false
    // The page itself says what it is shown without.
    const [{ steps }, people] = await Promise.all([deps.rooms.room(id), presentIn(deps, id, () => undefined)])
    const items = steps.map(({ item }) => item ?? '').join(' ')
    if (items !== wall.items) seats.clear()
    wall.items = items
    const there = new Set(people.map((person) => person.id))
    for (const seat of seats.keys()) if (!there.has(seat)) seats.delete(seat)
    try {
      for (const person of people) {
        if (seats.has(person.id) && !changed.has(person.id)) continue
        const work = await deps.journals.work(seatIn({ id }, person))
        seats.set(person.id, { person, cells: steps.map((step) => cellOf(work, step)) })
      }
    } catch (error) {
      // They are read again the next time.
      for (const seat of changed) wall.changed.add(seat)
      throw error
    }
  }
  const soon = (id: string, wall: Watched): void => {
    wall.timer ??= setTimeout(async () => {
      try {
        await renew(id, wall)
        const seats = [...wall.seats.values()].sort(byArrival)
        for (const told of wall.viewers) told(seats)
      } catch (error) {
        deps.logger.error({ err: error }, 'a wall could not be drawn')
      } finally {
        wall.timer = undefined
        // Meanwhile more was done.
        if (wall.isStale && wall.viewers.size > 0) soon(id, wall)
      }
    }, gatherMs)
  }
  const begin = (id: string): Watched => {
    const wall: Watched = {
      viewers: new Set(),
      seats: new Map(),
      items: '',
      changed: new Set(),
      isStale: false,
      rows: new Map(),
      timer: undefined,
      stop: () => undefined,
    }
    const unfollow = deps.rooms.follow(id, ({ seat }) => {
      if (seat !== undefined) wall.changed.add(seat)
      wall.isStale = true
      soon(id, wall)
    })
    const ages = setInterval(() => soon(id, wall), ageMs)
    wall.stop = () => {
      unfollow()
      clearInterval(ages)
      clearTimeout(wall.timer)
    }
    watched.set(id, wall)
    return wall
  }

  return {
    follow({ id }, told) {
      const wall = watched.get(id) ?? begin(id)
      wall.viewers.add(told)
      soon(id, wall)
      return () => {
        wall.viewers.delete(told)
        if (wall.viewers.size > 0 || watched.get(id) !== wall) return
        wall.stop()
        watched.delete(id)
      }
    },
    drawn({ id }, seat, key, draw) {
      const rows = watched.get(id)?.rows
      const kept = rows?.get(seat)
      if (kept?.key === key) return kept.html
      const html = draw()
      rows?.set(seat, { key, html })
      return html
    },
  }
}
