/** The calls of an applicant system. They stand before sessions and forms: their requests have a key of their own, and answers are JSON. */
import { createHash } from 'node:crypto'
import express, { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express'
import { isEqual } from '../../accounts/tickets.ts'
import type { Answer } from '../../doors/applicant-system.ts'
import type { AppDeps } from '../deps.ts'

export interface Entry {
  /** Below which its calls lie. */
  place: string
  key: string
  /** By method and name. */
  calls: Readonly<Record<`${'GET' | 'POST'} ${string}`, (req: Request) => Promise<Answer>>>
  /** A refusal as the system reads it. */
  refusal(words: string): unknown
}

export function applicantEntry({ logger }: Pick<AppDeps, 'logger'>, { place, key, calls, refusal }: Entry): Router {
  const router = Router({ caseSensitive: true })
  const refuse = (status: number, words: string): Answer => ({ status, body: refusal(words) })
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  const isKnown: RequestHandler = (req, res, next) => {
    const [, given = ''] = /^Basic ([A-Za-z0-9+/=]{1,400})$/i.exec(req.get('Authorization') ?? '') ?? []
    const [name = ''] = Buffer.from(given, 'base64').toString('utf8').split(':')
    if (isEqual(hash(name), hash(key))) return next()
    const { status, body } = refuse(401, 'the API key is not known here')
    res.status(status).set('WWW-Authenticate', 'Basic realm="assessments"').json(body)
  }
  const answered: RequestHandler = async (req, res) => {
    const name = `${req.method} ${req.path.slice(1)}`
    const call = Object.hasOwn(calls, name) ? calls[name as keyof typeof calls] : undefined
    const { status, body } = call ? await call(req) : refuse(404, 'there is no such call')
    res.status(status).set('Cache-Control', 'no-store')
    if (body === undefined) res.end()
    else res.json(body)
  }
  const failed: ErrorRequestHandler = (error, req, res, _next) => {
    const { status } = error as { status?: unknown }
    const isRefusal = typeof status === 'number' && status >= 400 && status < 500
    if (!isRefusal) logger.error({ err: error, path: req.path }, 'a call of an applicant system failed')
    const unread = status === 413 ? 'the body is larger than 64 KB' : 'the body cannot be read as JSON'
    const { body } = refuse(0, isRefusal ? unread : 'something failed here: try again later')
    res.status(isRefusal ? status : 503).json(body)
  }
  router.use(place, isKnown, express.json({ limit: '64kb' }), answered, failed)
  return router
}
