/** Gives who leads a workshop beside its owner the role of a co-instructor, on the pages of that workshop only. */
import type { RequestHandler } from 'express'
import type { AppDeps } from '../pages/deps.ts'
import { contextOf } from '../render/page.ts'
import { leadingRole } from '../workshops/leaders.ts'

const ofWorkshop = /^\/(?:w|workshops)\/([a-f0-9]{18})(?:\/|$)/

export function leaders(deps: Pick<AppDeps, 'rooms'>): RequestHandler {
  return async (req, res, next) => {
    const [, id] = ofWorkshop.exec(req.path) ?? []
    const workshop = id === undefined ? undefined : await deps.rooms.find(id)
    const context = contextOf(res)
    if (workshop && leadingRole(workshop, context.learnerId) === 'co-instructor')
      context.roles = [...context.roles, 'co-instructor']
    next()
  }
}
