/** Workshops that somebody can lead as they are: looked at with their guides, and begun from; and the guide beside a workshop of one's own. */
import type { Request, RequestHandler } from 'express'
import type { Catalog, PlannedStep, WorkshopPlan } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import { notFound } from '../../render/problem.ts'
import type { Step } from '../../workshops/room-acts.ts'
import type { AppDeps } from '../deps.ts'
import { ownWorkshop } from './own-workshop.ts'
import type { Plan } from './plan.ts'
import { titleOfPoll } from './poll-form.ts'
import { viewStep } from './steps.ts'

export function readyMadePages(deps: AppDeps): Record<'plan' | 'guide', RequestHandler> {
  return {
    plan: async (req, res) => {
      const plan = findReadyMade(deps.catalog(), String(req.params.plan))
      deps.renderer.send(req, res, {
        template: 'workshops/ready-made',
        title: plan.title,
        section: 'none',
        model: { ...viewPlan(plan), sections: sectionsOf(deps, '', planOf(deps.catalog(), plan).steps, plan.steps) },
      })
    },

    guide: async (req: Request, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const room = await deps.rooms.room(workshop.id)
      const plan = deps.catalog().workshops.get(workshop.room.guide ?? '')
      deps.renderer.send(req, res, {
        template: 'workshops/guide',
        title: t('Guide: {title}', { title: room.title || t('Untitled workshop') }),
        section: 'none',
        model: {
          id: workshop.id,
          title: room.title || t('Untitled workshop'),
          locale: plan?.locale,
          about: plan?.about ?? '',
          sections: sectionsOf(deps, workshop.id, room.steps, plan?.steps ?? []),
        },
      })
    },
  }
}

/** @throws HttpProblem 404 */
export function findReadyMade(catalog: Catalog, id: string): WorkshopPlan {
  const plan = catalog.workshops.get(id)
  if (!plan) throw notFound(t('This workshop'))
  return plan
}

/** In a list of those that there are. */
export const viewPlan = ({ id, locale, title, summary, about, steps }: WorkshopPlan) => ({
  id,
  locale,
  title,
  summary,
  about,
  steps: steps.length,
  minutes: steps.reduce((sum, { minutes }) => sum + minutes, 0),
})

/** As a workshop of one's own begins: its texts are in the language of whoever makes it. */
export const planOf = (catalog: Catalog, { title, steps }: WorkshopPlan): Plan => ({
  title,
  steps: steps.map((step) => stepOf(catalog, step)),
})

function stepOf(catalog: Catalog, step: PlannedStep): Step {
  const { id, minutes, opens } = step
  const timed =
    opens === undefined ? {} : { opens: opens === 'after' ? { by: opens } : { by: 'time' as const, ...opens } }
  const bare = { id, minutes, ...timed }
  if ('talk' in step) return { ...bare, title: step.talk }
  if ('item' in step) return { ...bare, item: step.item, title: titleOfItem(catalog, step.item) }
  const isAnonymous = step.anonymous ?? false
  if ('poll' in step) return { ...bare, item: step.poll, title: titleOfItem(catalog, step.poll), poll: { isAnonymous } }
  const options = step.options.map(({ id: letter, text, right }) => ({ id: letter, text, isRight: right ?? false }))
  const own = { text: step.ask, several: step.several ?? false, options }
  return { ...bare, title: titleOfPoll(step.ask), poll: { isAnonymous, own } }
}

function titleOfItem(catalog: Catalog, item: string): string {
  const [kind = '', id = ''] = item.split(':')
  return (catalog[`${kind as 'lesson' | 'question' | 'challenge'}s`].get(id)?.title ?? item).slice(0, 120)
}

/** The steps with when each begins, as `h:mm` since the beginning, and what the guide says of them. */
function sectionsOf(deps: AppDeps, workshopId: string, steps: readonly Step[], guides: readonly PlannedStep[]) {
  let minute = 0
  return steps.map((step) => {
    const at = minute
    minute += step.minutes
    const known = guides.find(({ id }) => id === step.id)
    return {
      ...viewStep(deps.catalog(), workshopId, step),
      from: printMinutes(at),
      until: printMinutes(minute),
      options: (step.poll?.own?.options ?? []).map(({ text, isRight }) => ({ text, isRight })),
      guide: known?.guide ?? '',
    }
  })
}

const printMinutes = (minutes: number): string => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
