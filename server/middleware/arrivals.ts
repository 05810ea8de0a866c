/**
 * Large files that are on their way, so many at a time: from all, and from one address. While there is no room, who sends most slowly is sent away
 * for who comes now, so that nobody holds the room by sending a byte now and then.
 */
import type { Request, Response } from 'express'

export interface ArrivalLimits {
  together: number
  ofOne: number
  /** Who has been sending for less is left alone. */
  leastMs: number
  /** Who sends faster is left alone, in bytes a second. */
  enough: number
  now(): number
}

interface Arrival {
  caller: string
  beganMs: number
  /** Bytes so far. */
  received(): number
  cut(): void
}

export class Arrivals {
  readonly #limits: ArrivalLimits
  readonly #underWay = new Set<Arrival>()

  constructor(limits: ArrivalLimits) {
    this.#limits = limits
  }

  /** @returns how to tell that it has come; undefined where there is no room */
  begin(caller: string, received: () => number, cut: () => void): (() => void) | undefined {
    const own = [...this.#underWay].filter((one) => one.caller === caller)
    if (own.length >= this.#limits.ofOne && !this.#sendAway(own)) return undefined
    if (this.#underWay.size >= this.#limits.together && !this.#sendAway([...this.#underWay])) return undefined
    const arrival: Arrival = { caller, beganMs: this.#limits.now(), received, cut }
    this.#underWay.add(arrival)
    return () => void this.#underWay.delete(arrival)
  }

  #sendAway(among: readonly Arrival[]): boolean {
    const { leastMs, enough, now } = this.#limits
    const nowMs = now()
    const slow = among
      .filter(({ beganMs }) => nowMs - beganMs >= leastMs)
      .map((arrival) => ({ arrival, speed: (1000 * arrival.received()) / Math.max(1, nowMs - arrival.beganMs) }))
      .filter(({ speed }) => speed < enough)
      .sort((a, b) => a.speed - b.speed)
    const [slowest] = slow
    if (!slowest) return false
    this.#underWay.delete(slowest.arrival)
    slowest.arrival.cut()
    return true
  }
}

/** Of a request's body, and how to end it without an answer. */
export function bodyOf(req: Request, res: Response): { received: () => number; cut: () => void } {
  const { socket } = req
  const before = socket.bytesRead
  return { received: () => socket.bytesRead - before, cut: () => void (res.headersSent || socket.destroy()) }
}
