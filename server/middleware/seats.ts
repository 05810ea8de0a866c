/**
 * The seat that the address leads to. Every page and every act of the request is that seat's: under `/w/<workshop>/` it is the learner's seat
 * there, everywhere else their own practice. What stands under a workshop are the same pages as elsewhere; their links stay in it.
 */
import type { RequestHandler, Response } from 'express'
import { t } from '../i18n/translate.ts'
import type { AppDeps } from '../pages/deps.ts'
import { deliverLate } from '../pages/workshops/deliver.ts'
import { viewStrip } from '../pages/workshops/strip.ts'
import { contextOf } from '../render/page.ts'
import { HttpProblem } from '../render/problem.ts'
import { practiceSeat } from '../seat.ts'
import { givenAtOpening, ordersFor } from '../workshops/orders.ts'
import { refuseRemoved, seatOf } from '../workshops/people.ts'

/** The pages of items, and what they send to. */
const pages = String.raw`(?:lessons|questions)/[\w-]+/|challenges/[\w-]|study/read\b`
/** The one of them that is of no item. */
const readMark = /^\/study\/read(?=\?|$)/
const below = new RegExp(`^/w/([a-f0-9]{18})(/(?:${pages}).*)$`)
/** Attributes by which a page leads to another one, or sends something. */
const links = new RegExp(
  `\\b(href|src|action|formaction|hx-get|hx-post|data-autosave|data-terminal)="/(?=${pages})`,
  'g',
)
const itemPage = new RegExp(`^/(?=${pages})`)
const addressHeaders = /^hx-(redirect|push-url|replace-url)$/i

export function seats(deps: Pick<AppDeps, 'rooms' | 'storage' | 'journals' | 'catalog' | 'now'>): RequestHandler {
  return async (req, res, next) => {
    const { learnerId } = contextOf(res)
    res.locals.seat = practiceSeat(learnerId)
    const [, id, rest] = below.exec(req.url) ?? []
    if (id === undefined || rest === undefined) return next()
    const workshop = await deps.rooms.find(id)
    const participant = workshop && (await seatOf(deps.storage, id, learnerId))
    if (!participant) throw new HttpProblem(404, t('You are not in this workshop. Join it with its code.'))
    const room = await deps.rooms.room(id)
    refuseRemoved(room, participant)
    const item = itemOf(rest)
    const step = room.steps.find((one) => one.item === item)
    // What is no part of the workshop is looked at outside of it, and so is an address that writes an item's name in another way.
    if (!step && !readMark.test(rest)) return res.redirect(303, rest)
    if (step && !room.open.has(step.id))
      throw new HttpProblem(423, t('This step is not open yet. Your instructor opens it.'))
    // Who votes has not seen the answer: the question itself is read afterwards.
    if (step?.poll && !room.polls.get(step.id)?.isRevealed) return res.redirect(303, `/w/${id}/polls/${step.id}`)
    if (item !== undefined) await deliverLate(deps, workshop!, room, ordersFor(room, item, participant.id), participant)
    const work = await deps.journals.work({ sittingId: id, participantId: participant.id })
    const given = item === undefined ? [] : givenAtOpening(room, item, participant.id, work.attempts)
    res.locals.seat = { sittingId: id, participantId: participant.id, learnerId, seed: participant.seed, given }
    res.locals.workshop = viewStrip(deps.catalog(), workshop!, room, { id: participant.id, work }, deps.now(), step)
    req.url = rest
    stayUnder(res, `/w/${id}`)
    next()
  }
}

function itemOf(path: string): string | undefined {
  const [, kind = '', id = ''] =
    /^\/(lesson|question)s\/([\w-]+\/[\w-]+)(?=[/?]|$)/.exec(path) ??
    /^\/(challenge)s\/([\w-]+)(?=[/?]|$)/.exec(path) ??
    []
  return kind === '' ? undefined : `${kind}:${id}`
}

/** Leads what the answer leads to to the same pages under that place. */
function stayUnder(res: Response, place: string): void {
  const under = (address: string): string => address.replace(itemPage, `${place}/`)
  const [send, setHeader] = [res.send.bind(res), res.setHeader.bind(res)]
  res.locals.stayUnder = under
  res.setHeader = (name, value) =>
    setHeader(name, typeof value === 'string' && addressHeaders.test(name) ? under(value) : value)
  res.send = (body) => send(typeof body === 'string' ? body.replaceAll(links, `$1="${place}/`) : body)
}
