/**
 * Time that somebody has, by the server's clock. Pure.
 *
 * A watch counts only forward: a clock that is set back gives no time back, and goes on from there; set forward, it takes what it takes.
 */

export interface Watch {
  isRunning: boolean
  /** When it was looked at last, in milliseconds since 1970. */
  seenAtMs: number
  /** How much had passed by then while it ran. */
  usedMs: number
}

/** How much somebody has in all: the exercise's, by the factor of this person, and what was given to them besides. */
export interface Allowance {
  baseMs: number
  /** 1 to 3. */
  multiplier: number
  /** Each never negative. */
  creditsMs: number
}

export const newWatch = (nowMs: number): Watch => ({ isRunning: true, seenAtMs: nowMs, usedMs: 0 })

export const usedMs = ({ isRunning, seenAtMs, usedMs: used }: Watch, nowMs: number): number =>
  used + (isRunning ? Math.max(0, nowMs - seenAtMs) : 0)

/** The same, with what has passed kept, and going on or not. */
export const lookedAt = (watch: Watch, nowMs: number, isRunning = watch.isRunning): Watch => ({
  isRunning,
  seenAtMs: nowMs,
  usedMs: usedMs(watch, nowMs),
})

export const allowedMs = ({ baseMs, multiplier, creditsMs }: Allowance): number => baseMs * multiplier + creditsMs

/** Never below 0. */
export const leftMs = (allowance: Allowance, watch: Watch, nowMs: number): number =>
  Math.max(0, allowedMs(allowance) - usedMs(watch, nowMs))
