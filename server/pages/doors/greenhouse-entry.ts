/** What Greenhouse asks for. It stands before sessions and forms: its requests have a key of their own, and answers are JSON. */
import { createHash } from 'node:crypto'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { isEqual } from '../../accounts/tickets.ts'
import type { Answer } from '../../doors/greenhouse.ts'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'

export function greenhouseEntry({ config, greenhouse, logger }: AppDeps): Router {
  const router = Router({ caseSensitive: true })
  const key = config.greenhouseKey
  if (!greenhouse || key === undefined) return router
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  const isKnown: RequestHandler = (req, res, next) => {
    const [, given = ''] = /^Basic ([A-Za-z0-9+/=]{1,400})$/.exec(req.get('Authorization') ?? '') ?? []
    const [name = ''] = Buffer.from(given, 'base64').toString('utf8').split(':')
    if (isEqual(hash(name), hash(key))) return next()
    res
      .status(401)
      .set('WWW-Authenticate', 'Basic realm="assessments"')
      .json({ error: 'the API key is not known here' })
  }
  const answers =
    (act: (req: Request) => Promise<Answer>): RequestHandler =>
    async (req: Request, res: Response) => {
      const { status, body } = await act(req)
      res.status(status).set('Cache-Control', 'no-store').json(body)
    }
  const place = '/ats/greenhouse'
  router.use(place, isKnown, express.json({ limit: '64kb' }))
  router.get(
    `${place}/list_tests`,
    answers(() => greenhouse.listTests()),
  )
  router.post(
    `${place}/send_test`,
    answers((req) => greenhouse.sendTest(req.body)),
  )
  router.get(
    `${place}/test_status`,
    answers((req) => greenhouse.testStatus(query(req, 'partner_interview_id'))),
  )
  router.post(`${place}/response_error`, (req, res) => {
    const { api_call: call, errors } = (req.body ?? {}) as Record<string, unknown>
    // Not the rest of it: a mail address stands there.
    const said = Array.isArray(errors) ? errors.map((one) => String(one).slice(0, 200)).slice(0, 10) : []
    logger.warn({ call: String(call).slice(0, 40), errors: said }, 'Greenhouse could not use an answer')
    res.status(204).end()
  })
  router.use(place, (_req, res) => void res.status(404).json({ error: 'there is no such call' }))
  return router
}
