/** Where members stand and how messages lie between them: a ring, and arrows in it. Pure. */
import type { StageMessage } from '../../../sim/index.ts'

export interface Place {
  number: number
  x: number
  y: number
}

export interface Arrow {
  number: number
  x1: number
  y1: number
  x2: number
  y2: number
  isLost: boolean
  /** Where its number stands. */
  labelX: number
  labelY: number
}

export const width = 440
export const height = 340
const middle = { x: width / 2, y: height / 2 + 8 }
const ring = { x: 150, y: 112 }
export const radius = 40
/** How far apart messages on the same way lie. */
const apart = 15

export const placesOf = (members: number): Place[] =>
  Array.from({ length: members }, (_, i) => {
    const angle = -Math.PI / 2 + (2 * Math.PI * i) / members
    return {
      number: i + 1,
      x: round(middle.x + ring.x * Math.cos(angle)),
      y: round(middle.y + ring.y * Math.sin(angle)),
    }
  })

/** Of messages between the same two the first lies nearest to the straight line; those of the other direction on its other side. */
export function arrowsOf(places: readonly Place[], messages: readonly StageMessage[], most: number): Arrow[] {
  const seen = new Map<string, number>()
  return messages.slice(0, most).map(({ number, from, to, isLost }) => {
    const way = `${from} ${to}`
    const n = seen.get(way) ?? 0
    seen.set(way, n + 1)
    const [a, b] = [places[from - 1]!, places[to - 1]!]
    const length = Math.hypot(b.x - a.x, b.y - a.y)
    const [dx, dy] = [(b.x - a.x) / length, (b.y - a.y) / length]
    const aside = 8 + n * apart
    const [ox, oy] = [-dy * aside, dx * aside]
    const gap = radius + 6
    // Nearer to its receiver, so that numbers of both directions do not meet; those of one direction lie apart.
    const along = n % 2 === 0 ? 0.57 : 0.43
    return {
      ...{ number, isLost },
      x1: round(a.x + dx * gap + ox),
      y1: round(a.y + dy * gap + oy),
      x2: round(b.x - dx * gap + ox),
      y2: round(b.y - dy * gap + oy),
      labelX: round(a.x + dx * length * along + ox),
      labelY: round(a.y + dy * length * along + oy),
    }
  })
}

const round = (value: number): number => Math.round(value * 10) / 10
