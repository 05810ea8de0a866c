/**
 * Who computes next: of all who wait, one from the address that has had the least computing lately, and there the learner that has. So
 * many runs from one address, under however many cookies, hold up that address; who has done little goes first.
 */
import { msg } from '../../i18n/translate.ts'
import { LabRefusal } from '../types.ts'

export interface Party {
  /** Where the request comes from, or the learner once more where nobody knows. */
  address: string
  learner: string
}

export interface QueueLimits {
  /** Runs at a time. */
  together: number
  /** Besides: of those in quarantine, or where they leave it free of those that `mayUseSpare`. */
  spare: number
  /** Of one learner, one address and all: runs that wait. */
  waiting: { learner: number; address: number; all: number }
  /** A run that has not begun by then is refused. */
  waitMs: number
}

type Place = 'together' | 'spare'

interface Run {
  party: Party
  isQuarantined: boolean
  mayUseSpare: boolean
  begin(place: Place): void
  refuse(why: LabRefusal): void
  timer: NodeJS.Timeout
}

/** Milliseconds of computing, which count half after so long. */
const halfLifeMs = 30_000
/** What a run that has begun counts for until it is known. */
const expectedMs = 200

const tooManyOwn = msg('Several of your runs are still going. Wait for them, then try again.')
const busy = msg('Many simulations are waiting. Try again in a few seconds.')

/** Of what somebody used lately. */
class Usage {
  readonly #used = new Map<string, { ms: number; atMs: number }>()

  of(key: string, nowMs: number): number {
    const known = this.#used.get(key)
    return known ? known.ms * 2 ** ((known.atMs - nowMs) / halfLifeMs) : 0
  }

  add(key: string, ms: number): void {
    const nowMs = performance.now()
    this.#used.set(key, { ms: Math.max(0, this.of(key, nowMs) + ms), atMs: nowMs })
    if (this.#used.size > 10_000)
      for (const each of [...this.#used.keys()]) if (this.of(each, nowMs) < 1) this.#used.delete(each)
  }
}

export class FairQueue {
  readonly #limits: QueueLimits
  readonly #addresses = new Usage()
  readonly #learners = new Usage()
  readonly #waiting: Run[] = []
  /** Learners with a run under way. */
  readonly #running = new Set<string>()
  readonly #under: Record<Place, number> = { together: 0, spare: 0 }

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  /** Runs that wait for their turn, and that have begun. */
  get load(): { waiting: number; running: number } {
    return { waiting: this.#waiting.length, running: this.#under.together + this.#under.spare }
  }

  /**
   * Runs `act` when it is the party's turn: of a learner one at a time, in order.
   * @param kind `isQuarantined`: it has places of its own, and takes none of the others; `mayUseSpare`: it takes one of those if it is free
   * @throws LabRefusal 429 when too many of that learner wait already, 503 when too many wait or it waited for too long
   */
  async run<T>(
    party: Party,
    act: () => Promise<T>,
    { isQuarantined = false, mayUseSpare = false }: { isQuarantined?: boolean; mayUseSpare?: boolean } = {},
  ): Promise<T> {
    const { waiting, waitMs } = this.#limits
    const count = (isOne: (run: Run) => boolean) => this.#waiting.reduce((sum, run) => sum + Number(isOne(run)), 0)
    if (count((run) => run.party.learner === party.learner) >= waiting.learner) throw new LabRefusal(429, tooManyOwn)
    if (count((run) => run.party.address === party.address) >= waiting.address || this.#waiting.length >= waiting.all)
      throw new LabRefusal(503, busy)
    const place = await new Promise<Place>((begin, refuse) => {
      const run: Run = {
        party,
        isQuarantined,
        mayUseSpare,
        begin,
        refuse,
        timer: setTimeout(() => {
          this.#waiting.splice(this.#waiting.indexOf(run), 1)
          refuse(new LabRefusal(503, busy))
        }, waitMs),
      }
      this.#waiting.push(run)
      this.#beginNext()
    })
    const startedMs = performance.now()
    try {
      return await act()
    } finally {
      const more = performance.now() - startedMs - expectedMs
      this.#addresses.add(party.address, more)
      this.#learners.add(party.learner, more)
      this.#running.delete(party.learner)
      this.#under[place]--
      this.#beginNext()
    }
  }

  #beginNext(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      clearTimeout(next.timer)
      this.#waiting.splice(this.#waiting.indexOf(next), 1)
      const { learner, address } = next.party
      this.#running.add(learner)
      this.#addresses.add(address, expectedMs)
      this.#learners.add(learner, expectedMs)
      const place = this.#placeFor(next)!
      this.#under[place]++
      next.begin(place)
    }
  }

  /** Undefined while there is none. */
  #placeFor({ isQuarantined, mayUseSpare }: Run): Place | undefined {
    const isFree = (place: Place) => this.#under[place] < this.#limits[place]
    if (!isQuarantined && isFree('together')) return 'together'
    return (isQuarantined || mayUseSpare) && isFree('spare') ? 'spare' : undefined
  }

  #next(): Run | undefined {
    let best: { run: Run; address: number; learner: number } | undefined
    const seen = new Set<string>()
    const nowMs = performance.now()
    for (const run of this.#waiting) {
      const { learner, address } = run.party
      // A learner's own runs keep their order.
      if (seen.has(learner) || this.#running.has(learner)) continue
      seen.add(learner)
      if (!this.#placeFor(run)) continue
      const used = { run, address: this.#addresses.of(address, nowMs), learner: this.#learners.of(learner, nowMs) }
      if (!best || used.address < best.address || (used.address === best.address && used.learner < best.learner))
        best = used
    }
    return best?.run
  }
}
