/** What a fault does to a model solution of a challenge: what breaks, and whether it recovers by itself. */
import type { Fault, LoggedCommand } from '../../../sim/index.ts'
import type { Challenge } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import { LabRefusal, type Recovery } from '../../labs/types.ts'
import { printClock } from '../clock.ts'
import { summaryOf } from '../cluster-summary.ts'
import type { AppDeps } from '../deps.ts'

export interface ChaosPreview {
  problem: string
  solution: string
  /** In a sentence each. */
  told: string[]
  /** The cluster in words, before, a minute after, and at the end. */
  moments: { at: string; summary: string }[]
}

/** Time for the solution to take effect, and for the cluster to deal with the fault: a lost node's Pods go after five minutes. */
const settleMs = 60_000
const watchedMs = 600_000

/** @param atMs null for after the solution has taken effect */
export async function previewFault(
  deps: AppDeps,
  who: string,
  challenge: Challenge,
  seed: string,
  fault: Fault,
  atMs: number | null,
): Promise<ChaosPreview> {
  const { spec } = challenge
  try {
    const [solution] = await deps.labs.solutions(who, { content: deps.config.contentDirs, spec, seed })
    if (!solution) return { problem: t('This challenge has no model solution to try it on.'), ...nothing }
    const dueMs = atMs ?? (solution.log.at(-1)?.atMs ?? 0) + settleMs
    const endMs = Math.max(dueMs, solution.log.at(-1)?.atMs ?? 0) + watchedMs
    const given: LoggedCommand = { atMs: 0, command: { op: 'fault', fault, given: { id: 'preview', dueMs } } }
    const log = [given, ...solution.log]
    const [recovery] = await deps.labs.recoveries(who, { spec, seed, log, clockMs: endMs })
    const moments: ChaosPreview['moments'] = []
    for (const ms of [Math.max(0, dueMs - 1), dueMs + settleMs, endMs]) {
      const action = { do: 'look' as const, ...(ms < endMs ? { atMs: ms } : {}) }
      const { view } = await deps.labs.work(who, {
        spec,
        contentHash: challenge.hash,
        seed,
        log,
        clockMs: endMs,
        action,
      })
      moments.push({ at: printClock(ms), summary: summaryOf(view) })
    }
    return { problem: '', solution: solution.name, told: recovery ? tellPreview(recovery) : [], moments }
  } catch (error) {
    if (!(error instanceof LabRefusal)) throw error
    return { problem: error.message, ...nothing }
  }
}

const nothing = { solution: '', told: [], moments: [] }

function tellPreview({ dueMs, hurtMs, backMs, broken }: Recovery): string[] {
  const minutes = watchedMs / 60_000
  if (hurtMs === undefined) return [t('It withstands this: nothing breaks within {n} minutes.', { n: minutes })]
  return [
    t('It takes effect after {time}.', { time: printClock(hurtMs - dueMs) }),
    ...(broken.length > 0 ? [t('It breaks: {checks}.', { checks: broken.join('; ') })] : []),
    backMs === undefined
      ? t('It does not recover by itself within {n} minutes.', { n: minutes })
      : t('It recovers by itself after {time}.', { time: printClock(backMs - dueMs) }),
  ]
}
