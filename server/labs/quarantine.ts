/**
 * Who has cost a process its life lately: their runs go on in a place of their own, where they hold up nobody else, and who goes on has to
 * pause. Kept in memory alone.
 */
import { msg } from '../i18n/translate.ts'
import { LabRefusal } from './types.ts'

/** A process that is lost counts for so long. */
const keptMs = 10 * 60_000
/** From this many on there is a pause after each, which doubles. */
const patience = 3
const firstPauseMs = 10_000
const longestPauseMs = 5 * 60_000

const pause = msg(
  'Each of your last runs needed more computing time or memory than one run may use, and a part of the server had to be started again. Try again in {seconds} s, with something smaller.',
)

export class Quarantine {
  readonly #nowMs: () => number
  readonly #losses = new Map<string, number[]>()

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** A process was lost over somebody's run. */
  note(who: string): void {
    this.#losses.set(who, [...this.#lately(who), this.#nowMs()])
    if (this.#losses.size > 1000)
      for (const each of [...this.#losses.keys()]) if (!this.holds(each)) this.#losses.delete(each)
  }

  /** Whether their runs go to a place of their own. */
  holds(who: string): boolean {
    return this.#lately(who).length > 0
  }

  /** @throws LabRefusal 429 while they have to pause */
  check(who: string): void {
    const losses = this.#lately(who)
    if (losses.length < patience) return
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (losses.length - patience))
    const leftMs = losses.at(-1)! + pauseMs - this.#nowMs()
    if (leftMs > 0) throw new LabRefusal(429, pause, { seconds: Math.ceil(leftMs / 1000) })
  }

  #lately(who: string): number[] {
    return (this.#losses.get(who) ?? []).filter((atMs) => atMs > this.#nowMs() - keptMs)
  }
}
