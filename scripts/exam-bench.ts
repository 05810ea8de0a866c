/**
 * A hiring exercise that is closed: `npm run bench -- exam [--candidates 200] [--tasks 10] [--graded 0.8] [--regrades 1000]`. Each candidate has
 * worked on each task as a model solution does; of the tasks that share has a grade already, as left by who pressed on. A JSON line: what was graded
 * after the close, in how many seconds all of it was, and what was left without a grade. Then so much of it is graded again, as when a check was
 * fixed, and a second line tells how long that took.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { loadCatalogOrThrow } from '../server/catalog/load.ts'
import { parseConfig } from '../server/config.ts'
import { newJob } from '../server/hiring/jobs.ts'
import { regrade } from '../server/hiring/regrading.ts'
import type { KnownAct } from '../server/journal/acts/registry.ts'
import { openExercise } from '../server/practice/opening-exercise.ts'
import { createSite } from '../server/site.ts'
import { gradingOf } from '../server/storage/evidence.ts'
import { createLowdbStore } from '../server/storage/lowdb.ts'
import type { Attempt } from '../server/storage/types.ts'
import type { GradeResult, LoggedCommand } from '../sim/index.ts'

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    candidates: { type: 'string', default: '200' },
    tasks: { type: 'string', default: '10' },
    graded: { type: 'string', default: '0.8' },
    regrades: { type: 'string', default: '1000' },
  },
})
const [candidates, tasks, graded] = [Number(values.candidates), Number(values.tasks), Number(values.graded)]
/** Of each task: as many runs are made, and shared by the candidates. */
const variants = 3
const content = fileURLToPath(new URL('../content', import.meta.url))
const started = Date.now()

const folder = await mkdtemp(join(tmpdir(), 'podium-exam-'))
const catalog = await loadCatalogOrThrow(content)
const site = await createSite({
  config: parseConfig({ DATA_DIR: folder, CONTENT_DIR: content, LOG_LEVEL: 'silent' }),
  secret: 'a secret of at least thirty-two characters',
  store: await createLowdbStore({ folder }),
  catalog: () => catalog,
  logger: pino({ level: 'warn' }, pino.destination(2)),
})
const { deps } = site

interface Run {
  seed: string
  log: LoggedCommand[]
  clockMs: number
  result: GradeResult
}

/** Those of the pool whose solution is simple to play: kubectl lines and files alone. */
const chosen: { id: string; hash: string; runs: Run[] }[] = []
for (const { id, hash, spec } of catalog.challenges.values()) {
  if (chosen.length === tasks) break
  const runs: Run[] = []
  for (let n = 0; n < variants; n++) {
    const seed = `bench/${id}/${n}`
    const [solution] = await deps.labs.solutions('bench', { content: [content], spec, seed })
    if (!solution) break
    const { log } = solution
    const result = await deps.labs.grade('bench', { spec, contentHash: hash, seed, log })
    if (!result.passed) break
    runs.push({ seed, log, clockMs: log.at(-1)?.atMs ?? 0, result })
  }
  if (runs.length === variants) chosen.push({ id, hash, runs })
}

const job = newJob('mara', { title: 'On call', contact: 'Mara' }, started)
await deps.storage.hiringJobs.save(job)
const exercise = await deps.exercises.create(job.id, 'mara', {
  title: 'On call',
  minutes: 90,
  plan: {
    sections: [{ id: 'all', title: 'All', items: chosen.map(({ id }) => `challenge:${id}`) }],
    ...{ aiPolicy: 'none', passBar: null, rubric: [], showsChecks: false },
  },
})
await openExercise(deps, exercise, 'mara')

let due = 0
for (let n = 0; n < candidates; n++) {
  const seat = { sittingId: exercise.id, participantId: `seat${n}` }
  await deps.storage.participants.save({
    ...{ id: seat.participantId, sittingId: exercise.id, learnerId: `learner${n}`, nickname: '', joinedAtMs: started },
    ...{ startedAtMs: null, finishedAtMs: null, seed: `seed${n}`, timeMultiplier: 1, consent: null },
    candidate: {
      ...{ blindName: `Candidate ${n}`, tokenSha256: `token${n}`, opensAtMs: null, untilMs: started + 9e9 },
      ...{ language: 'en' as const, revokedAtMs: null },
    },
  })
  const acts: KnownAct[] = []
  const add = (name: string, data: object, more: object = {}): void =>
    void acts.push({ id: `${n}-${acts.length}`, act: name, atMs: started, data, ...more } as KnownAct)
  add('consented', { purposes: ['grading'] })
  add('started', {})
  for (const [at, { id, hash, runs }] of chosen.entries()) {
    const { seed, log, clockMs, result } = runs[n % variants]!
    const attempt = `attempt-${n}-${at}`
    const of = { item: `challenge:${id}`, contentHash: hash, engineVersion: result.engineVersion }
    add('opened', { attempt, seed, drafts: {}, earlierDrafts: [], hintsOpened: [] }, of)
    for (const logged of log) add('ran', { attempt, logged, exit: 0 }, { ...of, virtualMs: logged.atMs })
    add('ran', { attempt }, { ...of, virtualMs: clockMs })
    if ((n * 7 + at * 3) % 10 < graded * 10) {
      const work = { seed, contentHash: hash, log, hintsOpened: [] }
      const { atMs: _, ...grading } = gradingOf({ log } as Attempt, work, result, started)
      add('graded', { attempt, ...grading }, of)
    } else due++
  }
  await deps.journals.add(seat, acts)
}

const closedMs = performance.now()
await deps.exercises.act(exercise.id, 'mara', () => [{ act: 'closed', data: {} }])
while ((await deps.exercises.course(exercise.id)).life.state !== 'closed')
  await new Promise((done) => setTimeout(done, 200))
const drainSeconds = Math.round((performance.now() - closedMs) / 100) / 10

let ungraded = 0
for (let n = 0; n < candidates; n++) {
  const { attempts } = await deps.journals.work({ sittingId: exercise.id, participantId: `seat${n}` })
  ungraded += attempts.filter(({ gradings }) => !gradings.some(({ result }) => result.gradable)).length
}
const { heapUsed, rss } = process.memoryUsage()
console.log(
  JSON.stringify({
    ...{ case: 'exam', gradings: due, drainSeconds, ungraded, candidates, tasks: chosen.length, graded },
    gradingsPerSecond: Math.round((due / drainSeconds) * 10) / 10,
    ...{ rssMb: Math.round(rss / 2 ** 20), heapMb: Math.round(heapUsed / 2 ** 20) },
  }),
)

const [begunMs, wanted] = [performance.now(), Number(values.regrades)]
let [regraded, otherwise] = [0, 0]
for (let n = 0; regraded < wanted; n++) {
  const challenge = catalog.challenges.get(chosen[n % chosen.length]!.id)!
  const { moves, results } = await regrade(deps, exercise, { ...challenge, hash: `${challenge.hash}-${n}` })
  regraded += results.size
  otherwise += moves.filter(({ goes }) => goes !== 'nowhere').length
}
const seconds = Math.round((performance.now() - begunMs) / 100) / 10
if (wanted > 0)
  console.log(
    JSON.stringify({
      case: 'regrade',
      regrades: regraded,
      seconds,
      perSecond: Math.round((regraded / seconds) * 10) / 10,
      otherwise,
    }),
  )
await site.close()
await rm(folder, { recursive: true })
