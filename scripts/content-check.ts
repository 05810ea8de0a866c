/**
 * Proves the content: `npm run content:check`. Loads everything, runs every demo, solution, wrong answer, mutant and predict
 * variant, and prints each problem as `file:line: what is wrong`, and what is not translated or was before it changed. `--json` prints counts and problems; `--quick` runs fewer
 * variants and mutants, and of what is known fewest and a few solutions and wrong answers; CONTENT_DIR names other folders; a word limits it to content whose id holds it. `--cached [TURN]` leaves out what
 * scripts/content-proofs.json says was proven of the same content by the same engine, but for one in 24 that TURN chooses, as far as they take
 * no more than a minute or two; `--keep` writes into that file what was proven now. `--runs` is for a new engine: of each challenge the solutions and
 * wrong answers, on one variant, the first solution on others with every value of the parameters, and no mutants. `--over` is the other half of it: of each challenge all that somebody might do besides a
 * solution, and the solutions in other spellings. `--spell` tries all solutions of challenges in every other spelling, and of the rest one answer of each kind.
 */
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Piscina } from 'piscina'
import { bankStatistics, countBy, guessable } from '../server/catalog/bank.ts'
import { beatStatistics, findLongStretches } from '../server/catalog/beats.ts'
import { findGaps } from '../server/catalog/coverage.ts'
import { findDeadLinks } from '../server/catalog/links.ts'
import { loadCatalog } from '../server/catalog/load.ts'
import { type Problem, printProblem } from '../server/catalog/source.ts'
import { readTree } from '../server/catalog/tree.ts'
import { findWording } from '../server/catalog/wording.ts'
import type { ProofResult } from '../server/labs/proofs/challenge-proofs.ts'
import { commonestAtMost } from '../server/labs/proofs/lesson-proofs.ts'
import { engineVersion, featureGates, graderVersion } from '../sim/index.ts'
import {
  contentHashOf,
  isDue,
  isKnown,
  nameOf,
  numberOf,
  readKnownProofs,
  withProven,
  writeKnownProofs,
} from './content-check/known-proofs.ts'
import type { ProofTask } from './content-check/worker.ts'

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    runs: { type: 'boolean', default: false },
    over: { type: 'boolean', default: false },
    spell: { type: 'boolean', default: false },
    cached: { type: 'string' },
  },
})
const { json: isJson, runs: isOfRuns, over: isOver, spell: isOfSpellings } = options
const isQuick = options.quick || isOfRuns || isOver || isOfSpellings
if ((isOver || isOfSpellings) && (options.keep || isOfRuns || (isOver && isOfSpellings))) {
  console.error(
    'content:check: --over and --spell prove a part of what --keep notes, and none of --runs: give each alone',
  )
  process.exit(2)
}
const given = (process.env.CONTENT_DIR ?? '').split(delimiter).filter((folder) => folder !== '')
const content = given.length > 0 ? given : [fileURLToPath(new URL('../content', import.meta.url))]
const started = performance.now()

const { catalog, problems, translations } = await loadCatalog(content)
const { files } = readTree(content, { withAnswers: true })
const found: Problem[] = [
  ...problems,
  ...findWording(files, featureGates),
  ...findDeadLinks(files, catalog),
  ...(wanted.length === 0 ? findGaps(catalog) : []),
  ...findLongStretches(catalog),
]
const notes: string[] = []
const all: ProofTask[] = [
  ...[...catalog.challenges.keys()].map((id): ProofTask => ({ kind: 'challenge', id })),
  ...[...catalog.lessons.keys()].map((id): ProofTask => ({ kind: 'lesson', id })),
  ...[...catalog.questions.keys()].map((id): ProofTask => ({ kind: 'question', id })),
]
const unmatched = wanted.filter((word) => !all.some(({ id }) => id.includes(word)))
if (unmatched.length > 0) {
  console.error(
    `content:check: no challenge, lesson or question has ${unmatched.join(' or ')} in its id (scheduling/…, the-noisy-neighbour)`,
  )
  process.exit(2)
}
const tasks = all
  .filter(({ id }) => wanted.length === 0 || wanted.some((word) => id.includes(word)))
  .filter(({ kind }) => !(isOver || isOfSpellings) || kind === 'challenge')

/** Either of them may let another thing hold. */
const engine = `${engineVersion}/${graderVersion}`
const proofsFile = fileURLToPath(new URL('./content-proofs.json', import.meta.url))
const known = readKnownProofs(proofsFile)
const hashes = new Map(tasks.map((task) => [task, contentHashOf(task, catalog, content)]))
/** What is known is proven again as long as this leaves time for it; what is not known is always proven. */
const againMs = 40_000
const isNew = (task: ProofTask): boolean =>
  options.cached === undefined || !isKnown(task, hashes.get(task)!, engine, known)
const wantedNow = tasks
  .filter((task) => isNew(task) || isDue(task, hashes.get(task)!, engine, known, options.cached!))
  .sort((a, b) => Number(isNew(b)) - Number(isNew(a)))
/** How many variants of the hidden things, and mutants, are tried of each. Among many seeds are those that cover every value of the parameters. */
const [many, few, fewest, ofRuns, over, ofSpellings] = [
  { seeds: 50, mutants: 150, isWide: true },
  { seeds: 5, mutants: 20, spellings: 1 },
  { seeds: 1, mutants: 3, overMutants: 2, spellings: 0, answers: { most: 5, turn: numberOf(options.cached ?? '') } },
  { seeds: 1, covering: 6, mutants: 0, overMutants: 0, spellings: 0 },
  { seeds: 1, mutants: 0, isWide: true, spellings: 1, answers: { most: 1, turn: 0 } },
  { seeds: 1, mutants: 0, overMutants: 0, spellings: Number.POSITIVE_INFINITY, answers: { most: 1, turn: 0 } },
]
const ofChallenge = isOver ? over : isOfSpellings ? ofSpellings : isOfRuns && ofRuns
const due: ProofTask[] = []
const threads = 2
const pool = new Piscina({
  filename: fileURLToPath(new URL('./content-check/worker.mjs', import.meta.url)),
  maxThreads: threads,
  execArgv: [],
})
const results: ProofResult[] = []
const proveNext = async (): Promise<void> => {
  const task = wantedNow.shift()
  if (!task) return
  if (!isNew(task) && performance.now() - started > againMs) return void wantedNow.unshift(task)
  due.push(task)
  const settings = (task.kind === 'challenge' && ofChallenge) || (isQuick ? (isNew(task) ? few : fewest) : many)
  const result: ProofResult = await pool.run({ task, content, options: settings })
  results.push(result)
  if (process.stderr.isTTY)
    process.stderr.write(`\r${results.length} tried${wantedNow.length > 0 ? `, ${wantedNow.length} left` : '\n'}`)
  // At once: what was proven stays so, should the rest be stopped.
  if (options.keep && result.problems.length === 0) keep(task)
  return proveNext()
}
await Promise.all(Array.from({ length: threads }, proveNext))
await pool.destroy()
const predict: { questions: number; variants: number; commonestAbove: Record<string, number> } = {
  questions: 0,
  variants: 0,
  commonestAbove: {},
}
const overMutants = { tried: 0, allowed: 0, survived: 0 }
for (const result of results) {
  const { tried = 0, allowed = 0, survived = 0 } = result.overMutants ?? {}
  overMutants.tried += tried
  overMutants.allowed += allowed
  overMutants.survived += survived
  if (result.predict) {
    const { id, variants, commonest } = result.predict
    predict.questions++
    predict.variants += variants
    if (commonest > commonestAtMost) predict.commonestAbove[id] = Math.round(commonest * 100) / 100
  }
  found.push(...result.problems.map(readProblem))
  notes.push(...result.notes)
}

/** Beside what others have kept meanwhile, and without what is not there any more. */
function keep(task: ProofTask): void {
  const there = Object.fromEntries(
    Object.entries(readKnownProofs(proofsFile)).filter(([name]) => all.some((one) => nameOf(one) === name)),
  )
  const proof = {
    content: hashes.get(task)!,
    engine,
    by: isQuick ? ('some' as const) : ('all' as const),
  }
  writeKnownProofs(proofsFile, withProven(there, { [nameOf(task)]: proof }))
}

/** Challenges; how many were run now, and how many were known. */
const proofsOf = (kind: ProofTask['kind']) => {
  const [all, now] = [tasks, due].map((list) => list.filter((task) => task.kind === kind).length) as [number, number]
  return { proven: now, cached: all - now }
}
const proofs = { ...proofsOf('challenge'), lessons: proofsOf('lesson'), questions: proofsOf('question') }

/** Proofs tell `file:line: message`, or a file alone. */
function readProblem(text: string): Problem {
  const [, file, line, message] = /^(content\/[^:\s]+):(?:(\d+):)? ([\s\S]*)$/.exec(text) ?? []
  return file === undefined
    ? { file: 'content', line: 1, message: text }
    : { file, line: Number(line ?? 1), message: message! }
}

const counts = {
  lessons: catalog.lessons.size,
  questions: catalog.questions.size,
  challenges: catalog.challenges.size,
  tracks: catalog.tracks.size,
  workshops: catalog.workshops.size,
  exercises: catalog.exercises.size,
  questionsByType: countBy(catalog.questions.values(), (question) => question.type),
  lessonsBySection: countBy(catalog.lessons.values(), (lesson) => lesson.section),
  questionsBySection: countBy(catalog.questions.values(), (question) => question.section),
  questionsByDifficulty: countBy(catalog.questions.values(), (question) => String(question.difficulty)),
  challengesByStyle: countBy(catalog.challenges.values(), ({ spec }) => spec.style),
  byTopic: countBy(
    [
      ...[...catalog.lessons.values(), ...catalog.questions.values()].flatMap((item) => item.topics),
      ...[...catalog.challenges.values()].flatMap(({ spec }) => spec.topics),
    ],
    (topic) => topic,
  ),
}
const isWanted = (path: string) => wanted.length === 0 || wanted.some((word) => path.includes(word))
const translated = Object.fromEntries(
  translations.map(({ locale, current, missing, outdated }) => [
    locale,
    { current: current.length, missing: missing.filter(isWanted), outdated },
  ]),
)
const bank = { ...bankStatistics(catalog), beats: beatStatistics(catalog) }
if (wanted.length === 0)
  for (const message of guessable(bank)) found.push({ file: 'content/questions', line: 1, message })
if (isJson)
  console.log(
    JSON.stringify(
      { counts, proofs, problems: found, notes, translations: translated, bank: { ...bank, predict }, overMutants },
      null,
      1,
    ),
  )
else {
  for (const note of notes) console.log(note)
  for (const [locale, { current, missing, outdated }] of Object.entries(translated)) {
    for (const path of outdated) console.log(`${locale}: content/${path} changed since it was translated`)
    console.log(`${locale}: ${current} texts translated, ${missing.length} not yet, ${outdated.length} outdated`)
  }
  const { count, longestIsRight } = bank.single
  if (count > 0 && wanted.length === 0)
    console.log(
      `bank: of ${count} single choices the longest option is right in ${longestIsRight.found} (${longestIsRight.byChance} by chance)`,
    )
  const { stretches, over200, longest } = bank.beats
  if (longest[0] && wanted.length === 0)
    console.log(
      `beats: of ${stretches} stretches of lessons between two things to do ${over200} are above 200 words, the longest ${longest[0].words}`,
    )
  const above = Object.entries(predict.commonestAbove).map(([id, share]) => `${id} ${share}`)
  if (predict.questions > 0)
    console.log(
      `predict: ${predict.variants} variants of ${predict.questions} questions; the commonest key is above ${commonestAtMost} in ${above.length}${above.length > 0 ? `: ${above.join(', ')}` : ''}`,
    )
  console.log(
    `over-mutants: ${overMutants.tried} tried, ${overMutants.allowed} are left free, ${overMutants.survived} survived`,
  )
  for (const problem of found) console.error(printProblem(problem))
  const told = ({ proven, cached }: { proven: number; cached: number }, what: string): string =>
    `${proven} of ${proven + cached} ${what}${cached > 0 ? ` (${cached} were before, as they are, by this engine)` : ''}`
  console.log(
    `proven: ${[told(proofs, 'challenges'), told(proofs.lessons, 'lessons'), told(proofs.questions, 'questions')].join('; ')}`,
  )
  if (wantedNow.length > 0) console.log(`not proven again, since time was up: ${wantedNow.map(nameOf).join(', ')}`)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `${counts.lessons} lessons, ${counts.questions} questions, ${counts.challenges} challenges: ${found.length} problem(s), ${seconds} s`,
  )
}
process.exitCode = found.length > 0 ? 1 : 0
