/** What a result can tell beyond its checks: the smallest change that would have passed one, and, when all is over, how others did it. */
import type { Challenge } from '../../catalog/types.ts'
import { msg, t } from '../../i18n/translate.ts'
import { differences, type Edit, printSteps, smallestChange } from '../../labs/tasks/counterfactual.ts'
import { LabRefusal, type Solution } from '../../labs/types.ts'
import { Kept } from '../../practice/kept.ts'
import { gradedRun } from '../../storage/evidence.ts'
import type { Attempt, Grading } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'

const ways: Record<Edit['direction'], string> = {
  create: msg('{place} is missing'),
  delete: msg('{place} should not be there'),
  add: msg('{place} is missing'),
  remove: msg('{place} has to go'),
  raise: msg('{place} has to be higher'),
  lower: msg('{place} has to be lower'),
  change: msg('{place} has to be different'),
}

/** An edit in words, as far as the level goes. */
export function tellEdit(edit: Edit, level: number): string {
  const { kind, namespace, name, steps, direction, to } = edit
  const object =
    namespace && namespace !== 'default'
      ? t('{kind} {name} in {namespace}', { kind, name, namespace })
      : `${kind} ${name}`
  if (level < 2) return object
  const field = printSteps(steps)
  const place = field === '' ? object : `${object}: ${field}`
  if (level < 3) return place
  const hasValue = direction === 'add' || direction === 'raise' || direction === 'lower' || direction === 'change'
  return level < 4 || !hasValue
    ? t(ways[direction], { place })
    : t('{place} has to be {value}', { place, value: JSON.stringify(to) })
}

export interface Aftermath {
  /** Undefined when no single change at the end of the run does it. @throws LabRefusal */
  changeFor(
    who: string,
    challenge: Challenge,
    attempt: Attempt,
    number: number,
    check: string,
  ): Promise<Edit[] | undefined>
  /** Solutions, those nearest to the run first, each with what it has otherwise. */
  solutions(who: string, challenge: Challenge, attempt: Attempt, number: number): Promise<ComparedSolution[]>
}

export interface ComparedSolution extends Solution {
  /** What the learner's objects would have to become; undefined when that was not computed. */
  differences: Edit[] | undefined
}

/** More differences than that are another way altogether. */
const mostDifferences = 12

export function createAftermath(deps: AppDeps): Aftermath {
  const changes = new Kept<Edit[] | undefined>(300)
  const compared = new Kept<ComparedSolution[]>(100)
  const gradingOf = (attempt: Attempt, number: number): Grading => attempt.gradings[number - 1]!
  // Those of today are no solutions of a former version.
  const solutionsOf = async (who: string, { id, hash, spec }: Challenge, seed: string): Promise<Solution[]> =>
    deps.catalog().challenges.get(id)?.hash === hash
      ? deps.labs.solutions(who, { content: deps.config.contentDirs, spec, seed })
      : []

  return {
    changeFor: (who, challenge, attempt, number, check) =>
      changes.get(`${attempt.id}/${number}/${check}/${challenge.hash}`, async () => {
        const { seed, log } = gradedRun(attempt, gradingOf(attempt, number))
        const solutions = await solutionsOf(who, challenge, seed)
        return smallestChange(deps.labs, who, {
          spec: challenge.spec,
          contentHash: challenge.hash,
          seed,
          log,
          check,
          solutions: solutions.map(({ log }) => log),
        })
      }),

    solutions: (who, challenge, attempt, number) =>
      compared.get(`${attempt.id}/${number}/${challenge.hash}`, async () => {
        const { spec } = challenge
        const { seed, log, proof } = gradedRun(attempt, gradingOf(attempt, number))
        const solutions = await solutionsOf(who, challenge, seed)
        // With other commands than were graded there is nothing to compare.
        if (proof === 'differs') return solutions.map((solution) => ({ ...solution, differences: undefined }))
        const outcome = (log: Attempt['log']) => deps.labs.outcome(who, { spec, seed, log })
        try {
          const own = await outcome(log)
          const told: (Solution & { differences: Edit[] })[] = []
          // One after the other: a person has a few places in the queue.
          for (const solution of solutions)
            told.push({
              ...solution,
              differences: differences(own, await outcome(solution.log)),
            })
          return told
            .sort((a, b) => a.differences.length - b.differences.length)
            .map((solution) =>
              solution.differences.length > mostDifferences ? { ...solution, differences: undefined } : solution,
            )
        } catch (error) {
          if (!(error instanceof LabRefusal)) throw error
          return solutions.map((solution) => ({ ...solution, differences: undefined }))
        }
      }),
  }
}
