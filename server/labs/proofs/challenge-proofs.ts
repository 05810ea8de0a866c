/** The authoring gates of a challenge, each proven by running it. */
import {
  budgeted,
  type ChallengeSpec,
  causeNames,
  fillText,
  type GradeResult,
  gradeChallenge,
  type LoggedCommand,
  openChallenge,
  prepareChallenge,
  replayGraded,
  variantCount,
} from '../../../sim/index.ts'
import { solutionBlocks } from '../../catalog/debrief.ts'
import type { Challenge } from '../../catalog/types.ts'
import { type ChallengeRun, challengeFolder, challengeRuns } from '../tasks/runs.ts'
import { challengeLimits, mostStepsOfChallenge } from '../tasks/work.ts'
import { logOfDebrief } from './debriefs.ts'
import { compareFreedoms, freedomsOf } from './freedoms.ts'
import { type Mutant, mutantsOf } from './mutants.ts'
import { contentsOf, type OverMutant, overMutantsOf } from './over-mutants.ts'
import { spellingsOf } from './spellings.ts'
import { coveringSeeds, nameOfVariant, proofSeeds } from './variants.ts'

export interface ProofResult {
  /** `content/challenges/ID/…: what is wrong`. Empty when everything is proven. */
  problems: string[]
  /** Worth knowing, and not wrong. */
  notes: string[]
  /** What somebody may do besides a solution: how much was tried, left the grade whole and may, and left it whole and must not. */
  overMutants?: OverMutantCounts
  /** Of a question to predict: how many variants were run, and in which part of all draws the commonest key is right. */
  predict?: { id: string; variants: number; commonest: number }
}

export interface OverMutantCounts {
  tried: number
  allowed: number
  survived: number
}

export interface ProofOptions {
  /** Variants that solutions are run on. */
  seeds: number
  /** The first solution is run on those of so many variants at most that have between them every value of the parameters. */
  covering?: number
  /** Mutants that are run at most, spread evenly over all there are. */
  mutants: number
  /** The same of what somebody does besides a solution; all of it unless told. */
  overMutants?: number
  /** Whether that is besides every solution; else besides the first. */
  isWide?: boolean
  /** Other spellings of solutions that are run at most, of each kind; two unless told. */
  spellings?: number
  /** Solutions, and wrong answers, that are run at most, others with each turn; all of them unless told. */
  answers?: { most: number; turn: number }
}

export async function proveChallenge(
  content: string | readonly string[],
  challenge: Challenge,
  options: ProofOptions,
): Promise<ProofResult> {
  const place = `content/challenges/${challenge.id}`
  const problems: string[] = []
  const notes: string[] = []
  let overMutants: OverMutantCounts = { tried: 0, allowed: 0, survived: 0 }
  const { spec } = challenge
  try {
    const solutions = await challengeRuns(content, challenge.id, 'solutions')
    const wrong = await challengeRuns(content, challenge.id, 'wrong')
    if (solutions.length < 2)
      problems.push(
        `${place}/solutions: at least 2 solutions of different shape are needed, there are ${solutions.length}`,
      )
    if (wrong.length < 3)
      problems.push(`${place}/wrong: at least 3 wrong answers are needed, there are ${wrong.length}`)
    problems.push(
      ...checkPoints(spec, place),
      ...checkHints(challenge, solutions, place),
      ...checkCauses(challenge, place),
      ...checkParams(challenge, solutions, place),
    )
    const grade = (run: ChallengeRun, seed: string, mutant?: Mutant): GradeResult =>
      gradeWithinLimits(challenge, run.logFor(spec, seed, mutant?.files), seed)

    const seeds = proofSeeds(options.seeds)
    problems.push(...checkIdle(challenge, seeds.slice(0, 5), place))
    for (const [n, solution] of inTurn(solutions, options.answers).entries()) {
      const first = grade(solution, seeds[0]!)
      for (const seed of seeds) {
        const result = seed === seeds[0] ? first : grade(solution, seed)
        if (isWhole(result)) continue
        problems.push(shortOf(solution, result))
        break
      }
      // One variant is a quick look: there it is done for one of them.
      if (n > 0 && seeds.length === 1) continue
      const again = grade(solution, seeds[0]!)
      if (first.stateHash !== again.stateHash || first.score !== again.score)
        problems.push(`${solution.path}: two runs of the same log differ`)
    }
    for (const seed of coveringSeeds(spec, options.covering ?? 0).filter((seed) => !seeds.includes(seed))) {
      const result = grade(solutions[0]!, seed)
      if (!isWhole(result)) problems.push(shortOf(solutions[0]!, result))
    }
    problems.push(...(await checkDebrief(challenge, seeds.slice(0, 5), place)))
    const failed = new Set<string>()
    const answers = inTurn(wrong, options.answers)
    for (const answer of answers) {
      for (const seed of seeds.slice(0, 5)) {
        const result = grade(answer, seed)
        if (seed === seeds[0]) for (const test of result.tests) if (test.status === 'fail') failed.add(test.id)
        const lost = lostIds(result, spec)
        const named = [...(answer.loses ?? [])].sort()
        if (result.gradable && JSON.stringify(lost) === JSON.stringify(named)) continue
        problems.push(
          `${answer.path}: loses ${lost.join(', ') || 'nothing'} on seed ${seed}, expect.yaml names ${named.join(', ') || 'nothing'}: ${lossesOf(result)}`,
        )
        break
      }
    }
    const known = answers.length < wrong.length ? undefined : failed
    const survived = checkMutants(spec, solutions, known, grade, seeds[0]!, options.mutants, place, problems)
    notes.push(...survived)
    problems.push(...checkSpellings(challenge, solutions, seeds[0]!, options.spellings))
    if (options.overMutants !== 0)
      overMutants = checkOverMutants(
        challenge,
        options.isWide ? solutions : solutions.slice(0, 1),
        seeds[0]!,
        challengeFolder(content, challenge.id),
        place,
        problems,
        options,
      )
  } catch (error) {
    problems.push(`${place}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return { problems, notes, overMutants }
}

/**
 * Grades as the server's own processes do, with what they allow: content that takes more is not gradable there, and is told here.
 * @throws Error when the whole of it takes more steps than one grade may
 */
function gradeWithinLimits({ id, spec, hash }: Challenge, log: LoggedCommand[], seed: string): GradeResult {
  return budgeted(
    mostStepsOfChallenge,
    () => gradeChallenge(spec, { log }, seed, hash, challengeLimits),
    ({ steps }) => {
      throw new Error(`a grade of ${id} on seed ${seed} takes more than ${steps} steps of computing`)
    },
  )
}

/** A solution in another spelling gets what it gets in its own. */
function checkSpellings(
  challenge: Challenge,
  solutions: readonly ChallengeRun[],
  seed: string,
  mostOfKind = 2,
): string[] {
  if (mostOfKind === 0) return []
  const { spec } = challenge
  const tried = new Map<string, number>()
  const isWanted = (kind: string): boolean => (tried.get(kind) ?? 0) < mostOfKind
  return solutions.flatMap((solution) =>
    spellingsOf(spec, solution.logFor(spec, seed), seed, isWanted).flatMap(({ kind, log }) => {
      tried.set(kind, (tried.get(kind) ?? 0) + 1)
      const result = gradeWithinLimits(challenge, log, seed)
      if (isWhole(result)) return []
      const refused = result.commands.filter(({ exit }) => exit !== 0).map(({ stderr }) => stderr.trim())
      return [
        `${solution.path}: spelled otherwise (${kind}) it scores ${result.score} of ${result.maxScore}: ${[lossesOf(result), ...refused].join(' | ')}`,
      ]
    }),
  )
}

/** How long after the last command of a solution somebody does something more. */
const laterMs = 60_000

/** What nobody asked for costs something, or `freedoms.yaml` says why it may be done. */
function checkOverMutants(
  challenge: Challenge,
  solutions: readonly ChallengeRun[],
  seed: string,
  folder: string,
  place: string,
  problems: string[],
  { overMutants: most = Number.POSITIVE_INFINITY, isWide = false }: Pick<ProofOptions, 'overMutants' | 'isWide'>,
): OverMutantCounts {
  const { params } = prepareChallenge(challenge.spec, seed)
  const all = besideEach(challenge, solutions, seed)
  const chosen = evenly(all, most)
  let tried = 0
  const survivors: (OverMutant & { solution: ChallengeRun })[] = []
  for (const { solution, log, atMs, mutant } of chosen) {
    const { line, stdin } = mutant
    const command = { op: 'kubectl', line, ...(stdin === undefined ? {} : { stdin }) } as const
    const result = gradeWithinLimits(challenge, [...log, { atMs, command }], seed)
    const done = result.commands.at(-1)
    // Refused, or as it was: then nothing was done.
    if (!result.gradable || done?.exit !== 0 || done.stdout.includes('(no change)')) continue
    tried++
    if (result.passed) survivors.push({ ...mutant, solution })
  }
  const { forbidden, unused } = compareFreedoms(survivors, freedomsOf(folder), params)
  problems.push(
    ...forbidden.map(
      ({ change, of, line, stdin, solution }) =>
        `${place}/challenge.yaml: ${change} of ${of} leaves the grade whole: let a check notice it, or say in freedoms.yaml why it may be done (${solution.path}, then ${line}${stdin === undefined ? '' : ` of ${stdin}`})`,
    ),
    // What was not tried says nothing of what nobody took.
    ...(isWide && chosen.length === all.length ? unused : []).map(
      ({ change, of }) =>
        `${place}/freedoms.yaml: ${change} of ${of} does not leave the grade of ${challenge.id} whole: take it out`,
    ),
  )
  return { tried, allowed: survivors.length - forbidden.length, survived: forbidden.length }
}

/** What may be done besides each solution, with its log; what two of them leave the same is tried once. */
function besideEach({ spec }: Challenge, solutions: readonly ChallengeRun[], seed: string) {
  const opened = openChallenge(spec, seed).cluster
  const before = contentsOf(opened)
  const tried = new Set<string>()
  return solutions.flatMap((solution) => {
    const log = solution.logFor(spec, seed)
    const atMs = Math.min((log.at(-1)?.atMs ?? 0) + laterMs, spec.workspace.maxVirtualSeconds * 1000)
    const { cluster } = replayGraded(spec, { log }, seed)
    const found = overMutantsOf(cluster, opened.namespace, before).filter(({ about }) => !tried.has(about))
    for (const { about } of found) tried.add(about)
    return found.map((mutant) => ({ solution, log, atMs, mutant }))
  })
}

/** So many of them at most, spread over all there are. */
const evenly = <T>(all: readonly T[], most: number): readonly T[] =>
  all.length <= most ? all : Array.from({ length: most }, (_, n) => all[Math.floor((n * all.length) / most)]!)

/** A part of them, spread over all there are: others with each turn. */
const inTurn = <T>(all: readonly T[], { most, turn } = { most: all.length, turn: 0 }): readonly T[] =>
  evenly([...all.slice(turn % all.length), ...all.slice(0, turn % all.length)], most)

/** The checks and criteria that a run did not get; skipped ones count as lost. */
function lostIds(result: GradeResult, spec: ChallengeSpec): string[] {
  const withCriteria = new Set(spec.checks.filter((check) => check.criteria).map((check) => check.id))
  return [...result.tests, ...result.gates]
    .flatMap((test) => {
      if (test.status === 'pass') return []
      if (!withCriteria.has(test.id) || test.criteria.length === 0) return [test.id]
      return test.criteria.filter((criterion) => criterion.status !== 'pass').map((criterion) => criterion.id)
    })
    .sort()
}

const isWhole = ({ gradable, passed, score, maxScore }: GradeResult): boolean =>
  gradable && passed && score === maxScore

const shortOf = ({ path }: ChallengeRun, result: GradeResult): string =>
  `${path}: scores ${result.score} of ${result.maxScore} on ${nameOfVariant(result.seed, result.params)}: ${lossesOf(result)}`

const lossesOf = (result: GradeResult): string =>
  result.problem ??
  [...result.tests, ...result.gates]
    .filter((test) => test.status !== 'pass')
    .map((test) => `${test.id}: ${test.message}`)
    .join(' | ')

function checkPoints(spec: ChallengeSpec, place: string): string[] {
  const sum = spec.checks.filter((check) => !check.gate).reduce((total, check) => total + check.points, 0)
  return [
    ...(sum === 100 ? [] : [`${place}/challenge.yaml: the points of the checks add up to ${sum}, not 100`]),
    ...spec.checks.flatMap((check) => {
      const parts = check.criteria?.reduce((total, criterion) => total + criterion.points, 0)
      return parts === undefined || parts === check.points
        ? []
        : [`${place}/challenge.yaml: the criteria of ${check.id} add up to ${parts}, not ${check.points}`]
    }),
  ]
}

function checkIdle(challenge: Challenge, seeds: readonly string[], place: string): string[] {
  for (const seed of seeds) {
    const idle = gradeWithinLimits(challenge, [], seed)
    if (!idle.gradable) return [`${place}: doing nothing can't be graded on seed ${seed}: ${idle.problem}`]
    const earned = idle.tests.filter((test) => test.points > 0)
    if (earned.length > 0)
      return [
        `${place}: doing nothing scores ${idle.score} on seed ${seed}: ${earned.map((test) => test.id).join(', ')}`,
      ]
    const violated = idle.gates.filter((gate) => gate.status !== 'pass')
    if (violated.length > 0)
      return [
        `${place}: doing nothing violates ${violated.map((gate) => `${gate.id} (${gate.message})`).join(', ')} on seed ${seed}`,
      ]
  }
  return []
}

/** The solution of the debrief scores everything, where it shows one. */
async function checkDebrief(challenge: Challenge, seeds: readonly string[], place: string): Promise<string[]> {
  if (solutionBlocks(challenge.debrief).length === 0) return []
  for (const seed of seeds) {
    const result = gradeWithinLimits(challenge, await logOfDebrief(challenge, seed), seed)
    if (isWhole(result)) continue
    return [
      `${place}/challenge.md: what the debrief shows scores ${result.score} of ${result.maxScore} on seed ${seed}: ${lossesOf(result)}`,
    ]
  }
  return []
}

/** No hint gives a solution away: a run of words that is also in a solution's file. */
function checkHints(challenge: Challenge, solutions: readonly ChallengeRun[], place: string): string[] {
  const longest = 8
  const words = (text: string): string[] => text.toLowerCase().match(/[a-z0-9.:/_-]+/g) ?? []
  const problems: string[] = []
  for (const hint of challenge.spec.hints) {
    const own = words(hint.text)
    for (const solution of solutions) {
      const theirs = ` ${words(solution.files.map((file) => file.text).join('\n')).join(' ')} `
      for (let i = 0; i + longest <= own.length; i++) {
        if (!theirs.includes(` ${own.slice(i, i + longest).join(' ')} `)) continue
        problems.push(
          `${place}/challenge.yaml: hint ${hint.id} shares “${own.slice(i, i + longest).join(' ')}” with ${solution.path}`,
        )
        break
      }
    }
  }
  return problems
}

/** What is bound to a cause is bound to one that the diagnosis knows. */
const checkCauses = ({ spec, texts }: Challenge, place: string): string[] =>
  [...spec.hints, ...texts.mistakes].flatMap(({ cause }) =>
    cause === undefined || (causeNames as readonly string[]).includes(cause)
      ? []
      : [`${place}/challenge.yaml: no diagnosis finds the cause ${cause}; there are ${causeNames.join(', ')}`],
  )

/** Variants spread, and every parameter is used. */
function checkParams(challenge: Challenge, solutions: readonly ChallengeRun[], place: string): string[] {
  const { spec } = challenge
  const problems: string[] = []
  const count = variantCount(spec.params)
  const seen = new Set(
    Array.from({ length: 40 }, (_, i) => JSON.stringify(prepareChallenge(spec, `spread-${i}`).params)),
  )
  if (seen.size < Math.min(count, 40) / 3)
    problems.push(`${place}/challenge.yaml: 40 seeds give only ${seen.size} of ${count} variants`)
  const texts = [
    JSON.stringify({ ...spec, params: {} }),
    challenge.statement,
    ...solutions.flatMap((run) => run.files.map((file) => file.text)),
  ].join('\n')
  for (const name of Object.keys(spec.params)) {
    if (!new RegExp(`\\{\\{\\s*${name}\\s*\\}\\}`).test(texts))
      problems.push(`${place}/challenge.yaml: parameter ${name} is used nowhere`)
  }
  return problems
}

/** Of so many, or all where there are fewer, a check has to be failed. */
const thoroughMutants = 100

/**
 * Every check must be failed by some mutant or wrong answer; the mutants that nothing notices are told.
 * @param failed the checks that wrong answers fail; undefined where not all of them were run
 */
function checkMutants(
  spec: ChallengeSpec,
  solutions: readonly ChallengeRun[],
  failed: ReadonlySet<string> | undefined,
  grade: (run: ChallengeRun, seed: string, mutant?: Mutant) => GradeResult,
  seed: string,
  limit: number,
  place: string,
  problems: string[],
): string[] {
  const unkilled = new Set(spec.checks.filter(({ id, gate }) => !gate && !failed?.has(id)).map(({ id }) => id))
  const { params } = prepareChallenge(spec, seed)
  const all = solutions.flatMap((solution) => {
    const filled = solution.files.map(({ name, text }) => ({ name, text: fillText(text, params) }))
    return mutantsOf(filled).map((mutant) => ({ solution, mutant }))
  })
  const chosen = evenly(all, limit)
  const survivors: string[] = []
  for (const { solution, mutant } of chosen) {
    const result = grade(solution, seed, mutant)
    for (const test of result.tests) if (test.status === 'fail') unkilled.delete(test.id)
    if (result.passed) survivors.push(`${solution.path}: ${mutant.about}`)
  }
  const never = [...(failed ? unkilled : [])].map(
    (id) => `${place}/challenge.yaml: no mutant and no wrong answer fails check ${id}: it may be one that can't fail`,
  )
  // A few mutants do not come by every check.
  const isThorough = chosen.length >= Math.min(thoroughMutants, all.length)
  if (isThorough) problems.push(...never)
  return [
    ...(isThorough ? [] : never),
    `${place}: ${chosen.length} of ${all.length} mutants run, ${survivors.length} leave the score whole`,
    ...survivors.map((survivor) => `  free: ${survivor}`),
  ]
}
