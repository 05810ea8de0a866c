/** The workshop of an address for those who lead it, and what they may do there. */
import type { Request, Response } from 'express'
import { msg, t } from '../../i18n/translate.ts'
import { contextOf, type PageContext } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { type SittingState, sittingAt } from '../../sittings/life.ts'
import type { Action, Fact } from '../../sittings/roles.ts'
import { leadingRole, mayLead } from '../../workshops/leaders.ts'
import type { RoomActName } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { siteOrigin } from '../site-origin.ts'

/** How a workshop stands, in a word. */
export const stateWords: Readonly<Record<SittingState, string>> = {
  draft: msg('not begun'),
  scheduled: msg('scheduled'),
  open: msg('going on'),
  paused: msg('paused'),
  closing: msg('over'),
  closed: msg('over'),
  archived: msg('archived'),
  erased: msg('erased'),
}

/** What the table of roles calls it. */
export function actionOf(act: RoomActName): Action {
  if (act === 'paused' || act === 'resumed') return 'pause-sitting'
  return act === 'opened' || act === 'closed' || act === 'planned' ? 'lead-sitting' : 'run-room'
}

/**
 * The workshop of the address, for who leads it and may do there what the route is for: the site map says what that is.
 * @param facts what is so beside the role, or is asked by the page itself
 * @throws HttpProblem 404, also for somebody else's; 403 for what only its owner may; 409 for what cannot be done now
 */
export async function ownWorkshop(
  deps: AppDeps,
  req: Request,
  res: Response,
  facts: readonly Fact[] = [],
): Promise<Workshop> {
  return ledWorkshop(deps, res, String(req.params.id), contextOf(res).action, facts)
}

/** That of that id, for what is done with it. */
export async function ledWorkshop(
  deps: AppDeps,
  res: Response,
  id: string,
  action: Action,
  facts: readonly Fact[] = [],
): Promise<Workshop> {
  const workshop = await deps.rooms.find(id)
  const { learnerId } = contextOf(res)
  if (!workshop || !leadingRole(workshop, learnerId)) throw notFound(t('This workshop'))
  await mustLead(deps, workshop, learnerId, action, facts)
  return workshop
}

/** @throws HttpProblem 403 for what only the owner may; 409 for what cannot be done now */
export async function mustLead(
  deps: AppDeps,
  workshop: Workshop,
  learnerId: string,
  action: Action,
  facts: readonly Fact[] = [],
): Promise<void> {
  const { state } = sittingAt((await deps.rooms.room(workshop.id)).life, deps.now())
  if (mayLead(workshop, learnerId, action, state, facts)) return
  if (mayLead(workshop, learnerId, action, 'open', facts))
    throw new HttpProblem(409, t('Not possible now: the workshop is {state}.', { state: t(stateWords[state]) }))
  throw new HttpProblem(403, t('Only the owner of this workshop can do this.'))
}

/** What those who take part call whoever leads it. */
export const leaderName = ({ room }: Workshop, { learnerId, account }: PageContext): string =>
  room.coInstructors.find((one) => one.learnerId === learnerId)?.name ?? account ?? t('your instructor')

/** Where people type the code. */
export const joinAddress = (deps: AppDeps, req: Request): string => `${siteOrigin(req, deps.config)}/j`
