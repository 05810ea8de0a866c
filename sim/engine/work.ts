/**
 * Computing, counted instead of timed: each inner loop that grows with its input charges its steps here, and who set a budget is told
 * when it is used up. The same input is refused at the same step on every machine, however busy it is.
 *
 * The count belongs to the synchronous call that runs, as the call stack does; it is the one thing here that is not handed from function to
 * function, since what charges it are the leaves: a quantity's digits, a template's values, a pipe's bytes. Nothing reads it to decide
 * anything but whether to stop.
 */

/** A step is about a tenth of a microsecond on a machine of 2026. */
export const stepsPerSecond = 10_000_000

/** Text is read, written or compared this fast, in characters a step. */
const charactersPerStep = 16

/** Whose budget is used up. */
interface Scope {
  readonly steps: number
}

const boundless: Scope = { steps: Number.POSITIVE_INFINITY }
let spent = 0
/** At which count the innermost budget, or one around it that is used up before, ends. */
let limit = Number.POSITIVE_INFINITY
let owner = boundless

/** A budget is used up: whoever set it catches this. Everything between must let it pass. */
export class WorkExceeded extends Error {
  override readonly name = 'WorkExceeded'
  readonly scope: unknown
  readonly steps: number
  constructor(scope: Scope) {
    super(`more than ${scope.steps} steps of computing`)
    this.scope = scope
    this.steps = scope.steps
  }
}

/** Counts what is about to be done. @throws WorkExceeded when that is more than there is left */
export function charge(steps: number): void {
  if (spent + steps > limit) {
    // What is refused is not done: however much it was, it takes what was left and no more.
    spent = Math.max(spent, Math.min(spent + steps, limit + 1))
    throw new WorkExceeded(owner)
  }
  spent += steps
}

/** The same for text that is read, written, copied or compared. */
export function chargeText(characters: number): void {
  charge(Math.ceil(characters / charactersPerStep))
}

/**
 * Does what is done once for the whole process and kept, such as a table that never changes. Whoever happens to come first pays no more than
 * those who come later: the work has to be bounded by itself.
 */
export function uncharged<T>(act: () => T): T {
  const [before, outerLimit] = [spent, limit]
  limit = Number.POSITIVE_INFINITY
  try {
    return act()
  } finally {
    spent = before
    limit = outerLimit
  }
}

/** What has been charged so far, by everything: the difference of two readings says what lies between. */
export const workSpent = (): number => spent

/** How much may be charged until the budget that is used up first ends; infinite without one. */
export const workLeft = (): number => limit - spent

/**
 * Lets `act` charge so many steps, or fewer where a budget around it ends before.
 * @param exceeded gives the result instead when it charges more; a budget around it is none of its business
 */
export function budgeted<T>(steps: number, act: () => T, exceeded: (error: WorkExceeded) => T): T {
  const outerLimit = limit
  const outerOwner = owner
  const scope: Scope = { steps }
  const end = spent + Math.max(0, steps)
  if (end < limit) {
    limit = end
    owner = scope
  }
  try {
    return act()
  } catch (error) {
    if (!(error instanceof WorkExceeded) || error.scope !== scope) throw error
    // Back outside, so that the answer can be worked out.
    limit = outerLimit
    owner = outerOwner
    return exceeded(error)
  } finally {
    limit = outerLimit
    owner = outerOwner
  }
}

/** A budget that is used a piece at a time: by the turns of a program, with others in between. */
export class Allowance {
  readonly steps: number
  private left: number

  constructor(steps: number) {
    this.steps = steps
    this.left = steps
  }

  /** @param exceeded as in `budgeted`; also given when all was used up before */
  spend<T>(act: () => T, exceeded: (error: WorkExceeded) => T): T {
    const before = spent
    try {
      return budgeted(this.left, act, exceeded)
    } finally {
      this.left = Math.max(0, this.left - (spent - before))
    }
  }
}
