/** Workshops as those see them who lead them: the list, the plan, and what happens in the room. */
import type { Request, RequestHandler, Response } from 'express'
import type { Catalog } from '../../catalog/types.ts'
import { msg, t } from '../../i18n/translate.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { may } from '../../sittings/roles.ts'
import { present, unlessDamaged } from '../../storage/documents.ts'
import { presentIn, removeSitting } from '../../workshops/people.ts'
import type { NewRoomAct } from '../../workshops/room-acts.ts'
import { printCode, type Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { sectionTitle } from '../sections.ts'
import { leftOut, perhapsLeftOut } from '../unreadable.ts'
import { actionOf, ledWorkshop, mustLead, ownWorkshop, stateWords } from './own-workshop.ts'
import { actOfPlan, mayBePoll, type Plan, type Planned, readPlan } from './plan.ts'
import { draftOf } from './poll-form.ts'
import { notVotedTypes } from './poll-question.ts'
import { findReadyMade, planOf, viewPlan } from './ready-made.ts'
import { viewStep } from './steps.ts'

type Page = 'index' | 'create' | 'plan' | 'save' | 'act' | 'selfPaced' | 'remove'

/** What a new workshop begins with. */
interface Begun {
  plan?: Plan
  guide?: string | undefined
}

export function workshopPages(deps: AppDeps): Record<Page, RequestHandler> {
  const sendPlan = async (
    req: Request,
    res: Response,
    workshop: Workshop,
    plan: Plan,
    { problem, draft }: Partial<Planned> = {},
  ) => {
    const room = await deps.rooms.room(workshop.id)
    deps.renderer.send(req, res, {
      template: 'workshops/plan',
      partial: 'workshops/plan-form',
      title: plan.title || t('New workshop'),
      section: 'none',
      status: problem ? 422 : 200,
      model: {
        id: workshop.id,
        code: printCode(workshop.room.code),
        state: t(stateWords[sittingAt(room.life, deps.now()).state]),
        title: plan.title,
        minutes: plan.steps.reduce((sum, { minutes }) => sum + minutes, 0),
        steps: plan.steps.map((step) => ({
          ...viewStep(deps.catalog(), workshop.id, step),
          name: step.title,
          isItem: step.item !== undefined,
          isOpen: room.open.has(step.id),
          mayBePoll: mayBePoll(deps.catalog(), step),
          isAnonymous: step.poll?.isAnonymous ?? false,
          own: step.poll?.own && draftOf(step.poll.own, step.poll.isAnonymous),
          isAsked: room.polls.has(step.id),
          opensBy: step.opens?.by ?? 'hold',
          minute: step.opens?.by === 'time' ? step.opens.minute : '',
        })),
        draft: draft ?? draftOf(undefined, false),
        isDrafted: draft !== undefined,
        notVoted: notVotedTypes().join(t(', ')),
        groups: choices(deps.catalog()),
        tracks: [...deps.catalog().tracks.values()].map(({ id, title }) => ({ id, title })),
        problem,
      },
    })
  }

  const readyMade = (id: string): Begun => ({
    plan: planOf(deps.catalog(), findReadyMade(deps.catalog(), id)),
    guide: id,
  })
  const copyOf = async (res: Response, id: string, named = msg('{title} (copy)')): Promise<Begun> => {
    // What is copied is only looked at.
    const workshop = await ledWorkshop(deps, res, id, 'see-wall')
    const { title, steps } = await deps.rooms.room(id)
    const copied = t(named, { title: title || t('Untitled workshop') }).slice(0, 120)
    return { plan: { title: copied, steps: [...steps] }, guide: workshop.room.guide }
  }

  return {
    index: async (req, res) => {
      const { learnerId, roles } = contextOf(res)
      const [own, others] = await Promise.all([
        deps.rooms.ofOwner(learnerId, perhapsLeftOut(res)),
        deps.rooms.ofCoInstructor(learnerId, perhapsLeftOut(res)),
      ])
      const rows = await Promise.all(
        [...own, ...others].map(async (workshop) => {
          const room = await unlessDamaged(deps.rooms.room(workshop.id), leftOut(res))
          if (!room) return undefined
          const people = await deps.storage.participants.listOf(workshop.id, leftOut(res))
          return {
            id: workshop.id,
            title: room.title || t('Untitled workshop'),
            isOwn: workshop.ownerLearnerId === learnerId,
            state: sittingAt(room.life, deps.now()).state,
            stateTitle: t(stateWords[sittingAt(room.life, deps.now()).state]),
            steps: room.steps.length,
            minutes: room.steps.reduce((sum, { minutes }) => sum + minutes, 0),
            people: people.length,
            createdAtMs: workshop.createdAtMs,
          }
        }),
      )
      deps.renderer.send(req, res, {
        template: 'workshops/index',
        title: t('Workshops'),
        section: 'none',
        model: {
          workshops: present(rows).sort((a, b) => b.createdAtMs - a.createdAtMs),
          mayCreate: roles.some((role) => may(role, 'create-sitting')),
          plans: [...deps.catalog().workshops.values()].map(viewPlan),
        },
      })
    },

    create: async (req, res) => {
      const { learnerId } = contextOf(res)
      const [from, copied] = [field(req, 'from'), field(req, 'copy')]
      const { plan, guide } = copied ? await copyOf(res, copied) : from ? readyMade(from) : {}
      const workshop = await deps.rooms.create(learnerId, guide === undefined ? {} : { guide })
      if (plan) await deps.rooms.act(workshop.id, learnerId, () => [{ act: 'planned', data: plan }])
      redirectTo(req, res, `/workshops/${workshop.id}`)
    },

    // The same steps, all of them open, for those who come later or want to do it again.
    selfPaced: async (req, res) => {
      const { plan, guide } = await copyOf(res, String(req.params.id), msg('{title} (self-paced)'))
      // Nobody asks there: what was voted on is a question to be answered, and what only the room voted on goes.
      const steps = (plan?.steps ?? []).flatMap(({ poll, opens: _, ...step }) => (poll?.own ? [] : [step]))
      if (!plan || steps.length === 0)
        throw new HttpProblem(422, t('There is no step yet. Add one to the plan, then begin.'))
      const { learnerId } = contextOf(res)
      const workshop = await deps.rooms.create(learnerId, guide === undefined ? {} : { guide })
      await deps.rooms.act(workshop.id, learnerId, () => [
        { act: 'planned', data: { title: plan.title, steps } },
        { act: 'opened', data: {} },
        ...[...steps].reverse().map((step): NewRoomAct => ({ act: 'step-opened', data: { step: step.id } })),
      ])
      redirectTo(req, res, `/w/${workshop.id}/wall`)
    },

    remove: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { state } = sittingAt((await deps.rooms.room(workshop.id)).life, deps.now())
      if (state === 'open' || state === 'paused')
        throw new HttpProblem(409, t('It is going on. End it first, then delete it.'))
      await removeSitting(deps.storage, deps.journals, workshop.id)
      redirectTo(req, res, '/workshops')
    },

    plan: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { title, steps } = await deps.rooms.room(workshop.id)
      await sendPlan(req, res, workshop, { title, steps: [...steps] })
    },

    save: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const catalog = deps.catalog()
      let read: Planned | undefined
      const room = await deps.rooms.act(workshop.id, contextOf(res).learnerId, (now) => {
        read = readPlan(req, catalog, { title: now.title, steps: [...now.steps] }, new Set(now.polls.keys()))
        return actOfPlan(now, read.plan)
      })
      if (isHtmx(req) || read?.problem)
        await sendPlan(req, res, workshop, { title: room.title, steps: [...room.steps] }, read)
      else res.redirect(303, `/workshops/${workshop.id}#steps`)
    },

    act: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      if (field(req, 'do') === 'remove-idle') {
        await removeIdle(deps, workshop, contextOf(res).learnerId)
        return redirectTo(req, res, `/w/${workshop.id}/wall`)
      }
      const act = actOf(field(req, 'do'), field(req, 'text'))
      if (!act) throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
      await mustLead(deps, workshop, contextOf(res).learnerId, actionOf(act.act))
      const room = await deps.rooms.room(workshop.id)
      if (act.act === 'opened' && room.steps.length === 0)
        throw new HttpProblem(422, t('There is no step yet. Add one to the plan, then begin.'))
      await deps.rooms.act(workshop.id, contextOf(res).learnerId, (now) =>
        // The first step is open when a workshop begins, unless it opens by itself later.
        act.act === 'opened' && now.open.size === 0 && now.steps[0]?.opens?.by !== 'time'
          ? [act, { act: 'step-opened', data: { step: now.steps[0]!.id } }]
          : [act],
      )
      redirectTo(req, res, `/w/${workshop.id}/wall`)
    },
  }
}

/** Takes out all who have done nothing: what one learner with many names leaves behind. Each can be let back in. */
async function removeIdle(deps: AppDeps, workshop: Workshop, learnerId: string): Promise<void> {
  await mustLead(deps, workshop, learnerId, actionOf('removed'))
  const people = await presentIn(deps, workshop.id, () => undefined)
  // By its length: one that is damaged has acts, though none can be read.
  const heads = await Promise.all(people.map(({ id }) => deps.storage.journals.head(`${workshop.id}/${id}`)))
  const idle = new Set(people.filter((_, n) => heads[n] === 0).map(({ id }) => id))
  await deps.rooms.act(workshop.id, learnerId, (room) =>
    [...room.members.keys()]
      .filter((seat) => idle.has(seat) && !room.removed.has(seat))
      .map((seat): NewRoomAct => ({ act: 'removed', data: { seat } })),
  )
}

const seatForm = /^[a-f0-9]{18}$/

/** What a button of the wall does. */
function actOf(pressed: string, text: string): NewRoomAct | undefined {
  const [name = '', of = ''] = pressed.split(':')
  switch (name) {
    case 'open':
      return { act: 'opened', data: {} }
    case 'pause':
      return { act: 'paused', data: {} }
    case 'resume':
      return { act: 'resumed', data: {} }
    case 'close':
      return { act: 'closed', data: {} }
    case 'stop-joining':
      return { act: 'joining-stopped', data: {} }
    case 'resume-joining':
      return { act: 'joining-resumed', data: {} }
    case 'remove':
    case 'readmit':
      return seatForm.test(of) ? { act: name === 'remove' ? 'removed' : 'readmitted', data: { seat: of } } : undefined
    case 'open-step':
    case 'hold-step':
      return /^[a-z0-9]{1,24}$/.test(of)
        ? { act: name === 'open-step' ? 'step-opened' : 'step-held', data: { step: of } }
        : undefined
    case 'announce':
      return { act: 'announced', data: { text: text.replaceAll(/\s+/g, ' ').trim().slice(0, 500) } }
    default:
      return undefined
  }
}

function choices(catalog: Catalog) {
  const listed = <T extends { id: string; title: string }>(
    kind: string,
    items: Iterable<T>,
    groupOf: (item: T) => string,
  ) => {
    const groups = new Map<string, { value: string; title: string }[]>()
    for (const item of items) {
      const group = groupOf(item)
      groups.set(group, [...(groups.get(group) ?? []), { value: `${kind}:${item.id}`, title: item.title }])
    }
    return [...groups].map(([title, options]) => ({ title, options }))
  }
  return [
    ...listed('challenge', catalog.challenges.values(), () => t('Challenges')),
    ...listed('lesson', catalog.lessons.values(), ({ section }) => `${t('Lessons')}: ${sectionTitle(section)}`),
    ...listed('question', catalog.questions.values(), ({ section }) => `${t('Questions')}: ${sectionTitle(section)}`),
  ]
}
