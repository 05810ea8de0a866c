/** Who leads a workshop: seen by all of them, changed by its owner; and the page that a link for a co-instructor leads to. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { accept, invite, invitedTo, leadingRole, leave } from '../../workshops/leaders.ts'
import { readNickname } from '../../workshops/people.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { siteOrigin } from '../site-origin.ts'
import { mustLead, ownWorkshop } from './own-workshop.ts'

type Page = 'show' | 'change' | 'invited' | 'accept'

export function leaderPages(deps: AppDeps): Record<Page, RequestHandler> {
  const send = async (req: Request, res: Response, workshop: Workshop, link = ''): Promise<void> => {
    const { learnerId } = contextOf(res)
    const { title } = await deps.rooms.room(workshop.id)
    deps.renderer.send(req, res, {
      template: 'workshops/leaders',
      title: t('Instructors'),
      section: 'none',
      isSecret: link !== '',
      model: {
        id: workshop.id,
        title: title || t('Untitled workshop'),
        isOwner: leadingRole(workshop, learnerId) === 'instructor',
        link,
        coInstructors: workshop.room.coInstructors.map(({ name, learnerId: own }) => ({
          name,
          isOneself: own === learnerId,
        })),
      },
    })
  }
  const invitation = async (req: Request): Promise<Workshop> => {
    const workshop = await invitedTo(deps.rooms, String(req.params.token), deps.now())
    if (!workshop) throw new HttpProblem(404, t('This link was used or has expired. Ask the sender for a new one.'))
    return workshop
  }
  const sendInvitation = async (req: Request, res: Response, workshop: Workshop, problem = ''): Promise<void> => {
    const { title, steps } = await deps.rooms.room(workshop.id)
    deps.renderer.send(req, res, {
      template: 'workshops/invited',
      title: t('Co-instructor'),
      section: 'none',
      isSecret: true,
      status: problem ? 422 : 200,
      model: {
        title: title || t('Untitled workshop'),
        steps: steps.length,
        action: `/lead/${String(req.params.token)}`,
        name: problem ? field(req, 'name').slice(0, 60) : (contextOf(res).account ?? ''),
        problem,
      },
    })
  }

  return {
    show: async (req, res) => send(req, res, await ownWorkshop(deps, req, res)),

    change: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { learnerId } = contextOf(res)
      const { coInstructors } = workshop.room
      const [, pressed = '', at = ''] = /^(\w+):?(.*)$/s.exec(field(req, 'do')) ?? []
      if (pressed === 'leave') {
        const self = coInstructors.find((one) => one.learnerId === learnerId)
        if (self) await takeOut(workshop, self, learnerId)
        return redirectTo(req, res, '/workshops')
      }
      await mustLead(deps, workshop, learnerId, 'lead-sitting')
      if (pressed === 'invite') {
        const token = await invite(deps.storage, workshop, deps.now())
        return send(req, res, workshop, `${siteOrigin(req, deps.config)}/lead/${token}`)
      }
      // By name: the list may have changed since the page was drawn.
      const other = coInstructors.find(({ name }) => name === at)
      if (pressed !== 'remove' || !other)
        throw new HttpProblem(409, t('This person is no longer a co-instructor. Reload the page.'))
      await takeOut(workshop, other, learnerId)
      redirectTo(req, res, `/w/${workshop.id}/leaders`)
    },

    invited: async (req, res) => {
      const workshop = await invitation(req)
      if (leadingRole(workshop, contextOf(res).learnerId)) return res.redirect(303, `/w/${workshop.id}/wall`)
      await sendInvitation(req, res, workshop)
    },

    accept: async (req, res) => {
      const workshop = await invitation(req)
      const { learnerId } = contextOf(res)
      if (leadingRole(workshop, learnerId)) return redirectTo(req, res, `/w/${workshop.id}/wall`)
      const name = readNickname(field(req, 'name'))
      if (name === undefined)
        return sendInvitation(
          req,
          res,
          workshop,
          t('A name has 1 to 30 characters, and a letter or a digit among them.'),
        )
      if (workshop.room.coInstructors.some((one) => one.name === name))
        return sendInvitation(req, res, workshop, t('Somebody here has this name. Add a letter, or your town.'))
      if (!(await deps.storage.learners.find(learnerId)))
        await deps.storage.learners.save({ id: learnerId, createdAtMs: deps.now(), keysOff: false })
      if (!(await accept(deps.storage, workshop, String(req.params.token), { learnerId, name }, deps.now())))
        throw new HttpProblem(409, t('This link was used or has expired. Ask the sender for a new one.'))
      await deps.rooms.act(workshop.id, learnerId, () => [{ act: 'co-instructor-joined', data: { name } }])
      redirectTo(req, res, `/w/${workshop.id}/wall`)
    },
  }

  async function takeOut(workshop: Workshop, who: { learnerId: string; name: string }, by: string): Promise<void> {
    await leave(deps.storage, workshop, who.learnerId)
    await deps.rooms.act(workshop.id, by, () => [{ act: 'co-instructor-left', data: { name: who.name } }])
  }
}
