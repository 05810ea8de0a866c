/** Files of one's data are larger than any form: a limit of their own, and a few of them at a time. */
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { t } from '../i18n/translate.ts'
import { callerOf } from '../pages/caller.ts'
import type { AppDeps } from '../pages/deps.ts'
import { HttpProblem } from '../render/problem.ts'
import { Arrivals, bodyOf } from './arrivals.ts'
import { spooledFormFiles } from './form-files.ts'
import { keepContext } from './language.ts'

export const importPath = '/progress/import'

/** How many come at a time. Each lies on the disk as it comes; how many are read at a time is the reader's to say. */
const arriving = { together: 16, ofOne: 4, leastMs: 10_000, enough: 100_000 }

export function dataFiles({ config, now }: AppDeps): (RequestHandler | ErrorRequestHandler)[] {
  const arrivals = new Arrivals({ ...arriving, now })
  const begin: RequestHandler = (req, res, next) => {
    const { received, cut } = bodyOf(req, res)
    const arrived = arrivals.begin(callerOf(req), received, cut)
    if (!arrived) return next(new HttpProblem(503, t('Other files are being read right now. Try again in a moment.')))
    res.locals.arrived = arrived
    res.once('close', arrived)
    next()
  }
  const arrived: RequestHandler = (_req, res, next) => {
    res.locals.arrived()
    next()
  }
  const tooLarge: ErrorRequestHandler = (error, req, res, next) =>
    keepContext(req, res, () =>
      next((error as { type?: unknown }).type === 'entity.too.large' ? fileTooLarge(config) : error),
    )
  return [begin, spooledFormFiles(config.importMb * 2 ** 20), arrived, tooLarge]
}

export const fileTooLarge = ({ importMb }: AppDeps['config']): HttpProblem =>
  new HttpProblem(413, t('The file is larger than {n} MB, so it was not read. Nothing was added.', { n: importMb }))
