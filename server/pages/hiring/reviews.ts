/** What somebody has to score: candidates who have handed in, of all jobs that they review for, overdue ones first. */
import type { RequestHandler } from 'express'
import { candidatesOf, isOver, numberOf, reviewDueMs } from '../../hiring/candidates.ts'
import type { Exercise } from '../../hiring/exercises.ts'
import { levelOf } from '../../hiring/scores.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf } from '../../render/page.ts'
import { present, unlessDamaged } from '../../storage/documents.ts'
import type { Job } from '../../storage/hiring.ts'
import type { OnUnreadable } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'
import { candidatesLeftOut, leftOut, perhapsLeftOut } from '../unreadable.ts'
import { exerciseHref } from './managed.ts'
import { daysSince } from './reviewed.ts'

export function reviewsPage(deps: AppDeps): RequestHandler {
  const rowsOf = async (job: Job, exercise: Exercise, learnerId: string, onUnreadable: OnUnreadable) => {
    const candidates = (await candidatesOf(deps, exercise, onUnreadable)).filter(
      ({ seat, state }) => isOver(state) && seat.learnerId !== learnerId,
    )
    const rows = await Promise.all(
      candidates.map(async ({ seat, endedAtMs }) => {
        const seatId = { sittingId: exercise.id, participantId: seat.id }
        const scores = await unlessDamaged(deps.scoreSheets.scores(seatId), onUnreadable)
        if (!scores) return undefined
        const sheet = scores.get(learnerId)
        const sinceMs = endedAtMs === null ? 0 : deps.now() - endedAtMs
        const isSent = (sheet?.sentAtMs ?? null) !== null
        return {
          blindName: seat.candidate.blindName,
          href: `${exerciseHref(exercise)}/candidates/${numberOf(seat)}`,
          similarity: `${exerciseHref(exercise)}/similarity`,
          job: job.title,
          exercise: exercise.title,
          days: daysSince(deps.now() - sinceMs, deps.now()),
          isSent,
          isOverdue: !isSent && sinceMs > reviewDueMs,
          levels: [...(sheet?.marks.values() ?? [])].filter((mark) => levelOf(mark) !== null).length,
          dimensions: exercise.exercise.rubric.length,
        }
      }),
    )
    return present(rows)
  }
  return async (req, res) => {
    const { learnerId, account } = contextOf(res)
    const jobs = account === null ? [] : await deps.storage.hiringJobs.ofReviewer(learnerId, perhapsLeftOut(res))
    const rows = await Promise.all(
      jobs.map(async (job) => {
        const exercises = await deps.exercises.ofJob(job.id, perhapsLeftOut(res))
        const found = await Promise.all(
          exercises.map((exercise) =>
            unlessDamaged(rowsOf(job, exercise, learnerId, candidatesLeftOut(res)), leftOut(res)),
          ),
        )
        return present(found).flat()
      }),
    )
    // Those that wait longest first; of one day by their blind names, which tell nothing of who was first.
    const all = rows
      .flat()
      .sort((a, b) => Number(a.isSent) - Number(b.isSent) || b.days - a.days || (a.blindName < b.blindName ? -1 : 1))
    deps.renderer.send(req, res, {
      template: 'hiring/reviews',
      title: t('Candidates to score'),
      section: 'none',
      model: { rows: all, isReviewer: jobs.length > 0, jobs: jobs.map(({ title }) => title) },
    })
  }
}
