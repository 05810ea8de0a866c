/**
 * Gives each request its id. A proxy that is trusted may have given one already, by which its own log tells of the request; what anybody else
 * sends is not taken, since it would let them write into the log. Each request is told at the level `debug`, by the pattern of its route.
 */
import type { RequestHandler } from 'express'
import type { AppDeps } from '../pages/deps.ts'
import { requestIdOf, runInRequest } from '../request-id.ts'

export function requestIds({ config, logger }: Pick<AppDeps, 'config' | 'logger'>): RequestHandler {
  return (req, res, next) => {
    const id = requestIdOf(config.trustProxy > 0 ? req.get('X-Request-Id') : undefined)
    res.locals.requestId = id
    res.setHeader('X-Request-Id', id)
    const startedMs = performance.now()
    res.once('close', () => {
      const ms = Math.round(performance.now() - startedMs)
      const route: unknown = req.route?.path
      runInRequest(id, () => logger.debug({ method: req.method, route, status: res.statusCode, ms }, 'request'))
    })
    runInRequest(id, next)
  }
}
