/** The seat that the address leads to. Every page and every act of the request is that seat's. */
import type { RequestHandler } from 'express'
import { contextOf } from '../render/page.ts'
import { practiceSeat } from '../seat.ts'

/** So far there is one for each learner: their own practice. */
export const seats: RequestHandler = (_req, res, next) => {
  res.locals.seat = practiceSeat(contextOf(res).learnerId)
  next()
}
