/** Whether the server can do its work: each part is asked to prove it, seldom enough that asking costs nothing. */
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'

/** Each rejects when its part cannot do its work. The names are told to whoever asks, the reasons to the log alone. */
export type Checks = Readonly<Record<string, () => Promise<void>>>

export interface ReadinessOptions {
  checks: Checks
  logger: Pick<Logger, 'warn' | 'info'>
  /** An answer is good for so long. */
  keptMs?: number
  /** The longest to wait for a part. */
  patienceMs?: number
  /** Milliseconds from any moment. */
  nowMs?: () => number
}

export interface Readiness {
  /** The names of the parts that cannot do their work; empty when all can. */
  problems(): Promise<readonly string[]>
  /** From now on it is not ready: the process is ending. */
  drain(): void
}

export function createReadiness(options: ReadinessOptions): Readiness {
  const { checks, logger, keptMs = 3000, patienceMs = 4000, nowMs = () => performance.now() } = options
  const running = new Map<string, Promise<string | undefined>>()
  let isDraining = false
  let told = ''
  let latest: { result: Promise<readonly string[]>; atMs: number } | undefined

  /** Why not, or undefined. One that has not come back is waited for again, and not asked a second time. */
  const outcomeOf = (name: string, check: () => Promise<void>): Promise<string | undefined> => {
    const known = running.get(name)
    if (known) return known
    const outcome = check()
      .then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)) || 'it failed',
      )
      .finally(() => running.delete(name))
    running.set(name, outcome)
    return outcome
  }

  const look = async (): Promise<readonly string[]> => {
    const found = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => ({
        name,
        why: await within(outcomeOf(name, check), patienceMs),
      })),
    )
    const wrong = found.filter(({ why }) => why !== undefined)
    const names = wrong.map(({ name }) => name)
    // Once for each change: whoever asks does so every few seconds.
    if (names.join() !== told) {
      told = names.join()
      if (names.length === 0) logger.info('ready again')
      else
        logger.warn({ problems: Object.fromEntries(wrong.map(({ name, why }) => [name, why])) }, `not ready: ${told}`)
    }
    return names
  }

  return {
    async problems() {
      if (isDraining) return ['stopping']
      if (!latest || nowMs() - latest.atMs >= keptMs) latest = { result: look(), atMs: nowMs() }
      const names = await latest.result
      return isDraining ? ['stopping'] : names
    },
    drain() {
      isDraining = true
    },
  }
}

/** For whoever sends requests here: 200, or 503 with the parts that cannot do their work. */
export function readinessPage(readiness: Readiness): RequestHandler {
  return async (_req, res) => {
    const problems = await readiness.problems()
    res.setHeader('Cache-Control', 'no-store')
    if (problems.length === 0) res.json({ status: 'ready' })
    else res.status(503).json({ status: 'not ready', problems })
  }
}

async function within(outcome: Promise<string | undefined>, patienceMs: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${patienceMs} ms`), patienceMs)
  })
  try {
    return await Promise.race([outcome, late])
  } finally {
    clearTimeout(timer)
  }
}
