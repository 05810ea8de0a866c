/**
 * Proves the content: `npm run content:check`. Loads everything, runs every demo, solution, wrong answer, mutant and predict
 * variant, and prints each problem as `file:line: what is wrong`, and what is not translated or was before it changed. `--json` prints counts and problems; `--quick` runs fewer
 * variants and mutants; CONTENT_DIR names other folders; a word limits it to content whose id holds it.
 */
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { findGaps } from '../server/catalog/coverage.ts'
import { loadCatalog } from '../server/catalog/load.ts'
import { type Problem, printProblem } from '../server/catalog/source.ts'
import type { ProofResult } from '../server/labs/proofs/challenge-proofs.ts'
import type { ProofTask } from './content-check-worker.ts'

const words = process.argv.slice(2)
const isJson = words.includes('--json')
const isQuick = words.includes('--quick')
const wanted = words.filter((word) => !word.startsWith('--'))
const given = (process.env.CONTENT_DIR ?? '').split(delimiter).filter((folder) => folder !== '')
const content = given.length > 0 ? given : [fileURLToPath(new URL('../content', import.meta.url))]
const started = performance.now()

const { catalog, problems, translations } = await loadCatalog(content)
const found: Problem[] = [...problems, ...(wanted.length === 0 ? findGaps(catalog) : [])]
const notes: string[] = []
const tasks: ProofTask[] = [
  ...[...catalog.challenges.keys()].map((id): ProofTask => ({ kind: 'challenge', id })),
  ...[...catalog.lessons.keys()].map((id): ProofTask => ({ kind: 'lesson', id })),
  ...[...catalog.questions.keys()].map((id): ProofTask => ({ kind: 'question', id })),
].filter(({ id }) => wanted.length === 0 || wanted.some((word) => id.includes(word)))

const pool = new Piscina({
  filename: fileURLToPath(new URL('./content-check-worker.mjs', import.meta.url)),
  maxThreads: 2,
  execArgv: [],
})
const results = await Promise.all(
  tasks.map(
    (task) =>
      pool.run({
        task,
        content,
        options: isQuick ? { seeds: 5, mutants: 20 } : { seeds: 50, mutants: 150 },
      }) as Promise<ProofResult>,
  ),
)
await pool.destroy()
for (const result of results) {
  found.push(...result.problems.map(readProblem))
  notes.push(...result.notes)
}

const countBy = <T>(items: Iterable<T>, keyOf: (item: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1
  return counts
}
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
    { current: current.length, missing: missing.filter(isWanted), outdated: outdated.filter(isWanted) },
  ]),
)
if (isJson) console.log(JSON.stringify({ counts, problems: found, notes, translations: translated }, null, 1))
else {
  for (const note of notes) console.log(note)
  for (const [locale, { current, missing, outdated }] of Object.entries(translated)) {
    for (const path of outdated) console.log(`${locale}: content/${path} changed since it was translated`)
    console.log(`${locale}: ${current} texts translated, ${missing.length} not yet, ${outdated.length} outdated`)
  }
  for (const problem of found) console.error(printProblem(problem))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `${counts.lessons} lessons, ${counts.questions} questions, ${counts.challenges} challenges: ${found.length} problem(s), ${seconds} s`,
  )
}
process.exitCode = found.length > 0 ? 1 : 0
