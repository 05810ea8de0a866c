/**
 * The seat that the address leads to. Every page and every act of the request is that seat's: under `/w/<workshop>/` it is the learner's seat
 * there, under `/c/<token>/` a candidate's, everywhere else their own practice. What stands there are the same pages as elsewhere; their links
 * stay in it.
 */
import type { RequestHandler, Response } from 'express'
import { begunAt } from '../pages/form.ts'
import { contextOf } from '../render/page.ts'
import { practiceSeat } from '../seat.ts'
import type { Role } from '../sittings/roles.ts'
import { type CandidateSeatDeps, candidateSeat } from './candidate-seats.ts'
import type { FindSeat } from './found-seat.ts'
import { type WorkshopSeatDeps, workshopSeat } from './workshop-seats.ts'

/** The pages of items, and what they send to. */
const pages = String.raw`(?:lessons|questions)/[\w-]+/|challenges/[\w-]|study/read\b`
/** What of them a candidate has: no lessons, no results. */
const examPages = String.raw`questions/[\w-]+/[\w-]+(?:/answer)?(?=\?|$)|challenges/[\w-]+(?:/draft)?(?=\?|$)`
const readMark = /^\/study\/read(?=\?|$)/
const below = [
  { room: 'workshop', pattern: new RegExp(`^(/w/([a-f0-9]{18}))(/(?:${pages}).*)$`) },
  { room: 'exercise', pattern: new RegExp(`^(/c/([a-f0-9]{32}(?:/practice)?))(/(?:${examPages}).*)$`) },
] as const
/** Attributes by which a page leads to another one, or sends something. */
const links = new RegExp(
  `\\b(href|src|action|formaction|hx-get|hx-post|data-autosave|data-terminal)="/(?=${pages})`,
  'g',
)
const itemPage = new RegExp(`^/(?=${pages})`)
const addressHeaders = /^hx-(redirect|push-url|replace-url)$/i

export function seats(deps: WorkshopSeatDeps & CandidateSeatDeps): RequestHandler {
  const find: Record<(typeof below)[number]['room'], FindSeat> = {
    workshop: workshopSeat(deps),
    exercise: candidateSeat(deps),
  }
  return async (req, res, next) => {
    const context = contextOf(res)
    res.locals.seat = practiceSeat(context.learnerId)
    for (const { room, pattern } of below) {
      const [, place, name, rest] = pattern.exec(req.url) ?? []
      if (place === undefined || name === undefined || rest === undefined) continue
      const isReadMark = readMark.test(rest)
      const begunAtMs = begunAt(req)
      // An answer comes so when a browser kept it.
      const isKept = begunAtMs !== undefined && /\/answer(?=\?|$)/.test(rest)
      const isDraft = req.method === 'POST' && (isKept || /\/draft(?=\?|$)/.test(rest))
      const found = await find[room](name, { item: itemOf(rest), rest, isReadMark, isDraft, begunAtMs }, context)
      if ('leadsTo' in found) return res.redirect(303, found.leadsTo)
      // Whatever else somebody is on this site: here they take part.
      const roles: readonly Role[] = ['participant']
      Object.assign(res.locals, found.context, { seat: found.seat, roles })
      req.url = rest
      stayUnder(res, place)
      break
    }
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
