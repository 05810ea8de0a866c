/** The job and the exercise that an address names, for who manages them. */
import type { Request, Response } from 'express'
import type { Course } from '../../hiring/exercise.ts'
import type { Exercise } from '../../hiring/exercises.ts'
import { mayWithJob } from '../../hiring/jobs.ts'
import { msg, t } from '../../i18n/translate.ts'
import { contextOf } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import { type SittingState, sittingAt } from '../../sittings/life.ts'
import type { Action } from '../../sittings/roles.ts'
import type { Job } from '../../storage/hiring.ts'
import type { AppDeps } from '../deps.ts'

/** @param action what is done there @throws HttpProblem 404, also for somebody else's */
export async function managedJob(
  deps: AppDeps,
  req: Request,
  res: Response,
  action: Action = 'manage-job',
): Promise<Job> {
  const job = await deps.storage.hiringJobs.find(String(req.params.id).replace(/[^a-f0-9]/g, '') || 'x')
  if (!job || !mayWithJob(job, contextOf(res), action)) throw notFound(t('This job'))
  return job
}

export interface Managed {
  job: Job
  exercise: Exercise
  course: Course
  state: SittingState
  /** The address of its page. */
  href: string
}

/** @throws HttpProblem 404 */
export async function managedExercise(deps: AppDeps, req: Request, res: Response, action?: Action): Promise<Managed> {
  const job = await managedJob(deps, req, res, action)
  const exercise = await deps.exercises.find(String(req.params.sitting).replace(/[^a-f0-9]/g, '') || 'x')
  if (exercise?.exercise.jobId !== job.id || exercise.exercise.rehearsalOf) throw notFound(t('This exercise'))
  const course = await deps.exercises.course(exercise.id)
  return { job, exercise, course, state: sittingAt(course.life, deps.now()).state, href: exerciseHref(exercise) }
}

export const jobHref = ({ id }: Pick<Job, 'id'>): string => `/hiring/jobs/${id}`
export const exerciseHref = ({ id, exercise }: Exercise): string => `/hiring/jobs/${exercise.jobId}/exercises/${id}`

export const exerciseStates: Readonly<Record<SittingState, string>> = {
  draft: msg('draft'),
  scheduled: msg('scheduled'),
  open: msg('open'),
  paused: msg('paused'),
  closing: msg('being graded'),
  closed: msg('closed'),
  archived: msg('archived'),
  erased: msg('erased'),
}

/** What was typed, in one line. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]|\s+/gu, ' ').trim()
