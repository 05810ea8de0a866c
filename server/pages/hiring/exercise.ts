/** An exercise as those see it who manage it: its plan, its candidates, and when it is open. */
import type { Request, RequestHandler, Response } from 'express'
import { candidatesOf, numberOf } from '../../hiring/candidates.ts'
import { eraseCandidate } from '../../hiring/erasure.ts'
import type { ExerciseDraft } from '../../hiring/exercises.ts'
import { groupQuestions, usualGroupQuestions } from '../../hiring/group-questions.ts'
import { removeExercise } from '../../hiring/jobs.ts'
import { minutesOf, poolItem, searchPool } from '../../hiring/pool.ts'
import { currentLocale } from '../../i18n/locale.ts'
import { t } from '../../i18n/translate.ts'
import { isFixed, openExercise, rehearseExercise } from '../../practice/opening-exercise.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { groupQuestionIds } from '../../sittings/exercise-schema.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { refuseUnreadable } from '../unreadable.ts'
import { candidateTable, rowsKey } from './candidate-rows.ts'
import { sendExercise } from './exercise-file.ts'
import { type ExerciseForm, readExerciseForm, whyNotReady } from './exercise-form.ts'
import { exerciseHref, exerciseStates, jobHref, type Managed, managedExercise, managedJob } from './managed.ts'
import { draftOfReadyMade } from './ready-made.ts'

type Page = 'create' | 'form' | 'save' | 'show' | 'act' | 'rehearse' | 'time' | 'erase' | 'remove' | 'file'

/** What a button of the page does, and from which states. */
const acts = {
  open: { from: ['draft'], act: 'opened' },
  pause: { from: ['open'], act: 'paused' },
  resume: { from: ['paused'], act: 'resumed' },
  close: { from: ['open', 'paused'], act: 'closed' },
} as const

const blank: ExerciseDraft = {
  title: '',
  minutes: 60,
  plan: {
    ...{ sections: [], aiPolicy: 'declared', passBar: null, rubric: [], showsChecks: false },
    asksGroups: usualGroupQuestions,
  },
}

export function exercisePages(deps: AppDeps): Record<Page, RequestHandler> {
  const sendForm = (
    req: Request,
    res: Response,
    { job, exercise, state, href }: Managed,
    form: ExerciseForm,
    problem?: string,
  ): void => {
    const catalog = deps.catalog()
    const words = field(req, 'q').slice(0, 80)
    const { sections } = form.plan
    const asked = new Set(sections.flatMap(({ items }) => items))
    deps.renderer.send(req, res, {
      template: 'hiring/edit',
      partial: 'hiring/edit-form',
      title: form.title || t('New exercise'),
      section: 'none',
      status: problem ? 422 : 200,
      model: {
        job: { title: job.title, href: jobHref(job) },
        ...{ id: exercise.id, href, state, stateTitle: t(exerciseStates[state]), isDraft: state === 'draft' },
        ...{ title: form.title, minutes: form.minutes, plan: form.plan, problem, words },
        estimate: minutesOf(catalog, [...asked]),
        sections: sections.map(({ id, title, items }) => ({
          ...{ id, title, minutes: minutesOf(catalog, items) },
          items: items.map((item) => ({ item, shown: poolItem(catalog, item) })),
        })),
        found: searchPool(catalog, words).map((one) => ({ ...one, isAsked: asked.has(one.item) })),
        whyNot: whyNotReady(form, catalog),
        groupQuestions: groupQuestionIds.map((id) => ({
          id,
          asks: t(groupQuestions[id].asks),
          isAsked: form.plan.asksGroups?.includes(id) === true,
        })),
      },
    })
  }
  const sendShow = async (req: Request, res: Response, managed: Managed, problem?: string): Promise<void> => {
    const { job, exercise, state, href } = managed
    const table = await candidateTable(deps, managed, res)
    deps.renderer.send(req, res, {
      template: 'hiring/exercise',
      title: exercise.title,
      section: 'none',
      status: problem ? 422 : 200,
      model: {
        job: { title: job.title, href: jobHref(job) },
        ...{
          href,
          title: exercise.title || t('Untitled exercise'),
          state,
          stateTitle: t(exerciseStates[state]),
          problem,
        },
        minutes: Math.round((exercise.clock.durationMs ?? 0) / 60_000),
        items: exercise.items.length,
        table,
        live: `${href}/live?rows=${rowsKey(table.candidates)}`,
        whyNot: whyNotReady(formOf(managed), deps.catalog()),
      },
    })
  }

  return {
    create: async (req, res) => {
      const job = await managedJob(deps, req, res)
      if (job.archivedAtMs !== null) throw new HttpProblem(409, t('This job is archived. Take it back first.'))
      const [from, copied] = [field(req, 'from'), field(req, 'copy')]
      const draft = copied ? await copyOf(deps, job.id, copied) : from ? draftOfReadyMade(deps.catalog(), from) : blank
      const exercise = await deps.exercises.create(job.id, job.ownerLearnerId, structuredClone(draft))
      redirectTo(req, res, `${exerciseHref(exercise)}/edit`)
    },

    form: async (req, res) => {
      const managed = await managedExercise(deps, req, res)
      sendForm(req, res, managed, formOf(managed))
    },

    save: async (req, res) => {
      const managed = await managedExercise(deps, req, res)
      if (managed.state !== 'draft') throw opened()
      let read: ReturnType<typeof readExerciseForm> | undefined
      await deps.exercises.update(managed.exercise.id, (exercise) => {
        if (isFixed(exercise)) throw opened()
        read = readExerciseForm(req, deps.catalog(), formOf({ exercise }))
        const { title, minutes, plan } = read.form
        return { ...exercise, title, clock: { ...exercise.clock, durationMs: minutes * 60_000 }, exercise: plan }
      })
      const { form, problem } = read!
      if (isHtmx(req) || problem || field(req, 'do') === 'find') return sendForm(req, res, managed, form, problem)
      res.redirect(303, `${managed.href}/edit#sections`)
    },

    show: async (req, res) => sendShow(req, res, await managedExercise(deps, req, res)),

    act: async (req, res) => {
      const managed = await managedExercise(deps, req, res)
      const { exercise, href } = managed
      const pressed = field(req, 'do')
      if (!Object.hasOwn(acts, pressed))
        throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
      const { from, act } = acts[pressed as keyof typeof acts]
      const { learnerId } = contextOf(res)
      if (pressed === 'open') {
        const problem = whyNotReady(formOf(managed), deps.catalog())
        if (problem) return sendShow(req, res, managed, problem)
        await openExercise(deps, exercise, learnerId)
      } else {
        const course = await deps.exercises.act(exercise.id, learnerId, ({ life }) =>
          (from as readonly string[]).includes(life.state) ? [{ act, data: {} }] : [],
        )
        // Nobody is in it any more: what it asks can be practised on again.
        if (course.life.state === 'closing') await deps.storage.itemLocks.remove(exercise.id)
      }
      redirectTo(req, res, href)
    },

    rehearse: async (req, res) => {
      const managed = await managedExercise(deps, req, res)
      const problem = whyNotReady(formOf(managed), deps.catalog())
      if (problem) throw new HttpProblem(422, problem)
      const { learnerId } = contextOf(res)
      const who = {
        learnerId,
        name: t('Rehearsal'),
        language: currentLocale() === 'zh' ? ('zh' as const) : ('en' as const),
      }
      redirectTo(req, res, `/c/${await rehearseExercise(deps, managed.exercise, who)}`)
    },

    time: async (req, res) => {
      const managed = await managedExercise(deps, req, res, 'give-time')
      const { exercise, href } = managed
      const candidates = await candidatesOf(deps, exercise, () => undefined)
      const found = candidates.find(({ seat }) => numberOf(seat) === String(req.params.n))
      if (!found) throw notFound(t('This candidate'))
      refuseUnreadable(found)
      const { account, learnerId } = contextOf(res)
      const by = account ?? t('the hiring manager')
      const seat = { sittingId: exercise.id, participantId: found.seat.id }
      const [minutes, factor] = [Number(field(req, 'minutes')), Number(field(req, 'factor'))]
      if (field(req, 'do') === 'credit') {
        if (!Number.isFinite(minutes) || minutes < 1 || minutes > 480)
          return sendShow(req, res, managed, t('Time is given in minutes, from 1 to 480.'))
        const ms = Math.round(minutes) * 60_000
        await deps.journals.write(seat, () => [{ act: 'credited', by, data: { ms, why: 'given' } }])
      } else {
        if (!Number.isFinite(factor) || factor < 1 || factor > 3)
          return sendShow(req, res, managed, t('The multiplier is a number from 1 to 3.'))
        await deps.journals.write(seat, () => [{ act: 'multiplied', by, data: { by: factor } }])
      }
      await deps.exercises.act(exercise.id, learnerId, () => [{ act: 'time-given', data: { seat: found.seat.id } }])
      redirectTo(req, res, `${href}#candidates`)
    },

    erase: async (req, res) => {
      const { exercise, href } = await managedExercise(deps, req, res)
      const found = (await candidatesOf(deps, exercise, () => undefined)).find(
        ({ seat }) => numberOf(seat) === String(req.params.n),
      )
      if (!found) throw notFound(t('This candidate'))
      // Whoever is at work loses nothing by somebody's click.
      if (found.state === 'started' || found.state === 'on-break')
        throw new HttpProblem(
          409,
          t('This candidate is still working. Erase them when they have handed in, or close the exercise.'),
        )
      await eraseCandidate(deps, exercise.id, found.seat.id, contextOf(res).learnerId)
      redirectTo(req, res, `${href}#candidates`)
    },

    file: async (req, res) => {
      const { job, exercise, course } = await managedExercise(deps, req, res)
      await sendExercise(deps, res, { job, exercise, course })
    },

    remove: async (req, res) => {
      const { job, exercise, state } = await managedExercise(deps, req, res)
      if (state !== 'draft')
        throw new HttpProblem(
          409,
          t('This exercise has been opened, and people were invited on its terms. Close it instead.'),
        )
      for (const { id } of await deps.exercises.rehearsalsOf(exercise)) await removeExercise(deps, id)
      await removeExercise(deps, exercise.id)
      redirectTo(req, res, jobHref(job))
    },
  }
}

const opened = (): HttpProblem =>
  new HttpProblem(409, t('This exercise has been opened: all candidates get the same. Duplicate it to change it.'))

const formOf = ({ exercise }: Pick<Managed, 'exercise'>): ExerciseForm => ({
  title: exercise.title,
  minutes: Math.round((exercise.clock.durationMs ?? 0) / 60_000),
  plan: exercise.exercise,
})

/** @throws HttpProblem 404 */
async function copyOf(deps: AppDeps, jobId: string, id: string): Promise<ExerciseDraft> {
  const exercise = await deps.exercises.find(id)
  if (exercise?.exercise.jobId !== jobId) throw notFound(t('This exercise'))
  const { jobId: _, rehearsalOf: __, ...plan } = exercise.exercise
  const title = t('{title} (copy)', { title: exercise.title || t('Untitled exercise') }).slice(0, 120)
  return { title, minutes: formOf({ exercise }).minutes, plan }
}
