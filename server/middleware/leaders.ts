/**
 * Gives whoever leads a workshop the role that they have there, on the pages of that workshop only: a co-instructor, or an owner who made it as an
 * admin or a hiring manager.
 */
import type { RequestHandler } from 'express'
import type { AppDeps } from '../pages/deps.ts'
import { contextOf } from '../render/page.ts'
import { may } from '../sittings/roles.ts'
import { leadingRole } from '../workshops/leaders.ts'

const ofWorkshop = /^\/(?:w|workshops)\/([a-f0-9]{18})(?:\/|$)/

export function leaders(deps: Pick<AppDeps, 'rooms'>): RequestHandler {
  return async (req, res, next) => {
    const [, id] = ofWorkshop.exec(req.path) ?? []
    const workshop = id === undefined ? undefined : await deps.rooms.find(id)
    const context = contextOf(res)
    const role = workshop && leadingRole(workshop, context.learnerId)
    // An owner who may not make workshops any more does not lead this one, either.
    if (role === 'co-instructor' || (role && context.roles.some((one) => may(one, 'create-sitting'))))
      context.roles = [...context.roles, role]
    next()
  }
}
