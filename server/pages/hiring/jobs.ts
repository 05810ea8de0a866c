/** Jobs as those see them who hire: the list, a new one, and the page of one with its exercises. */
import type { Request, RequestHandler, Response } from 'express'
import { candidatesOf, type Funnel, funnelOf } from '../../hiring/candidates.ts'
import { erasedAt } from '../../hiring/erasure.ts'
import type { Exercise } from '../../hiring/exercises.ts'
import { newJob } from '../../hiring/jobs.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { may } from '../../sittings/roles.ts'
import { present, unlessDamaged } from '../../storage/documents.ts'
import type { Job } from '../../storage/hiring.ts'
import type { AppDeps } from '../deps.ts'
import { field, query } from '../form.ts'
import { printDate } from '../time.ts'
import { candidatesLeftOut, leftOut, perhapsLeftOut } from '../unreadable.ts'
import { exerciseHref, exerciseStates, jobHref, managedJob, oneLine } from './managed.ts'
import { viewReadyMade } from './ready-made.ts'

type Page = 'index' | 'form' | 'create' | 'show' | 'save'

const longestTitle = 120
const longestContact = 200
const maxRetentionDays = 3650

interface JobForm {
  title: string
  contact: string
  retentionDays: string
}

export function hiringJobPages(deps: AppDeps): Record<Page, RequestHandler> {
  const sendForm = (req: Request, res: Response, form: JobForm, problems: Partial<JobForm> = {}): void =>
    deps.renderer.send(req, res, {
      template: 'hiring/job-new',
      title: t('New job'),
      section: 'none',
      status: Object.keys(problems).length > 0 ? 422 : 200,
      model: { form, problems },
    })
  const sendJob = async (
    req: Request,
    res: Response,
    job: Job,
    form = formOf(job),
    problems: Partial<JobForm> = {},
  ) => {
    const exercises = await deps.exercises.ofJob(job.id, perhapsLeftOut(res))
    deps.renderer.send(req, res, {
      template: 'hiring/job',
      title: job.title,
      section: 'none',
      status: Object.keys(problems).length > 0 ? 422 : 200,
      model: {
        job: { ...job, href: jobHref(job), isArchived: job.archivedAtMs !== null },
        exercises: present(
          await Promise.all(exercises.map((one) => unlessDamaged(viewExercise(deps, res, job, one), leftOut(res)))),
        ),
        readyMade: viewReadyMade(deps.catalog()),
        form,
        problems,
        isSaved: query(req, 'saved') === 'yes',
      },
    })
  }

  return {
    index: async (req, res) => {
      const { learnerId, roles } = contextOf(res)
      const mayHire = roles.some((role) => may(role, 'create-job'))
      const jobs = mayHire ? await deps.storage.hiringJobs.ofOwner(learnerId, perhapsLeftOut(res)) : []
      const rows = await Promise.all(
        jobs.map(async (job) => {
          const exercises = await deps.exercises.ofJob(job.id, perhapsLeftOut(res))
          const funnels = present(
            await Promise.all(exercises.map((one) => unlessDamaged(funnelFor(deps, res, one), leftOut(res)))),
          )
          return {
            ...{ title: job.title, href: jobHref(job), createdAtMs: job.createdAtMs, exercises: exercises.length },
            ...{ isArchived: job.archivedAtMs !== null, funnel: funnels.reduce(sumOf, noFunnel) },
          }
        }),
      )
      rows.sort((a, b) => Number(a.isArchived) - Number(b.isArchived) || b.createdAtMs - a.createdAtMs)
      deps.renderer.send(req, res, {
        template: 'hiring/index',
        title: t('Hiring'),
        section: 'none',
        model: { jobs: rows, mayHire },
      })
    },

    form: (req, res) => sendForm(req, res, { title: '', contact: '', retentionDays: '180' }),

    create: async (req, res) => {
      const form = readForm(req)
      const problems = problemsOf(form)
      if (Object.keys(problems).length > 0) return sendForm(req, res, form, problems)
      const job = { ...newJob(contextOf(res).learnerId, form, deps.now()), retentionDays: Number(form.retentionDays) }
      await deps.storage.hiringJobs.save(job)
      redirectTo(req, res, jobHref(job))
    },

    show: async (req, res) => sendJob(req, res, await managedJob(deps, req, res)),

    save: async (req, res) => {
      const job = await managedJob(deps, req, res)
      const pressed = field(req, 'do')
      if (pressed === 'archive' || pressed === 'restore') {
        if (pressed === 'archive' && (await hasOpen(deps, job)))
          throw new HttpProblem(409, t('An exercise of this job is open. Close it first, then archive the job.'))
        const archivedAtMs = pressed === 'archive' ? deps.now() : null
        await deps.storage.hiringJobs.update(job.id, (one) => ({ ...one, archivedAtMs }))
        return redirectTo(req, res, pressed === 'archive' ? '/hiring' : jobHref(job))
      }
      const form = readForm(req)
      const problems = problemsOf(form)
      if (Object.keys(problems).length > 0) return sendJob(req, res, job, form, problems)
      const { title, contact, retentionDays } = form
      await deps.storage.hiringJobs.update(job.id, (one) => ({
        ...{ ...one, title, contact },
        retentionDays: Number(retentionDays),
      }))
      redirectTo(req, res, `${jobHref(job)}?saved=yes`)
    },
  }
}

const formOf = ({ title, contact, retentionDays }: Job): JobForm => ({
  ...{ title, contact },
  retentionDays: String(retentionDays),
})

const readForm = (req: Request): JobForm => ({
  title: oneLine(field(req, 'title')).slice(0, longestTitle),
  contact: oneLine(field(req, 'contact')).slice(0, longestContact),
  retentionDays: field(req, 'retention').trim(),
})

function problemsOf({ title, contact, retentionDays }: JobForm): Partial<JobForm> {
  const days = Number(retentionDays)
  return {
    ...(title === '' ? { title: t('Say what the job is called. Candidates see it.') } : {}),
    ...(contact === '' ? { contact: t('Say whom candidates can ask: a name and an address.') } : {}),
    ...(Number.isInteger(days) && days >= 1 && days <= maxRetentionDays
      ? {}
      : { retentionDays: t('A whole number of days, from 1 to {n}.', { n: maxRetentionDays }) }),
  }
}

async function hasOpen(deps: AppDeps, job: Job): Promise<boolean> {
  const exercises = await deps.exercises.ofJob(job.id)
  const states = await Promise.all(
    exercises.map(async ({ id }) => sittingAt((await deps.exercises.course(id)).life, deps.now()).state),
  )
  return states.some((state) => state === 'open' || state === 'paused' || state === 'closing')
}

const noFunnel: Funnel = { invited: 0, started: 0, handedIn: 0, scored: 0, expired: 0, erased: 0, overdue: 0 }

const sumOf = (a: Funnel, b: Funnel): Funnel => ({
  invited: a.invited + b.invited,
  started: a.started + b.started,
  handedIn: a.handedIn + b.handedIn,
  scored: a.scored + b.scored,
  expired: a.expired + b.expired,
  erased: a.erased + b.erased,
  overdue: a.overdue + b.overdue,
})

/** How many candidates of an exercise have come how far. */
async function funnelFor(deps: AppDeps, res: Response, exercise: Exercise): Promise<Funnel> {
  const course = await deps.exercises.course(exercise.id)
  return funnelOf(await candidatesOf(deps, exercise, candidatesLeftOut(res)), course, deps.now())
}

async function viewExercise(deps: AppDeps, res: Response, job: Job, exercise: Exercise) {
  const { life } = await deps.exercises.course(exercise.id)
  const { state, closingAtMs } = sittingAt(life, deps.now())
  return {
    title: exercise.title || t('Untitled exercise'),
    id: exercise.id,
    href: state === 'draft' ? `${exerciseHref(exercise)}/edit` : exerciseHref(exercise),
    state,
    stateTitle: t(exerciseStates[state]),
    minutes: Math.round((exercise.clock.durationMs ?? 0) / 60_000),
    items: exercise.items.length,
    funnel: await funnelFor(deps, res, exercise),
    /** The day on which what candidates did is deleted. */
    keptUntil:
      closingAtMs === null || state === 'erased' ? undefined : printDate(erasedAt(closingAtMs, job.retentionDays)),
  }
}
