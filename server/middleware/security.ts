/** Headers that keep a page to itself: a strict Content-Security-Policy with a nonce for each response. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import helmet from 'helmet'

export function security(): RequestHandler[] {
  return [
    (_req, res, next) => {
      res.locals.nonce = randomBytes(16).toString('base64')
      next()
    },
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'", nonce],
          styleSrc: ["'self'", nonce],
          imgSrc: ["'self'", 'data:'],
          fontSrc: ["'self'"],
          connectSrc: ["'self'"],
          formAction: ["'self'"],
          baseUri: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      // Served over plain http on a learner's own machine; a proxy in front of a public one sets it.
      strictTransportSecurity: false,
      referrerPolicy: { policy: 'same-origin' },
    }),
  ]
}

function nonce(_req: IncomingMessage, res: ServerResponse): string {
  return `'nonce-${(res as ServerResponse & { locals: { nonce: string } }).locals.nonce}'`
}
