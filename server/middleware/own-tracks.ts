/** The track that somebody is on stands above every page that is read, but not above those that are sat against a clock. */
import type { Request, RequestHandler } from 'express'
import type { AppDeps } from '../pages/deps.ts'
import { doneIn } from '../pages/done.ts'
import { trackInHand } from '../practice/own-track.ts'
import { contextOf, isHtmx } from '../render/page.ts'

export function ownTracks(deps: AppDeps): RequestHandler {
  return async (req, res, next) => {
    // A part of a page has no strip, and who brings no cookie has no track.
    const isRead = (req.method === 'GET' || req.method === 'HEAD') && !isHtmx(req) && req.headers.cookie !== undefined
    if (isRead && !isSat(req)) {
      // What is damaged of it is told on the pages that are about it.
      const work = await deps.journals.work(contextOf(res).seat)
      res.locals.ownTrack = trackInHand(deps.catalog(), doneIn(work), itemOf(req))
    }
    next()
  }
}

/** A question or task of a mock exam or interview, and a page that somebody else shares. */
const isSat = ({ path }: Request): boolean =>
  /^\/(study\/(exams|hands-on|interview)\/|shared\/|runs\/|daily\/)/.test(path)

/** The name of the lesson, question or challenge that the address is of. */
function itemOf({ path }: Request): string | undefined {
  const [, kind, id] = /^\/(lesson|question)s\/([^/]+\/[^/]+)/.exec(path) ?? /^\/(challenge)s\/([^/]+)/.exec(path) ?? []
  return kind && `${kind}:${id}`
}
