/**
 * An exercise as one file, for whoever manages it: its plan, and of each candidate what was handed in, how it was graded and scored, with the receipt
 * that proves it, and what the audit log says of it. Names stand in it of those whose scores are in. Written one candidate after the other.
 */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'
import { type CandidateStanding, candidatesOf, isOver, recordOf } from '../../hiring/candidates.ts'
import type { Course } from '../../hiring/exercise.ts'
import type { Exercise } from '../../hiring/exercises.ts'
import { mayWithJob } from '../../hiring/jobs.ts'
import { receiptKey, receiptOf } from '../../hiring/receipts.ts'
import { factsOfScores, isSent, levelOf, type Scores, type Sheet, sheetsFor } from '../../hiring/scores.ts'
import { resultsOf, shareOf, sumOf } from '../../practice/exercise-results.ts'
import { gradedTasks } from '../../practice/receipt-of-work.ts'
import { contextOf } from '../../render/page.ts'
import type { Fact } from '../../sittings/roles.ts'
import { allowedMs } from '../../sittings/watch.ts'
import type { CandidateIdentity, Job } from '../../storage/hiring.ts'
import type { AppDeps } from '../deps.ts'
import { seatIdOf } from './candidate.ts'
import { mayReadNames, readNames } from './identities.ts'

interface Place {
  job: Job
  exercise: Exercise
  course: Course
}

/** Sends it as an attachment. It is entered in the audit log first, and so is the reading of names. */
export async function sendExercise(deps: AppDeps, res: Response, place: Place): Promise<void> {
  const who = contextOf(res)
  const { job, exercise, course } = place
  const wanted = job.reviewers.map(({ learnerId }) => learnerId)
  const candidates = await candidatesOf(deps, exercise)
  const scored = await Promise.all(
    candidates.map(async (one) => {
      const scores = await deps.scoreSheets.scores(seatIdOf(one.seat))
      const facts: Fact[] = ['on-record', ...factsOfScores(scores, '', wanted)]
      const sheets = sheetsFor(scores, '', wanted.length > 0 && mayWithJob(job, who, 'see-scores', facts))
      return { ...one, scores, sheets }
    }),
  )
  const isIn = ({ state, scores }: (typeof scored)[number]): boolean =>
    isOver(state) && areScoresIn(job, course, scores)
  await deps.audit.enter(who.learnerId, 'exercise-exported', { exercise: exercise.id, candidates: candidates.length })
  const names = scored.some(isIn) && mayReadNames(job, who) ? await readNames(deps, exercise.id, who.learnerId) : []
  res.attachment(`podium-exercise-${exercise.id.slice(0, 8)}.json`).type('application/json')
  const pieces = async function* () {
    yield `${JSON.stringify(await headOf(deps, place)).slice(0, -1)},"candidates":[`
    for (const [n, one] of scored.entries()) {
      const person = isIn(one) ? names.find(({ id }) => id === one.seat.id) : undefined
      yield `${n > 0 ? ',' : ''}\n${JSON.stringify(await candidateOf(deps, place, one, person))}`
    }
    yield ']}\n'
  }
  try {
    await pipeline(Readable.from(pieces()), res)
  } catch (error) {
    // Whoever went away in the middle has a file that cannot be read.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}

/** All who are to score have; where nobody is to, the exercise is closed. */
const areScoresIn = ({ reviewers }: Job, { life }: Course, scores: Scores): boolean =>
  reviewers.length > 0
    ? reviewers.every(({ learnerId }) => isSent(scores, learnerId))
    : life.state === 'closed' || life.state === 'archived'

async function headOf({ audit, now }: AppDeps, { job, exercise, course }: Place) {
  const { id, title, clock, exercise: plan, contentVersions, rules } = exercise
  const isOfExercise = (what: Record<string, unknown>): boolean => what.exercise === id || what.sitting === id
  return {
    podiumExercise: 1,
    exportedAtMs: now(),
    job: { id: job.id, title: job.title, retentionDays: job.retentionDays },
    exercise: {
      ...{ id, title, minutes: (clock.durationMs ?? 0) / 60_000, state: course.life.state, contentVersions, rules },
      ...{ sections: plan.sections, rubric: plan.rubric, passBar: plan.passBar, aiPolicy: plan.aiPolicy },
      erased: course.erased.size,
      regradings: [...course.regradings.values()],
    },
    reviewers: job.reviewers.map(({ learnerId, name }) => ({ id: learnerId, name })),
    /** What the audit log names candidates by is told with each of them. */
    audit: (await audit.entries()).filter(({ what }) => isOfExercise(what)),
  }
}

async function candidateOf(
  deps: AppDeps,
  { exercise }: Place,
  { seat, state, life, work, sheets }: CandidateStanding & { sheets: readonly Sheet[] },
  who: CandidateIdentity | undefined,
) {
  const about = { code: seat.candidate.blindName, record: recordOf(seat), state }
  if (!isOver(state)) return about
  const results = resultsOf(exercise, work)
  const tasks = await gradedTasks(deps, deps.secret, exercise, work)
  const options = {
    about: { candidate: seat.candidate.blindName, exercise: exercise.id },
    ...{ hasContent: false, hasPoints: true },
  }
  return {
    ...about,
    ...(who ? { name: who.name, mail: who.mail } : {}),
    time: life.watch && life.allowance ? { usedMs: life.watch.usedMs, allowedMs: allowedMs(life.allowance) } : null,
    percent: sumOf(results).percent ?? null,
    items: results.map((one) => ({
      ...{ item: one.item, state: one.state, share: shareOf(one) ?? null, checks: one.checks },
    })),
    notes: work.studyBook.notes.find(({ item }) => item === 'exercise:notepad')?.text ?? '',
    // Nobody's before all are in.
    scores: sheets.map(({ reviewer, marks, sentAtMs }) => ({
      ...{ reviewer, sentAtMs },
      marks: Object.fromEntries([...marks].map(([id, mark]) => [id, { level: levelOf(mark), says: mark.says }])),
    })),
    receipt: tasks.length > 0 ? (JSON.parse(receiptOf(tasks, options, receiptKey(deps.secret))) as object) : null,
  }
}
