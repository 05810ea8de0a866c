/** Cluster golf: a challenge that one has passed, with as few commands and changed lines as one can. */
import type { LoggedCommand } from '../../sim/index.ts'
import type { Challenge } from '../catalog/types.ts'
import { LabRefusal, type Solution } from '../labs/types.ts'
import { fillText } from '../questions/params.ts'
import { gradedRun } from '../storage/evidence.ts'
import type { GolfCard } from '../storage/golf.ts'
import type { Attempt, Grading } from '../storage/types.ts'
import { hasCard } from './attempts.ts'
import type { PracticeDeps } from './deps.ts'
import { solutionsHint } from './hints.ts'
import { Kept } from './kept.ts'
import { isStroke, strokesOf } from './strokes.ts'

export interface Score {
  strokes: number
  /** Lines that were applied and do not stand in the files of the task; a command is one. */
  lines: number
}

/** Somebody's best run of a hole. */
export interface Round extends Score {
  attempt: Attempt
  /** From 1. */
  number: number
  /** It is what a model solution does, which was shown before. */
  isSeen: boolean
}

export interface Hole {
  challenge: Challenge
  /** Undefined where it cannot be computed now. */
  par: Score | undefined
  own: Round
}

/** @param first the files of the task, as they were at the start */
export function scoreOf(log: readonly LoggedCommand[], first: readonly string[]): Score {
  const known = new Set(first.flatMap(linesOf))
  const lines = log.filter(isStroke).map(({ command }) => {
    if (command.op === 'apply') return linesOf(command.manifest).filter((line) => !known.has(line)).length
    const input = command.op === 'kubectl' ? (command as { stdin?: string }).stdin : undefined
    return 1 + linesOf(input ?? '').length
  })
  return { strokes: strokesOf(log), lines: lines.reduce((sum, one) => sum + one, 0) }
}

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')

const isBetter = (a: Score, b: Score): boolean =>
  a.strokes < b.strokes || (a.strokes === b.strokes && a.lines < b.lines)

export const scoreOfGrading = (challenge: Challenge, attempt: Attempt, grading: Grading): Score =>
  scoreOf(
    gradedRun(attempt, grading).log,
    Object.values(challenge.spec.workspace.files).map((text) => fillText(text, grading.result.params)),
  )

/** The best of somebody's runs that passed; undefined without any. @param solutions of each run's variant */
function bestRound(
  challenge: Challenge,
  attempts: readonly Attempt[],
  solutions: (seed: string) => readonly Pick<Solution, 'log'>[],
): Round | undefined {
  const own = attempts.filter(({ challengeId }) => challengeId === challenge.id)
  const shownAtMs = shownSince(own)
  let best: Round | undefined
  for (const attempt of own)
    for (const [n, grading] of attempt.gradings.entries()) {
      if (!hasCard(attempt, grading)) continue
      const { seed, log } = gradedRun(attempt, grading)
      const isShown = grading.atMs > shownAtMs || grading.hintsOpened.includes(solutionsHint)
      const isSeen = isShown && solutions(seed).some((one) => doneBy(one.log) === doneBy(log))
      const round = { ...scoreOfGrading(challenge, attempt, grading), attempt, number: n + 1, isSeen }
      // One's own idea goes before what was copied.
      if (!best || (best.isSeen && !isSeen) || (best.isSeen === isSeen && isBetter(round, best))) best = round
    }
  return best
}

/** Since the first pass, or since somebody gave up, the solutions have been there to be read. */
function shownSince(attempts: readonly Attempt[]): number {
  const moments = attempts.flatMap(({ gradings, hintsOpened, updatedAtMs }) => [
    ...gradings.filter(({ result }) => result.passed).map(({ atMs }) => atMs),
    ...(hintsOpened.includes(solutionsHint) ? [Math.min(updatedAtMs, ...gradings.map(({ atMs }) => atMs))] : []),
  ])
  return moments.length > 0 ? Math.min(...moments) : Number.POSITIVE_INFINITY
}

/** What was done, whenever it was and however it was spaced. */
const doneBy = (log: readonly LoggedCommand[]): string =>
  JSON.stringify(
    log
      .filter(isStroke)
      .map(({ command }) =>
        Object.entries(command).map(([name, value]) => [
          name,
          typeof value === 'string' ? value.trim().replace(/\s+/g, ' ') : value,
        ]),
      ),
  )

export interface GolfCourse {
  /** The holes that somebody has passed, in the order of their difficulty. */
  holes(who: string, attempts: readonly Attempt[]): Promise<Hole[]>
  /** The best that anybody shows of a challenge. */
  bestShown(challengeId: string, isShared: (card: GolfCard) => Promise<boolean>): Promise<GolfCard | undefined>
}

export function createGolfCourse(deps: PracticeDeps & { config: { contentDirs: string[] } }): GolfCourse {
  const kept = new Kept<Solution[]>(500)
  const solutionsOf = async (who: string, { spec, hash }: Challenge, seed: string): Promise<Solution[] | undefined> => {
    try {
      return await kept.get(`${hash}/${seed}`, () =>
        deps.labs.solutions(who, { content: deps.config.contentDirs, spec, seed }),
      )
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      return undefined
    }
  }
  return {
    async holes(who, attempts) {
      const passed = new Map<string, Set<string>>()
      for (const attempt of attempts)
        for (const grading of attempt.gradings)
          if (hasCard(attempt, grading)) {
            const seeds = passed.get(attempt.challengeId) ?? new Set()
            passed.set(attempt.challengeId, seeds.add(gradedRun(attempt, grading).seed))
          }
      const holes: Hole[] = []
      // One after the other: a person has a few places in the queue.
      for (const [id, seeds] of passed) {
        const challenge = deps.catalog().challenges.get(id)
        if (!challenge) continue
        const known = new Map<string, Solution[]>()
        for (const seed of seeds) known.set(seed, (await solutionsOf(who, challenge, seed)) ?? [])
        const own = bestRound(challenge, attempts, (seed) => known.get(seed) ?? [])
        if (own) holes.push({ challenge, own, par: parOf(challenge, own, known) })
      }
      return holes.sort((a, b) => {
        const [one, other] = [a.challenge.spec, b.challenge.spec]
        return one.difficulty - other.difficulty || (one.id < other.id ? -1 : 1)
      })
    },
    async bestShown(challengeId, isShared) {
      for (const card of await deps.storage.golf.cardsOf(challengeId)) {
        if (await isShared(card)) return card
        await deps.storage.golf.hide(challengeId, card)
      }
      return undefined
    },
  }
}

/** Of the variant of one's best run: the model solution that takes least. */
function parOf(
  challenge: Challenge,
  { attempt, number }: Round,
  solutions: ReadonlyMap<string, readonly Solution[]>,
): Score | undefined {
  const grading = attempt.gradings[number - 1]!
  const first = Object.values(challenge.spec.workspace.files).map((text) => fillText(text, grading.result.params))
  const scores = (solutions.get(gradedRun(attempt, grading).seed) ?? []).map(({ log }) => scoreOf(log, first))
  return scores.reduce<Score | undefined>((best, one) => (best && !isBetter(one, best) ? best : one), undefined)
}
