/** The candidate that an address names, for those who judge them: the one place that decides who may look. Nothing here reads who it is. */
import type { Request, Response } from 'express'
import { type CandidateStanding, isCandidate, isOver, numberOf, recordOf, standingOf } from '../../hiring/candidates.ts'
import type { Course } from '../../hiring/exercise.ts'
import type { Exercise } from '../../hiring/exercises.ts'
import { isReviewer } from '../../hiring/reviewers.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { type Action, type Fact, may, type Role } from '../../sittings/roles.ts'
import type { DocumentUnreadable } from '../../storage/documents.ts'
import type { Job } from '../../storage/hiring.ts'
import type { AppDeps } from '../deps.ts'
import { refuseUnreadable } from '../unreadable.ts'
import { exerciseHref } from './managed.ts'

export interface Reviewed {
  job: Job
  exercise: Exercise
  course: Course
  standing: CandidateStanding
  /** `Candidate 7F` */
  blindName: string
  /** `/hiring/jobs/…/candidates/7f` */
  href: string
  /** As what somebody looks: a reviewer of the job, or who leads it. */
  as: 'reviewer' | 'lead'
  /** Who looks. */
  learnerId: string
  /** Whether they may do that, when those things are so beside. */
  may(action: Action, facts: readonly Fact[]): boolean
  /** Where they came from. */
  back: { href: string; text: string }
}

export interface ReviewedExercise {
  job: Job
  exercise: Exercise
  as: 'reviewer' | 'lead'
  learnerId: string
  isOwn: boolean
  /** Whether they may do that with candidates of whom those things are so. */
  may(action: Action, facts: readonly Fact[]): boolean
  back: { href: string; text: string }
}

/** The exercise that an address names. @throws HttpProblem 404 for who has no part in the job */
export async function reviewedExercise(deps: AppDeps, req: Request, res: Response): Promise<ReviewedExercise> {
  const { learnerId, roles } = contextOf(res)
  const job = await deps.storage.hiringJobs.find(idOf(req.params.id))
  const isOwn = job?.ownerLearnerId === learnerId
  const as: Reviewed['as'] = job && !isOwn && isReviewer(job, learnerId) ? 'reviewer' : 'lead'
  const exercise = await deps.exercises.find(idOf(req.params.sitting))
  if (!job || exercise?.exercise.jobId !== job.id || exercise.exercise.rehearsalOf) throw notFound(t('This candidate'))
  // Whatever else somebody is on this site: here they are one of those who judge.
  const asRoles: readonly Role[] = as === 'reviewer' ? [as] : roles.filter((role) => leading.includes(role))
  const known: Fact[] = [...(isOwn ? (['own'] as const) : []), 'on-record']
  const mayDo = (action: Action, facts: readonly Fact[]) =>
    asRoles.some((role) => may(role, action, 'open', [...known, ...facts]))
  if (!mayDo('see-report', ['submitted'])) throw notFound(t('This candidate'))
  const back =
    as === 'reviewer'
      ? { href: '/hiring/reviews', text: t('Candidates to score') }
      : { href: exerciseHref(exercise), text: exercise.title }
  return { job, exercise, as, learnerId, isOwn, may: mayDo, back }
}

/** @throws HttpProblem 404 for who has no part in the job, 409 before the candidate has handed in, 500 when what they did cannot be read */
export async function reviewedCandidate(deps: AppDeps, req: Request, res: Response): Promise<Reviewed> {
  const reviewed = await reviewedExercise(deps, req, res)
  const { exercise, as, learnerId, isOwn } = reviewed
  const damaged: DocumentUnreadable[] = []
  const people = await deps.storage.participants.listOf(exercise.id, (error) => damaged.push(error))
  const seat = people.filter(isCandidate).find((one) => numberOf(one) === String(req.params.n))
  // One of those may be the one who is looked for.
  if (!seat && damaged[0]) throw damaged[0]
  // Nobody judges themselves.
  if (!seat || seat.learnerId === learnerId) throw notFound(t('This candidate'))
  const course = await deps.exercises.course(exercise.id)
  const work = await deps.journals.work({ sittingId: exercise.id, participantId: seat.id })
  const standing = standingOf(exercise, seat, course, work, deps.now())
  refuseUnreadable(standing)
  if (!reviewed.may('see-report', isOver(standing.state) ? ['submitted'] : []))
    throw new HttpProblem(409, t('This candidate has not handed in yet. You can look at their work afterwards.'))
  if (!isOwn && as === 'lead')
    await deps.audit.enter(learnerId, 'seen-as-admin', { exercise: exercise.id, candidate: recordOf(seat) })
  return {
    ...{ job: reviewed.job, exercise, course, standing, as, learnerId, back: reviewed.back, may: reviewed.may },
    blindName: seat.candidate.blindName,
    href: `${exerciseHref(exercise)}/candidates/${numberOf(seat)}`,
  }
}

/** Of those who lead a job. */
const leading: readonly Role[] = ['hiring-manager', 'admin']

const idOf = (value: unknown): string => String(value).replace(/[^a-f0-9]/g, '') || 'x'

/** Whole days: a time of the day would tell of somebody's time zone. */
export const daysSince = (atMs: number, nowMs: number): number =>
  Math.max(0, Math.floor((nowMs - atMs) / (24 * 3_600_000)))
